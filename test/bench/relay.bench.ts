/**
 * Compares this server with nginx-rtmp under the same load: one stream to many players, then many streams that
 * nobody watches. Then many streams are recorded by this server alone. Prints one table per case. `--help` lists the options.
 */
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../src/base/errors.ts";
import { runBench } from "./bench-entry.ts";
import { type BenchOptions, parseBenchOptions, usage } from "./bench-options.ts";
import { fanOutKbps, fanOutRows, runFanOut } from "./fan-out.ts";
import { ingestKbps, ingestRows, runIngest } from "./ingest.ts";
import { nginxPeer } from "./nginx-peer.ts";
import { ourServer } from "./our-server.ts";
import { runRecording } from "./recording.ts";
import { type Column, type Row, renderTable } from "./table.ts";
import type { Bench, Target } from "./target.ts";

const ourEntry = join(import.meta.dir, "../../src/main.ts");
const withoutGopCache = ourServer("ours, no GOP", ourEntry, ["--gop-cache=false"]);

const readingHelp = `How to read this
  CPU is user and system time of the server process and its children over the measured window, after everybody joined;
  1 GB is 1e9 bytes, counted where they were received. The last columns are quotients: below 1.00 the first one is cheaper.
  Memory is what became resident, so small differences are noise. The load must cost less than the server: where it does not,
  or where the server's core is 100 % busy, delays and joins show the shortage and not the server.
  Delay is from just before the publisher's send to the whole video frame at a probe player, both on one clock.
  A join counts from connect; nginx-rtmp keeps no GOP, so its players wait for the next key frame (2 s apart) by design.
  "no GOP" is --gop-cache=false. "others" is other work on the server's core, "stolen" is time the host took away: with more than a few % repeat the run.
  nginx-rtmp leaves Nagle's algorithm on: its kernel holds up to a segment back, which saves it sends and delays frames,
  the more the larger the segments are (--segment-bytes).
  "received" should be 100 % for the least player, give or take a frame or a segment under way.`;

interface Case<F> {
  readonly title: string;
  readonly rows: readonly Row<F>[];
  readonly targets: readonly Target[];
  readonly run: (target: Target) => Promise<F>;
}

/** The servers asked for; the one to compare with comes last. */
const chooseTargets = (options: BenchOptions, variants: readonly Target[]): readonly Target[] => {
  const targets: Target[] = [];
  if (options.only !== "nginx") {
    if (!existsSync(ourEntry)) throw new ConfigError(`${ourEntry} not found`);
    targets.push(ourServer("ours", ourEntry), ...variants);
  }
  if (options.server !== undefined) {
    if (!existsSync(options.server))
      throw new ConfigError(`--server ${options.server}, expected an existing file`);
    targets.push(ourServer("other build", options.server));
  }
  if (options.only !== "ours") {
    const nginx = nginxPeer();
    if ("missing" in nginx) console.error(`WITHOUT nginx-rtmp: ${nginx.missing}`);
    else targets.push(nginx);
  }
  if (targets.length === 0) throw new ConfigError("no server to measure");
  return targets;
};

/** Runs every target once per round, one after the other, so that slow changes of the machine meet all of them. */
const runCase = async <F>(rounds: number, { title, rows, targets, run }: Case<F>): Promise<void> => {
  const figures = new Map<Target, F[]>(targets.map((target) => [target, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const target of targets) {
      console.error(`  ${title}: ${target.name}, round ${round} of ${rounds}`);
      figures.get(target)?.push(await run(target));
    }
  }
  const columns: Column<F>[] = [...figures].map(([target, results]) => ({
    name: target.name,
    rounds: results,
  }));
  console.log(`\n${title}\n${renderTable(rows, columns)}`);
};

const runAll = async (bench: Bench, options: BenchOptions): Promise<void> => {
  const { seconds, rounds } = options;
  console.log(
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Bun ${Bun.version}; ${bench.pinning.note}`,
  );
  console.log(
    `windows of ${seconds} s, ${rounds} round(s)${rounds > 1 ? ", medians" : ""}; everything on 127.0.0.1`,
  );
  for (const players of options.players) {
    await runCase(rounds, {
      title: `One ${fanOutKbps / 1000} Mbit/s 720p30 stream to ${players} players`,
      rows: fanOutRows,
      targets: chooseTargets(options, []),
      run: (target) => runFanOut(bench, target, { players, seconds }),
    });
  }
  if (options.publishers > 0) {
    const { publishers } = options;
    await runCase(rounds, {
      title: `${publishers} publishers of ${ingestKbps / 1000} Mbit/s, nobody watching`,
      rows: ingestRows,
      targets: chooseTargets(options, [withoutGopCache]),
      run: (target) => runIngest(bench, target, { publishers, seconds }),
    });
  }
  const { recorded: streams } = options;
  if (streams > 0 && options.only !== "nginx")
    console.log(`\n${await runRecording(bench, { streams, seconds, rounds, server: ourEntry })}`);
  console.log(`\n${readingHelp}`);
};

process.exitCode = await runBench({
  name: "relay",
  usage,
  parse: parseBenchOptions,
  run: (bench, options) => runAll({ ...bench, segmentBytes: options.segmentBytes }, options),
});
