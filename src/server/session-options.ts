import type { SessionOptions } from "../rtmp/io/session-context.ts";
import type { DropTally } from "../stream/drop-tally.ts";
import type { RunConfig } from "./run-config.ts";

/** How a configuration has sessions behave. Asked for each session, and each second of one: it is made once for each configuration. */
export const sessionOptionsOf = (config: RunConfig, tally: DropTally): SessionOptions => {
  const known = made.get(config);
  if (known) return known;
  const { server } = config;
  const options: SessionOptions = {
    chunkSize: server.chunkSize,
    playerQueue: { maxBytes: server.playerQueueBytes, maxMs: server.playerQueueMs, tally },
    isLowLatency: server.lowLatency,
    idleTimeoutMs: server.idleTimeout,
    stallTimeoutMs: server.stallTimeout,
    bounds: {
      maxConnections: server.maxConnections,
      maxConnectionsPerAddress: server.maxConnectionsPerAddress,
      maxPerSecond: server.maxHandshakesPerSecond,
    },
  };
  made.set(config, options);
  return options;
};

const made = new WeakMap<RunConfig, SessionOptions>();
