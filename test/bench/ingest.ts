import { Load } from "./load.ts";
import { usageOf } from "./process-usage.ts";
import type { Row } from "./table.ts";
import { type Bench, startServer, type Target } from "./target.ts";
import { measureWindow, type WindowCost } from "./window.ts";

/** Payload of each published stream. */
export const ingestKbps = 2400;

/** Many streams that nobody watches: the figures of one run. */
export interface IngestFigures {
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

/** Publishes `publishers` streams to `target` in real time and measures `seconds` of it. */
export const runIngest = async (
  bench: Bench,
  target: Target,
  { publishers: count, seconds }: { readonly publishers: number; readonly seconds: number },
): Promise<IngestFigures> => {
  await using server = await startServer(bench, target, count);
  await Bun.sleep(500); // lets the start-up work end before its memory is read
  const residentBefore = usageOf(server.pid).residentBytes;
  const options = { port: server.port, kbps: ingestKbps, count, seconds, name: "bench" };
  await using publishers = new Load(bench, "publishers", options);
  const cost = await measureWindow(bench, server, { leading: publishers, loads: [publishers] });
  const result = await publishers.report("result");
  const gigabytes = result.figure("bytes") / 1e9;
  const due = result.figure("offeredBytes");
  return {
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
