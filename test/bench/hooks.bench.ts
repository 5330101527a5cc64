/**
 * What hooks cost a relay: one stream to many players while connections come and go, with every event written to standard output
 * and posted to a webhook, and without hooks. Prints one table. `--help` lists the options.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../../src/base/errors.ts";
import { runBench } from "./bench-entry.ts";
import { ConnectionChurn, CountingReceiver } from "./event-load.ts";
import { fanOutKbps } from "./fan-out.ts";
import { Load } from "./load.ts";
import { ourServer } from "./our-server.ts";
import { type Column, type Row, renderTable } from "./table.ts";
import { type Bench, startServer } from "./target.ts";
import { measureWindow, type WindowCost } from "./window.ts";

const usage = `bun test/bench/hooks.bench.ts [options]
  --players 200   players of the stream
  --events 1000   events per second: half as many clients connect and leave at once
  --concurrency 100
                  executions at once
  --seconds 10    length of each measured window
  --rounds 1      repeat, alternating the columns, and show medians
  --server PATH   another build of the server: an executable, or a main.ts`;

const readingHelp = `How to read this
  Every column has the same players, and all but "quiet" the same connections that come and go. "hooks" keeps events in memory until
  they are delivered, "stored" on disk (--hook-delivery-guarantee at-least-once).
  Delay is from just before the publisher's send to the whole video frame at a probe player, both on one clock.
  Events go to standard output, which is a file here, and to a webhook on this machine, which shares its core with the load.
  "posted" is what the webhook had received when the window ended, in per cent of what standard output had.`;

interface Options {
  readonly players: number;
  readonly events: number;
  readonly concurrency: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly server: string;
}

interface Figures {
  readonly delayMs: readonly [p50: number, p99: number];
  readonly framesLost: number;
  readonly absent: number;
  readonly cpuShare: number;
  readonly core: WindowCost["core"];
  readonly residentBytes: number;
  readonly churned: number;
  readonly written: number;
  readonly posted: number;
}

const rows: readonly Row<Figures>[] = [
  { label: "one-way delay, p50 / p99 ms", values: (f) => f.delayMs, digits: 2, compared: true },
  { label: "video frames the probes missed", values: (f) => [f.framesLost], digits: 0 },
  { label: "players never joined or gone", values: (f) => [f.absent], digits: 0 },
  { label: "server CPU, % of a core", values: (f) => [f.cpuShare], digits: 1, compared: true },
  { label: "core: server / others / stolen, %", values: (f) => f.core, digits: 0 },
  { label: "server memory, MB", values: (f) => [f.residentBytes / 1e6], digits: 1, compared: true },
  { label: "events raised by connections, per s", values: (f) => [f.churned], digits: 0 },
  { label: "events written, per s", values: (f) => [f.written], digits: 0 },
  { label: "posted, % of written", values: (f) => [f.posted], digits: 1 },
];

/** One column: whether there are hooks, whether their events are stored first, and whether connections come and go. */
interface Variant {
  readonly name: string;
  readonly hooks: "none" | "in memory" | "stored";
  readonly hasChurn: boolean;
}

const variants: readonly Variant[] = [
  { name: "stored", hooks: "stored", hasChurn: true },
  { name: "hooks", hooks: "in memory", hasChurn: true },
  { name: "quiet", hooks: "none", hasChurn: false },
  { name: "no hooks", hooks: "none", hasChurn: true },
];

const flagsOf = ({ hooks }: Variant, url: string, { concurrency }: Options, directory: string): string[] => {
  if (hooks === "none") return [];
  const both = ["--hook-stdio-format", "json", "--hook-webhook", `*=${url}`];
  const flags = [...both, "--hook-concurrency", String(concurrency)];
  if (hooks === "in memory") return flags;
  return [...flags, "--hook-delivery-guarantee", "at-least-once", "--hook-data-dir", directory];
};

