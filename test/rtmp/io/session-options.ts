import type { ConnectionBounds } from "../../../src/rtmp/io/connection-limits.ts";
import type { SessionOptions } from "../../../src/rtmp/io/session-context.ts";

/** As many connections as come. */
export const noBounds: ConnectionBounds = { maxConnections: 0, maxConnectionsPerAddress: 0, maxPerSecond: 0 };

/** Sessions that give everything at once, and wait for ever. */
export const sampleSessionOptions: SessionOptions = {
  chunkSize: 4_096,
  isLowLatency: true,
  playerQueue: { maxBytes: 1e6, maxMs: 5_000 },
  idleTimeoutMs: 0,
  stallTimeoutMs: 60_000,
  bounds: noBounds,
};
