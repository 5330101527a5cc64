import { secondsBounds } from "../../src/base/metrics.ts";
import { durationBounds, type HookReport } from "../../src/hooks/delivery/hook-report.ts";
import type { DeliveryReport } from "../../src/hooks/messages.ts";

/** Numbers for each class of durations: `value` in the class `index`, nothing elsewhere. */
export const classes = (index: number, value: number): number[] =>
  Array.from({ length: durationBounds.length + 1 }, (_, at) => (at === index ? value : 0));

/** The numbers of a hook that has trouble. */
export const hook = (changes: Partial<HookReport> = {}): HookReport => ({
  id: "a",
  type: "webhook",
  waiting: 4,
  running: 2,
  oldestMs: 1_500,
  delivered: 10,
  failed: 3,
  retries: 5,
  timeouts: 2,
  aborted: 0,
  dropped: { telemetry: 6, other: 7 },
  dead: { exhausted: 1, overflow: 2 },
  breaker: "open",
  isDisabled: false,
  lastError: "refused by http://user:secret@192.0.2.7/",
  byType: { publish_start: { done: 9, failed: 2, durations: classes(0, 11), seconds: 0.5 } },
  latencies: classes(3, 10),
  latencySeconds: 2,
  ...changes,
});

const store = {
  pending: 8,
  deadLetters: 9,
  bytes: 4_096,
  overflowed: 3,
  isWritable: true,
  isNearlyFull: false,
  errors: 1,
  commitMs: 250,
  emitToCommit: { counts: [...secondsBounds.map((_, index) => (index === 1 ? 7 : 0)), 1], sum: 21 },
};

/** All numbers of delivery. */
export const report = (
  hooks: readonly HookReport[],
  changes: Partial<DeliveryReport> = {},
): DeliveryReport => ({
  engine: { hooks, concurrency: 10, running: 2 },
  store,
  tokens: { done: 5, failed: 4 },
  ...changes,
});
