import type { FlvOptions } from "../flv/io/session-context.ts";
import type { DropTally } from "../stream/drop-tally.ts";
import type { RunConfig } from "./run-config.ts";

/**
 * How a configuration has readers of FLV behave. Asked for each reader, and each second of one: it is made once for each configuration.
 * `tally` counts what slow ones lose.
 */
export const flvOptionsOf = (config: RunConfig, tally: DropTally): FlvOptions => {
  const known = made.get(config);
  if (known) return known;
  const { server } = config;
  const options: FlvOptions = {
    readerQueue: { maxBytes: server.playerQueueBytes, maxMs: server.playerQueueMs, tally },
    isLowLatency: server.lowLatency,
    stallTimeoutMs: server.stallTimeout,
  };
  made.set(config, options);
  return options;
};

const made = new WeakMap<RunConfig, FlvOptions>();
