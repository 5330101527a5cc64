/**
 * What HLS costs: viewers of one stream, who poll its playlist, fetch its segments, or follow it part by part; and streams that HLS is made
 * of while nobody watches. Prints two tables. `--help` lists the options.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../../src/base/errors.ts";
import { runBench } from "./bench-entry.ts";
import type { ViewerHabit } from "./hls-viewer.ts";
import type { ViewersOrder } from "./hls-viewers.ts";
import { Load, ProgramLoad } from "./load.ts";
import { ourServer } from "./our-server.ts";
import { usageOf } from "./process-usage.ts";
import { type Column, type Row, renderTable } from "./table.ts";
import { type Bench, freePort, startServer } from "./target.ts";
import { measureWindow, type WindowCost } from "./window.ts";

const usage = `bun test/bench/hls.bench.ts [options]
  --viewers 1000  viewers of one stream
  --streams 50    streams that HLS is made of
  --kbps 500      of each stream
  --seconds 10    length of each measured window
  --rounds 1      repeat, alternating the columns, and show medians
  --server PATH   another build of the server: an executable, or a main.ts`;

const readingHelp = `How to read this
  "playlists" look at the playlist every second; "segments" also fetch each segment (key frames every 2 s); "parts" wait for each part of
  200 ms and fetch it. CPU is user and system time over the measured window, after everybody joined. "behind" is how long ago the newest
  media of a playlist had come in when the viewer had the playlist.
  "made" has HLS made of every stream (hlsAlwaysRemux) while nobody watches, "not made" has it off.`;

/** So much of a core viewers may cost that poll. */
const wantedShare = 20;

interface ViewerFigures {
  readonly cpuShare: number;
  readonly core: WindowCost["core"];
  readonly loadShare: number;
  readonly requests: number;
  readonly megabytes: number;
  readonly behindMs: readonly [p50: number, p99: number];
  readonly failed: number;
}

const viewerRows: readonly Row<ViewerFigures>[] = [
  { label: "server CPU, % of a core", values: (f) => [f.cpuShare], digits: 1 },
  { label: "core: server / others / stolen, %", values: (f) => f.core, digits: 0 },
  { label: "load CPU, % of a core", values: (f) => [f.loadShare], digits: 1 },
  { label: "requests per second", values: (f) => [f.requests], digits: 0 },
  { label: "MB per second", values: (f) => [f.megabytes], digits: 1 },
  { label: "behind, p50 / p99 ms", values: (f) => f.behindMs, digits: 0 },
  { label: "requests that failed", values: (f) => [f.failed], digits: 0 },
];

interface StreamFigures {
  readonly cpuPerStream: number;
  readonly megabytesPerStream: number;
}

const streamRows: readonly Row<StreamFigures>[] = [
  { label: "server CPU per stream, % of a core", values: (f) => [f.cpuPerStream], digits: 2, compared: true },
  { label: "memory per stream, MB", values: (f) => [f.megabytesPerStream], digits: 1, compared: true },
];

interface Options {
  readonly viewers: number;
  readonly streams: number;
  readonly kbps: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly server: string;
}

/** @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option */
const parseOptions = (argv: readonly string[]): Options | "help" => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      viewers: { type: "string", default: "1000" },
      streams: { type: "string", default: "50" },
      kbps: { type: "string", default: "500" },
      seconds: { type: "string", default: "10" },
      rounds: { type: "string", default: "1" },
      server: { type: "string", default: join(import.meta.dir, "../../src/main.ts") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const number = (name: "viewers" | "streams" | "kbps" | "seconds" | "rounds"): number => {
    if (/^[1-9]\d{0,4}$/.test(values[name])) return Number(values[name]);
    throw new ConfigError(`--${name} ${values[name]}, expected a whole number from 1 to 99999`);
  };
  return {
    viewers: number("viewers"),
    streams: number("streams"),
    kbps: number("kbps"),
    seconds: number("seconds"),
    rounds: number("rounds"),
    server: values.server,
  };
};

const serverFlags = (port: number, more: readonly string[]): string[] => [
  ...["--hls-address", `127.0.0.1:${port}`, "--rtsp=false", "--api=false", "--metrics=false"],
  ...more,
];

