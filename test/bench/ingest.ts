import { Load } from "./load.ts";
import { usageOf } from "./process-usage.ts";
import type { Row } from "./table.ts";
import { type Bench, type RunningServer, startServer, type Target } from "./target.ts";
import { measureWindow, type WindowCost } from "./window.ts";

/** Payload of each published stream. */
export const ingestKbps = 2400;

/** Many streams that nobody watches: the figures of one run. */
export interface IngestFigures {
  /** What the server takes of a core for each stream, in per cent. */
  readonly cpuPerStream: number;
  readonly cpuPerGigabyte: number;
  readonly core: WindowCost["core"];
  readonly loadCpuPerGigabyte: number;
  readonly residentBefore: number;
  readonly residentPerPublisher: number;
  /** What the server's sockets took of what was due, in per cent: all publishers, and the slowest. */
  readonly taken: readonly [all: number, least: number];
  readonly lateMs: readonly [p50: number, p99: number];
  readonly absent: number;
  readonly disconnected: number;
}

/** What each line of the ingest table shows. */
export const ingestRows: readonly Row<IngestFigures>[] = [
  { label: "server CPU s per GB received", values: (f) => [f.cpuPerGigabyte], digits: 3, compared: true },
  { label: "core: server / others / stolen, %", values: (f) => f.core, digits: 0 },
  { label: "load CPU s per GB sent", values: (f) => [f.loadCpuPerGigabyte], digits: 3 },
  {
    label: "server memory before publishers, MB",
    values: (f) => [f.residentBefore / 1e6],
    digits: 1,
    compared: true,
  },
  {
    label: "server memory per publisher, kB",
    values: (f) => [f.residentPerPublisher / 1e3],
    digits: 1,
    compared: true,
  },
  { label: "taken of what was due, all / slowest %", values: (f) => f.taken, digits: 1 },
  { label: "packets sent late by, p50 / p99 ms", values: (f) => f.lateMs, digits: 1 },
  { label: "publishers never started / disconnected", values: (f) => [f.absent, f.disconnected], digits: 0 },
];

/** What to publish. */
export interface IngestOptions {
  readonly publishers: number;
  /** Length of the measured window. */
  readonly seconds: number;
  /** Payload of each stream: {@link ingestKbps} unless given. */
  readonly kbps?: number;
  /** Looks at the server when the window is over and everybody still publishes. */
  readonly look?: (server: RunningServer) => void;
}

/** Publishes streams to `target` in real time and measures a window of it. */
export const runIngest = async (
  bench: Bench,
  target: Target,
  { publishers: count, seconds, kbps = ingestKbps, look }: IngestOptions,
): Promise<IngestFigures> => {
  await using server = await startServer(bench, target, count);
  await Bun.sleep(500); // lets the start-up work end before its memory is read
  const residentBefore = usageOf(server.pid).residentBytes;
  const options = { port: server.port, kbps, count, seconds, name: "bench" };
  await using publishers = new Load(bench, "publishers", options);
  const cost = await measureWindow(bench, server, { leading: publishers, loads: [publishers] });
  look?.(server);
  const result = await publishers.report("result");
  const gigabytes = result.figure("bytes") / 1e9;
  const due = result.figure("offeredBytes");
  return {
    cpuPerStream: (100 * cost.serverCpuSeconds) / result.figure("seconds") / count,
    cpuPerGigabyte: cost.serverCpuSeconds / gigabytes,
    core: cost.core,
    loadCpuPerGigabyte: cost.loadCpuSeconds / gigabytes,
    residentBefore,
    residentPerPublisher: (cost.residentBytes - residentBefore) / count,
    taken: [(100 * result.figure("bytes")) / due, (100 * result.figure("leastBytes") * count) / due],
    lateMs: [result.figure("lateMsP50"), result.figure("lateMsP99")],
    absent: count - result.figure("started"),
    disconnected: result.figure("disconnected"),
  };
};
