/**
 * What those who look at the dashboard cost a server with many streams, and how the page does with them. Prints one table. `--help` lists
 * the options.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../../src/base/errors.ts";
import { Browser } from "../e2e/harness/browser.ts";
import { runBench } from "./bench-entry.ts";
import { Load } from "./load.ts";
import { ourServer } from "./our-server.ts";
import { usageOf } from "./process-usage.ts";
import { type Column, type Row, renderTable } from "./table.ts";
import { type Bench, freePort, startServer } from "./target.ts";

const usage = `bun test/bench/dashboard.bench.ts [options]
  --streams 1000  streams that are published
  --watchers 20   those who follow the live feed at once
  --kbps 500      of each stream, 500 at least
  --seconds 8     length of each measured window
  --server PATH   another build of the server: an executable, or a main.ts`;

const readingHelp = `How to read this
  "nobody" looks at nothing, "one" and "many" read /v3/live, "page" is the dashboard in a headless Chromium with a software renderer.
  The longest task is how long the page did nothing else; above 50 ms somebody would notice.`;

interface Options {
  readonly streams: number;
  readonly watchers: number;
  readonly kbps: number;
  readonly seconds: number;
  readonly server: string;
}

interface Figures {
  readonly started: number;
  readonly cpuShare: number;
  readonly residentMegabytes: number;
  readonly feedKilobytes: number;
  readonly messages: number;
  readonly firstTableMs: number;
  readonly longestTaskMs: number;
  readonly taskShare: number;
}

const rows: readonly Row<Figures>[] = [
  { label: "streams published", values: (f) => [f.started], digits: 0 },
  { label: "server CPU, % of a core", values: (f) => [f.cpuShare], digits: 1, compared: true },
  { label: "server memory, MB", values: (f) => [f.residentMegabytes], digits: 0 },
  { label: "feed of one watcher, KB/s", values: (f) => [f.feedKilobytes], digits: 1 },
  { label: "messages of one watcher per second", values: (f) => [f.messages], digits: 2 },
  { label: "page: first table after, ms", values: (f) => [f.firstTableMs], digits: 0 },
  { label: "page: longest task, ms", values: (f) => [f.longestTaskMs], digits: 0 },
  { label: "page: tasks over 50 ms, % of the time", values: (f) => [f.taskShare], digits: 1 },
];

/** One who reads the feed, and counts. */
class Follower implements AsyncDisposable {
  readonly #end = new AbortController();
  readonly #startedAt = performance.now();
  #bytes = 0;
  #messages = 0;

  constructor(url: string) {
    this.#read(url).catch((error: unknown) => {
      if (!this.#end.signal.aborted) throw error;
    });
  }

  get kilobytesPerSecond(): number {
    return this.#bytes / (performance.now() - this.#startedAt);
  }

  get messagesPerSecond(): number {
    return (this.#messages * 1_000) / (performance.now() - this.#startedAt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
  }

  async #read(url: string): Promise<void> {
    const response = await fetch(url, { signal: this.#end.signal });
    if (response.status !== 200) throw new Error(`${url}: status ${response.status}, expected 200`);
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      this.#bytes += chunk.length;
      if (chunk.at(-1) === 10) this.#messages++;
    }
  }
}

/** How the page did while it was open. */
interface PageFigures {
  readonly firstTableMs: number;
  readonly longestTaskMs: number;
  readonly taskShare: number;
}

const lookAtPage = async (url: string, seconds: number): Promise<PageFigures> => {
  await using browser = await Browser.start();
  await using tab = await browser.open("about:blank");
  await tab.page.addInitScript(
    "window.tasks = []; new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((each) => each.duration))).observe({ type: 'longtask', buffered: true });",
  );
  const startedAt = performance.now();
  await tab.page.goto(url);
  await tab.page.getByRole("heading", { name: "Streams" }).waitFor();
  const firstTableMs = performance.now() - startedAt;
  await tab.page.evaluate("window.tasks.splice(0)");
  await tab.page.waitForTimeout(seconds * 1_000);
  const tasks = (await tab.page.evaluate("window.tasks")) as readonly number[];
  const sum = tasks.reduce((total, ms) => total + ms, 0);
  return { firstTableMs, longestTaskMs: Math.max(0, ...tasks), taskShare: sum / seconds / 10 };
};