const publish = async (
  bench: Bench,
  port: number,
  { count, kbps }: { count: number; kbps: number },
): Promise<Load> => {
  const publisher = new Load(bench, "publishers", { port, kbps, count, seconds: 300, name: "bench" });
  if ((await publisher.report("open")).figure("started") !== count)
    throw new Error("the server did not let the publishers in");
  return publisher;
};

const runViewers = async (bench: Bench, habit: ViewerHabit, options: Options): Promise<ViewerFigures> => {
  const { viewers: count, seconds, kbps } = options;
  const port = freePort();
  const variant = ["--hls-variant", habit === "parts" ? "lowLatency" : "fmp4"];
  await using server = await startServer(
    bench,
    ourServer(habit, options.server, serverFlags(port, variant)),
    count,
  );
  await using publisher = await publish(bench, server.port, { count: 1, kbps });
  const order: ViewersOrder = { port, path: "live/bench0", count, habit, seconds };
  const program = [process.execPath, join(import.meta.dir, "hls-viewers.ts"), JSON.stringify(order)];
  await using viewers = new ProgramLoad(bench, program);
  const cost = await measureWindow(bench, server, { leading: viewers, loads: [viewers, publisher] });
  const result = await viewers.report("result");
  return {
    cpuShare: (100 * cost.serverCpuSeconds) / seconds,
    core: cost.core,
    loadShare: (100 * cost.loadCpuSeconds) / seconds,
    requests: result.figure("requests") / seconds,
    megabytes: result.figure("bytes") / seconds / 1e6,
    behindMs: [result.figure("behindMsP50"), result.figure("behindMsP99")],
    failed: result.figure("failed"),
  };
};

/** Segments that were on the list have all been replaced by then, and their memory has its size, in seconds. */
const fillSeconds = 30;

const runStreams = async (bench: Bench, isMade: boolean, options: Options): Promise<StreamFigures> => {
  const { streams: count, seconds, kbps } = options;
  const flags = serverFlags(freePort(), isMade ? ["--hls-always-remux"] : []);
  await using server = await startServer(bench, ourServer("streams", options.server, flags), count);
  const atStart = usageOf(server.pid).residentBytes;
  await using _publishers = await publish(bench, server.port, { count, kbps });
  await Bun.sleep(fillSeconds * 1_000);
  const before = usageOf(server.pid);
  await Bun.sleep(seconds * 1_000);
  const after = usageOf(server.pid);
  return {
    cpuPerStream: (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds / count,
    megabytesPerStream: (after.residentBytes - atStart) / count / 1e6,
  };
};

/** Runs each column in turn, `rounds` times. */
const columnsOf = async <Figures>(
  names: readonly string[],
  rounds: number,
  run: (name: string) => Promise<Figures>,
): Promise<Column<Figures>[]> => {
  const figures = new Map<string, Figures[]>(names.map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++)
    for (const [name, results] of figures) {
      console.error(`  ${name}, round ${round} of ${rounds}`);
      results.push(await run(name));
    }
  return [...figures].map(([name, results]) => ({ name, rounds: results }));
};

const habits: readonly ViewerHabit[] = ["playlists", "segments", "parts"];

const runAll = async (bench: Bench, options: Options): Promise<void> => {
  const { viewers, streams, kbps, rounds } = options;
  const watched = await columnsOf(habits, rounds, (name) => runViewers(bench, name as ViewerHabit, options));
  const unwatched = await columnsOf(["made", "not made"], rounds, (name) =>
    runStreams(bench, name === "made", options),
  );
  const { model } = cpus()[0] ?? { model: "" };
  console.log(`${model.trim()}, ${cpus().length} cores, Bun ${Bun.version}; ${bench.pinning.note}`);
  console.log(
    `\nOne stream of ${kbps} kbit/s, ${viewers} viewers by HLS\n${renderTable(viewerRows, watched)}`,
  );
  const polling = watched[0]?.rounds.map(({ cpuShare }) => cpuShare.toFixed(1)).join(", ");
  console.log(`\nViewers that poll, % of a core, round by round: ${polling}; wanted: below ${wantedShare}`);
  console.log(
    `\n${streams} streams of ${kbps} kbit/s that nobody watches\n${renderTable(streamRows, unwatched)}`,
  );
  console.log(`\n${readingHelp}`);
};

process.exitCode = await runBench({ name: "hls", usage, parse: parseOptions, run: runAll });
