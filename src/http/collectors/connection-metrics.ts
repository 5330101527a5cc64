import type { MetricFamily } from "../../base/exposition.ts";
import { type Entry, gauge } from "../../base/metric-family.ts";

const states = ["idle", "publish", "read"] as const;

/** The connections of one protocol, such as those of `rtmp`. */
export interface ProtocolConnections {
  readonly protocol: string;
  readonly connections: Iterable<{ readonly state: (typeof states)[number] }>;
}

/** How many connections are open, and what they do. Protocols that are off are not to be among `all`. */
export const connectionMetrics = (all: Iterable<ProtocolConnections>): MetricFamily[] => {
  const entries: Entry[] = [];
  for (const { protocol, connections } of all) {
    const counts = { idle: 0, publish: 0, read: 0 };
    for (const { state } of connections) counts[state]++;
    for (const state of states) entries.push([{ protocol, state }, counts[state]]);
  }
  return [gauge("rtmp_connections", "Open connections, by protocol and by what they do", entries)];
};
