/**
 * What questions to the control API cost a relay: one stream to many players, with and without somebody who asks all the time. Prints
 * one table. `--help` lists the options.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../../src/base/errors.ts";
import { runBench } from "./bench-entry.ts";
import { fanOutKbps } from "./fan-out.ts";
import { Load } from "./load.ts";
import { ourServer } from "./our-server.ts";
import { type Column, type Row, renderTable } from "./table.ts";
import { type Bench, freePort, startServer } from "./target.ts";
import { measureWindow, type WindowCost } from "./window.ts";

const usage = `bun test/bench/api-live.bench.ts [options]
  --players 1000  players of the stream
  --requests 100  requests per second
  --seconds 10    length of each measured window
  --rounds 1      repeat, alternating the columns, and show medians
  --server PATH   another build of the server: an executable, or a main.ts`;

const readingHelp = `How to read this
  "asked" gets, by turns, /v3/paths/list, /v3/paths/get/live/bench0 (which names every player), /v3/rtmpconns/list (a page of 100) and
  /v3/config/paths/list. Delay is from just before the publisher's send to the whole video frame at a probe player, on one clock.`;

const questions = ["paths/list", "paths/get/live%2Fbench0", "rtmpconns/list", "config/paths/list"];

interface Options {
  readonly players: number;
  readonly requests: number;
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
  readonly answered: number;
  readonly answerMs: readonly [p50: number, p99: number];
}

const rows: readonly Row<Figures>[] = [
  { label: "one-way delay, p50 / p99 ms", values: (f) => f.delayMs, digits: 2, compared: true },
  { label: "video frames the probes missed", values: (f) => [f.framesLost], digits: 0 },
  { label: "players never joined or gone", values: (f) => [f.absent], digits: 0 },
  { label: "server CPU, % of a core", values: (f) => [f.cpuShare], digits: 1, compared: true },
  { label: "core: server / others / stolen, %", values: (f) => f.core, digits: 0 },
  { label: "answers per second", values: (f) => [f.answered], digits: 0 },
  { label: "answer after, p50 / p99 ms", values: (f) => f.answerMs, digits: 1 },
];

/** Asks the control API so often a second until it is disposed of, whatever the answers take. */
class Asker implements Disposable {
  readonly times: number[] = [];
  readonly #startedAt = performance.now();
  readonly #timer: Timer | undefined;
  #count = 0;

  constructor({ port, requests }: { port: number; requests: number }) {
    if (requests > 0) this.#timer = setInterval(() => void this.#ask(port), 1_000 / requests);
  }

  get perSecond(): number {
    return (this.times.length * 1_000) / (performance.now() - this.#startedAt);
  }

  /** The time within which this share of all answers came, in milliseconds. */
  quantile(share: number): number {
    const sorted = this.times.toSorted((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #ask(port: number): Promise<void> {
    const startedAt = performance.now();
    const question = questions[this.#count++ % questions.length] ?? "";
    const response = await fetch(`http://127.0.0.1:${port}/v3/${question}`);
    await response.bytes();
    if (response.status !== 200) throw new Error(`${question}: status ${response.status}, expected 200`);
    this.times.push(performance.now() - startedAt);
  }
}

const runVariant = async (bench: Bench, requests: number, options: Options): Promise<Figures> => {
  const { players: count, seconds } = options;
  const apiPort = freePort();
  const target = ourServer(requests === 0 ? "quiet" : "asked", options.server, [
    ...["--api-address", `127.0.0.1:${apiPort}`, "--metrics=false"],
  ]);
  await using server = await startServer(bench, target, count);
  const common = { port: server.port, kbps: fanOutKbps };
  await using publisher = new Load(bench, "publishers", { ...common, count: 1, seconds: 300, name: "bench" });
  if ((await publisher.report("open")).figure("started") !== 1)
    throw new Error(`${target.name}: did not let the publisher in`);
  await using players = new Load(bench, "players", { ...common, count, seconds, name: "bench0" });
  using asker = new Asker({ port: apiPort, requests });
  const cost = await measureWindow(bench, server, { leading: players, loads: [players, publisher] });
  const { perSecond } = asker;
  const result = await players.report("result");
  return {
    delayMs: [result.figure("delayMsP50"), result.figure("delayMsP99")],
    framesLost: result.figure("framesLost"),
    absent: count - result.figure("joined") + result.figure("disconnected"),
    cpuShare: (100 * cost.serverCpuSeconds) / seconds,
    core: cost.core,
    answered: perSecond,
    answerMs: [asker.quantile(0.5), asker.quantile(0.99)],
  };
};

/** @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option */
const parseOptions = (argv: readonly string[]): Options | "help" => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      players: { type: "string", default: "1000" },
      requests: { type: "string", default: "100" },
      seconds: { type: "string", default: "10" },
      rounds: { type: "string", default: "1" },
      server: { type: "string", default: join(import.meta.dir, "../../src/main.ts") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const number = (name: "players" | "requests" | "seconds" | "rounds"): number => {
    if (/^[1-9]\d{0,4}$/.test(values[name])) return Number(values[name]);
    throw new ConfigError(`--${name} ${values[name]}, expected a whole number from 1 to 99999`);
  };
  return {
    players: number("players"),
    requests: number("requests"),
    seconds: number("seconds"),
    rounds: number("rounds"),
    server: values.server,
  };
};

const runAll = async (bench: Bench, options: Options): Promise<void> => {
  const { players, requests, seconds, rounds } = options;
  const figures = new Map<string, Figures[]>([
    ["asked", []],
    ["quiet", []],
  ]);
  for (let round = 1; round <= rounds; round++) {
    for (const [name, results] of figures) {
      console.error(`  ${name}, round ${round} of ${rounds}`);
      results.push(await runVariant(bench, name === "asked" ? requests : 0, options));
    }
  }
  const columns: Column<Figures>[] = [...figures].map(([name, results]) => ({ name, rounds: results }));
  console.log(
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Bun ${Bun.version}; ${bench.pinning.note}`,
  );
  console.log(`windows of ${seconds} s, ${rounds} round(s); everything on 127.0.0.1`);
  console.log(
    `\nOne ${fanOutKbps / 1000} Mbit/s stream to ${players} players, ${requests} requests/s\n${renderTable(rows, columns)}`,
  );
  console.log(`\n${readingHelp}`);
};

process.exitCode = await runBench({ name: "api-live", usage, parse: parseOptions, run: runAll });