type Variant = "nobody" | "one" | "many" | "page";

/** Everybody has come by then, and what is made once is made, in milliseconds. */
const settleMs = 3_000;

const runVariant = async (bench: Bench, variant: Variant, options: Options): Promise<Figures> => {
  const { streams, watchers, kbps, seconds } = options;
  const apiPort = freePort();
  const flags = ["--api-address", `127.0.0.1:${apiPort}`, "--metrics=false", "--rtsp=false", "--hls=false"];
  await using server = await startServer(bench, ourServer(variant, options.server, flags), streams);
  const load = { port: server.port, count: streams, kbps, seconds: 300, name: "s" };
  await using publishers = new Load(bench, "publishers", load);
  const started = (await publishers.report("open")).figure("started");
  await using stack = new AsyncDisposableStack();
  const count = variant === "many" ? watchers : variant === "one" ? 1 : 0;
  const base = `http://127.0.0.1:${apiPort}`;
  const followers = Array.from({ length: count }, () => stack.use(new Follower(`${base}/v3/live`)));
  const page = variant === "page" ? lookAtPage(`${base}/`, seconds + settleMs / 1_000) : undefined;
  await Bun.sleep(settleMs);
  const before = usageOf(server.pid).cpuSeconds;
  await Bun.sleep(seconds * 1_000);
  const { cpuSeconds, residentBytes } = usageOf(server.pid);
  const seen = await page;
  const [first] = followers;
  return {
    started,
    cpuShare: (100 * (cpuSeconds - before)) / seconds,
    residentMegabytes: residentBytes / 1e6,
    feedKilobytes: first?.kilobytesPerSecond ?? Number.NaN,
    messages: first?.messagesPerSecond ?? Number.NaN,
    firstTableMs: seen?.firstTableMs ?? Number.NaN,
    longestTaskMs: seen?.longestTaskMs ?? Number.NaN,
    taskShare: seen?.taskShare ?? Number.NaN,
  };
};

/** @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option */
const parseOptions = (argv: readonly string[]): Options | "help" => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      streams: { type: "string", default: "1000" },
      watchers: { type: "string", default: "20" },
      kbps: { type: "string", default: "500" },
      seconds: { type: "string", default: "8" },
      server: { type: "string", default: join(import.meta.dir, "../../src/main.ts") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const number = (name: "streams" | "watchers" | "kbps" | "seconds"): number => {
    if (/^[1-9]\d{0,4}$/.test(values[name])) return Number(values[name]);
    throw new ConfigError(`--${name} ${values[name]}, expected a whole number from 1 to 99999`);
  };
  return {
    streams: number("streams"),
    watchers: number("watchers"),
    kbps: number("kbps"),
    seconds: number("seconds"),
    server: values.server,
  };
};

const runAll = async (bench: Bench, options: Options): Promise<void> => {
  const { streams, watchers, kbps, seconds } = options;
  const columns: Column<Figures>[] = [];
  for (const variant of ["page", "many", "one", "nobody"] as const) {
    console.error(`  ${variant}`);
    columns.push({ name: variant, rounds: [await runVariant(bench, variant, options)] });
  }
  console.log(
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Bun ${Bun.version}; ${bench.pinning.note}`,
  );
  console.log(`windows of ${seconds} s; everything on 127.0.0.1`);
  console.log(`\n${streams} streams of ${kbps} kbit/s, ${watchers} watchers\n${renderTable(rows, columns)}`);
  console.log(`\n${readingHelp}`);
};

process.exitCode = await runBench({ name: "dashboard", usage, parse: parseOptions, run: runAll });
