import { type ViewerCounts, type ViewerHabit, watch } from "./hls-viewer.ts";

/* A program: many viewers of one stream by HLS. It says in lines of JSON when its window opens and closes, and what came in it. */

/** What the program is told. */
export interface ViewersOrder {
  readonly port: number;
  readonly path: string;
  readonly count: number;
  readonly habit: ViewerHabit;
  readonly seconds: number;
}

/** Viewers that begin at the same time. */
const herd = 50;
const betweenHerdsMs = 50;

/** Until nobody is about to begin, in milliseconds. */
const settleMs = 4_000;

const say = (kind: string, figures: Readonly<Record<string, number>> = {}): void =>
  console.log(JSON.stringify({ kind, ...figures }));

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;

const run = async ({ count, seconds, ...where }: ViewersOrder): Promise<void> => {
  const counts: ViewerCounts = { requests: 0, bytes: 0, failed: 0, behindMs: [] };
  for (let number = 0; number < count; number++) {
    watch({ ...where, number }, counts).catch(() => void counts.failed++);
    if (number % herd === herd - 1) await Bun.sleep(betweenHerdsMs);
  }
  await Bun.sleep(settleMs);
  say("open");
  const before = { requests: counts.requests, bytes: counts.bytes };
  counts.behindMs.length = 0;
  await Bun.sleep(seconds * 1_000);
  say("closed");
  const behind = counts.behindMs.toSorted((a, b) => a - b);
  say("result", {
    requests: counts.requests - before.requests,
    bytes: counts.bytes - before.bytes,
    failed: counts.failed,
    behindMsP50: quantile(behind, 0.5),
    behindMsP99: quantile(behind, 0.99),
  });
};

if (import.meta.main) {
  await run(JSON.parse(process.argv[2] ?? ""));
  process.exit(0);
}
