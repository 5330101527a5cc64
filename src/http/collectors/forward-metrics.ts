import type { MetricFamily } from "../../base/exposition.ts";
import { type Entry, gauge } from "../../base/metric-family.ts";

const states = ["idle", "forwarding", "error"] as const;

/** One publish on its way to another server. */
export interface ForwardState {
  /** The target, without secrets: the same for all streams that go there. */
  readonly target: string;
  readonly state: (typeof states)[number];
}

/** How many streams go to each target, and in which state. */
export const forwardMetrics = (forwards: Iterable<ForwardState>): MetricFamily[] => {
  const byTarget = new Map<string, Record<(typeof states)[number], number>>();
  for (const { target, state } of forwards) {
    const counts = byTarget.get(target) ?? { idle: 0, forwarding: 0, error: 0 };
    counts[state]++;
    byTarget.set(target, counts);
  }
  const entries = [...byTarget].flatMap(([target, counts]) =>
    states.map((state): Entry => [{ target, state }, counts[state]]),
  );
  return [gauge("rtmp_relay_streams", "Streams that go to other servers, by target and state", entries)];
};
