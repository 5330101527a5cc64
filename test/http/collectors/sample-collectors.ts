import { AccessCounts } from "../../../src/access/access-counts.ts";
import type { MetricFamily } from "../../../src/base/exposition.ts";
import { parseStreamPath } from "../../../src/base/stream-path.ts";
import { configMetrics } from "../../../src/http/collectors/config-metrics.ts";
import { connectionMetrics } from "../../../src/http/collectors/connection-metrics.ts";
import { diskMetrics } from "../../../src/http/collectors/disk-metrics.ts";
import { EventMetrics } from "../../../src/http/collectors/event-metrics.ts";
import { forwardMetrics } from "../../../src/http/collectors/forward-metrics.ts";
import { limitMetrics } from "../../../src/http/collectors/limit-metrics.ts";
import { mediaDeliveryMetrics } from "../../../src/http/collectors/media-delivery-metrics.ts";
import { type MeasuredStream, StreamMetrics } from "../../../src/http/collectors/stream-metrics.ts";
import { uploadMetrics } from "../../../src/http/collectors/upload-metrics.ts";
import { DeliveryDelay } from "../../../src/stream/delivery-delay.ts";
import { DropTally } from "../../../src/stream/drop-tally.ts";
import type { DomainEvent } from "../../../src/stream/event.ts";
import { FlowMeter } from "../../../src/stream/flow-meter.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { peerOf } from "../../stream/peer.ts";

const path = parseStreamPath("live/a");
const peer = peerOf("c1", "192.0.2.7:50123");
const totals = { durationMs: 1, bytesReceived: 2, audioPackets: 3, videoPackets: 4 };

/** One of each event that is counted. */
export const countedEvents: readonly DomainEvent[] = [
  { kind: "connectionAccepted", peer, local: "127.0.0.1:1935", isTls: false },
  { kind: "connectionAccepted", peer, local: "127.0.0.1:1936", isTls: true },
  { kind: "connectionFailed", peer, code: "CHUNK_TOO_LARGE", message: "", phase: "publish" },
  {
    kind: "connectionClosed",
    peer,
    role: "publisher",
    path,
    reason: "client_disconnect",
    durationMs: 1,
    bytesReceived: 2,
    bytesSent: 3,
  },
  { kind: "requestRefused", action: "play", peer, path, code: "STREAM_NOT_FOUND", message: "" },
  { kind: "publishStarted", path, peer, publishType: "live", query: "", isContinued: false },
  { kind: "publishStopped", path, peer, reason: "client_stop", ...totals },
  { kind: "playStarted", path, peer, query: "pass=secret" },
  { kind: "playStopped", path, peer, reason: "stalled", durationMs: 1, bytesSent: 2, droppedFrames: 3 },
  { kind: "clockLeaped", path, count: 1 },
  { kind: "relayStarted", path, target: "rtmp://backup/live" },
  { kind: "relayFailed", path, target: "rtmp://backup/live", error: "", attempt: 1, retryInMs: 500 },
  { kind: "recordingStarted", path, file: "a.flv" },
  { kind: "recordingCompleted", path, file: "a.flv", durationMs: 1, bytes: 5_000 },
  { kind: "recordingFailed", path, file: "a.flv", error: "" },
];

/** A stream whose publisher has brought nothing yet. */
export const streamOf = (name: string, changes: Partial<MeasuredStream> = {}) => ({
  path: name,
  publication: { since: new Date(1_000_000) },
  meters: { audio: new FlowMeter(), video: new FlowMeter() },
  playerCount: 0,
  bytesOut: 0,
  cachedBytes: 0,
  ...changes,
});

/** A stream that has brought pictures and sound, and its metrics. */
export const busyStreams = (): MetricFamily[] => {
  const clock = new FakeClock();
  const meters = { audio: new FlowMeter(), video: new FlowMeter() };
  const metrics = new StreamMetrics({ streams: () => [streamOf("live/a", { meters })], clock });
  for (let frame = 0; frame < 125; frame++) {
    const role = frame % 50 === 0 ? "key" : "frame";
    meters.video.add({ size: 1_000, timestamp: frame * 40, trackId: 0, role }, clock.now());
    meters.audio.add({ size: 100, timestamp: frame * 40, trackId: 0, role: "frame" }, clock.now());
    clock.advance(40);
  }
  metrics.close();
  return metrics.collect();
};

/** Metrics of access that has let somebody wait. */
const accessFamilies = (): MetricFamily[] => {
  const counts = new AccessCounts();
  counts.decided("publish", "unavailable");
  counts.asked(2);
  return counts.families();
};

/** Everything that collectors of this room give, and access beside them, each with at least one series. */
export const collectEverything = async (): Promise<MetricFamily[]> => {
  const events = new EventMetrics();
  for (const event of countedEvents) events.take(event);
  return [
    ...busyStreams(),
    ...events.collect(),
    ...connectionMetrics([{ protocol: "rtmp", connections: [{ state: "publish" }] }]),
    ...mediaDeliveryMetrics({ delay: new DeliveryDelay(), tally: new DropTally() }),
    ...configMetrics({ done: 1, rejected: 2, lastAt: 3_000, isLastDone: false }),
    ...accessFamilies(),
    ...forwardMetrics([{ target: "rtmp://backup/live", state: "error" }]),
    ...limitMetrics([{ limit: "connections", configured: 10, used: 5, refused: 6 }]),
    ...(await diskMetrics(["/"])),
    ...uploadMetrics({ waiting: 1, done: 2, failed: 3 }),
  ];
};
