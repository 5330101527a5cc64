import { Load, type LoadReport, type LoadRole } from "./load.ts";
import { usageOf } from "./process-usage.ts";
import type { Row } from "./table.ts";
import { type Bench, startServer, type Target } from "./target.ts";
import { measureWindow, type WindowCost } from "./window.ts";

/** Payload of the published stream: 720p30 as streamers send it. */
export const fanOutKbps = 2650;

/** One stream to many players: the figures of one run. */
export interface FanOutFigures {
  readonly cpuPerGigabyte: number;
  readonly core: WindowCost["core"];
  readonly loadCpuPerGigabyte: number;
  readonly residentBefore: number;
  readonly residentPerPlayer: number;
  readonly firstMediaMs: readonly [p50: number, p99: number];
  readonly firstKeyMs: readonly [p50: number, p99: number];
  readonly delayMs: readonly [p50: number, p99: number];
  /** Of what was published, in per cent. */
  readonly received: readonly [least: number, median: number, most: number];
  readonly framesLost: number;
  /** RTP packets, by their numbers: of the probes, and of everybody until it had joined. NaN where there are none. */
  readonly packetsLost: number;
  readonly absent: number;
  readonly disconnected: number;
}

/** What each line of the fan-out table shows. */
export const fanOutRows: readonly Row<FanOutFigures>[] = [
  { label: "server CPU s per GB delivered", values: (f) => [f.cpuPerGigabyte], digits: 3, compared: true },
  { label: "core: server / others / stolen, %", values: (f) => f.core, digits: 0 },
  { label: "load CPU s per GB delivered", values: (f) => [f.loadCpuPerGigabyte], digits: 3 },
  {
    label: "server memory before players, MB",
    values: (f) => [f.residentBefore / 1e6],
    digits: 1,
    compared: true,
  },
  {
    label: "server memory per player, kB",
    values: (f) => [f.residentPerPlayer / 1e3],
    digits: 1,
    compared: true,
  },
  { label: "join to first media, p50 / p99 ms", values: (f) => f.firstMediaMs, digits: 1, compared: true },
  { label: "join to first key frame, p50 / p99 ms", values: (f) => f.firstKeyMs, digits: 1, compared: true },
  { label: "one-way delay, p50 / p99 ms", values: (f) => f.delayMs, digits: 1, compared: true },
  { label: "received, least / median / most %", values: (f) => f.received, digits: 1 },
  { label: "video frames the probes missed", values: (f) => [f.framesLost], digits: 0 },
  { label: "players never joined / disconnected", values: (f) => [f.absent, f.disconnected], digits: 0 },
];

/** Who joins the stream, and where. */
export interface Audience {
  readonly role: Exclude<LoadRole, "publishers">;
  /** Undefined: where the stream is published. */
  readonly port?: number;
}

/** What one fan-out is made of. */
export interface FanOutOptions {
  /** Of each audience. */
  readonly players: number;
  readonly seconds: number;
  /** RTMP players unless given. */
  readonly audience?: Audience;
  /** Joins before the audience and stays with it: what it is delivered counts, delays and losses are those of the audience. */
  readonly beside?: Audience;
}

/**
 * Publishes one stream to `target`, joins it `players` times, and measures `seconds` of it.
 * @throws Error when the publisher is not let in
 */
export const runFanOut = async (
  bench: Bench,
  target: Target,
  { players: count, seconds, audience = { role: "players" }, beside }: FanOutOptions,
): Promise<FanOutFigures> => {
  const audiences = beside ? 2 : 1;
  await using server = await startServer(bench, target, audiences * count);
  const common = { port: server.port, kbps: fanOutKbps };
  await using publisher = new Load(bench, "publishers", { ...common, count: 1, seconds: 300, name: "bench" });
  const published = await publisher.report("open");
  if (published.figure("started") !== 1) throw new Error(`${target.name}: did not let the publisher in`);
  const residentBefore = usageOf(server.pid).residentBytes;

  const join = ({ role, port = server.port }: Audience): Load =>
    new Load(bench, role, { ...common, port, count, seconds, name: "bench0" });
  await using company = beside && join(beside);
  await company?.report("open");
  await using players = join(audience);
  const loads = [players, publisher, ...(company ? [company] : [])];
  const cost = await measureWindow(bench, server, { leading: players, loads });
  const result = await players.report("result");
  // Its window is as long, and began before: a stream at a constant rate brings as much in both.
  const besides = await company?.report("result");
  const gigabytes = (result.figure("bytes") + (besides?.figure("bytes") ?? 0)) / 1e9;
  const expected = published.figure("bodyBytesPerSecond") * seconds * (1 + result.figure("headerShare"));
  const absentOf = (report: LoadReport): number => count - report.figure("joined");
  const share = (name: string): number => (100 * result.figure(name)) / expected;
  return {
    cpuPerGigabyte: cost.serverCpuSeconds / gigabytes,
    core: cost.core,
    loadCpuPerGigabyte: cost.loadCpuSeconds / gigabytes,
    residentBefore,
    residentPerPlayer: (cost.residentBytes - residentBefore) / (audiences * count),
    firstMediaMs: [result.figure("firstMediaMsP50"), result.figure("firstMediaMsP99")],
    firstKeyMs: [result.figure("firstKeyMsP50"), result.figure("firstKeyMsP99")],
    delayMs: [result.figure("delayMsP50"), result.figure("delayMsP99")],
    received: [share("leastBytes"), share("medianBytes"), share("mostBytes")],
    framesLost: result.figure("framesLost"),
    packetsLost: audience.role === "rtsp-readers" ? result.figure("packetsLost") : Number.NaN,
    absent: absentOf(result) + (besides ? absentOf(besides) : 0),
    disconnected: result.figure("disconnected") + (besides?.figure("disconnected") ?? 0),
  };
};