/** Lines of the events that `server` has written. */
const countLines = async (file: string): Promise<number> =>
  (await Bun.file(file).text()).split("\n").length - 1;

const runVariant = async (bench: Bench, variant: Variant, options: Options): Promise<Figures> => {
  const { players: count, seconds } = options;
  await using receiver = new CountingReceiver();
  const store = mkdtempSync(join(tmpdir(), "hooks-bench-store-"));
  using _removed = { [Symbol.dispose]: () => rmSync(store, { recursive: true, force: true }) };
  const own = ourServer(variant.name, options.server, flagsOf(variant, receiver.url, options, store));
  let output = "";
  const command: typeof own.command = (place) => {
    output = join(place.directory, "output.log");
    return own.command(place);
  };
  await using server = await startServer(bench, { name: own.name, command }, count);
  const common = { port: server.port, kbps: fanOutKbps };
  await using publisher = new Load(bench, "publishers", { ...common, count: 1, seconds: 300, name: "bench" });
  if ((await publisher.report("open")).figure("started") !== 1)
    throw new Error(`${variant.name}: did not let the publisher in`);
  const startedAt = performance.now();
  using churn = variant.hasChurn
    ? new ConnectionChurn({ port: server.port, eventsPerSecond: options.events })
    : undefined;
  await using players = new Load(bench, "players", { ...common, count, seconds, name: "bench0" });
  const cost = await measureWindow(bench, server, { leading: players, loads: [players, publisher] });
  const posted = receiver.count;
  const written = await countLines(output);
  const elapsed = (performance.now() - startedAt) / 1000;
  const result = await players.report("result");
  return {
    delayMs: [result.figure("delayMsP50"), result.figure("delayMsP99")],
    framesLost: result.figure("framesLost"),
    absent: count - result.figure("joined") + result.figure("disconnected"),
    cpuShare: (100 * cost.serverCpuSeconds) / seconds,
    core: cost.core,
    residentBytes: cost.residentBytes,
    churned: churn?.eventsPerSecond ?? 0,
    written: written / elapsed,
    posted: (100 * posted) / written,
  };
};

/** @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option */
const parseOptions = (argv: readonly string[]): Options | "help" => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      players: { type: "string", default: "200" },
      events: { type: "string", default: "1000" },
      concurrency: { type: "string", default: "100" },
      seconds: { type: "string", default: "10" },
      rounds: { type: "string", default: "1" },
      server: { type: "string", default: join(import.meta.dir, "../../src/main.ts") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const number = (name: "players" | "events" | "concurrency" | "seconds" | "rounds"): number => {
    if (/^[1-9]\d{0,4}$/.test(values[name])) return Number(values[name]);
    throw new ConfigError(`--${name} ${values[name]}, expected a whole number from 1 to 99999`);
  };
  return {
    players: number("players"),
    events: number("events"),
    concurrency: number("concurrency"),
    seconds: number("seconds"),
    rounds: number("rounds"),
    server: values.server,
  };
};

const runAll = async (bench: Bench, options: Options): Promise<void> => {
  const { players, events, seconds, rounds } = options;
  const figures = new Map<Variant, Figures[]>(variants.map((variant) => [variant, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const variant of variants) {
      console.error(`  ${variant.name}, round ${round} of ${rounds}`);
      figures.get(variant)?.push(await runVariant(bench, variant, options));
    }
  }
  const columns: Column<Figures>[] = [...figures].map(([{ name }, results]) => ({ name, rounds: results }));
  console.log(
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Bun ${Bun.version}; ${bench.pinning.note}`,
  );
  console.log(`windows of ${seconds} s, ${rounds} round(s); everything on 127.0.0.1`);
  console.log(
    `\nOne ${fanOutKbps / 1000} Mbit/s stream to ${players} players, ${events} events/s\n${renderTable(rows, columns)}`,
  );
  console.log(`\n${readingHelp}`);
};

process.exitCode = await runBench({ name: "hooks", usage, parse: parseOptions, run: runAll });
