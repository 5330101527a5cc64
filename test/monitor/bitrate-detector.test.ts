import { describe, expect, test } from "bun:test";
import { BitrateDetector } from "../../src/monitor/bitrate-detector.ts";
import type { FlowSample } from "../../src/monitor/flow-sample.ts";

/** What one second brings. */
interface Second {
  readonly bytes: number;
  /** A second of media where it is not said. */
  readonly mediaMs?: number;
  readonly silentMs?: number;
}

const sampleOf = ({ bytes, mediaMs = 1_000, silentMs = 0 }: Second): FlowSample => ({
  elapsedMs: 1_000,
  bytes,
  frames: 30,
  mediaMs,
  gaps: 0,
  gapMs: 0,
  squaredSteps: 0,
  silentMs,
});

/** Seconds of 1 Mb/s. */
const steady = (count: number, bytes = 125_000): Second[] => new Array(count).fill({ bytes });

const silence = (count: number): Second[] =>
  Array.from({ length: count }, (_, index) => ({ bytes: 0, mediaMs: 0, silentMs: (index + 1) * 1000 }));

/** At which second which change is told, and the mean of each second in kb/s. */
const run = (seconds: readonly Second[], gopMs = Number.NaN) => {
  const detector = new BitrateDetector(20);
  const changes: string[] = [];
  const means = seconds.map((second, index) => {
    const change = detector.evaluate(sampleOf(second), gopMs, index * 1000);
    if (change)
      changes.push(`${index}: ${Math.round(change.previous / 1000)} > ${Math.round(change.current / 1000)}`);
    return detector.mean === undefined ? undefined : Math.round(detector.mean / 1000);
  });
  return { changes, means, detector };
};

describe("a bit rate detector", () => {
  test("gives the mean of 6 seconds, once there are so many", () => {
    const { means } = run([...steady(6), { bytes: 0, silentMs: 500 }, { bytes: 250_000 }]);
    expect(means).toEqual([undefined, undefined, undefined, undefined, undefined, 1_000, undefined, 1_000]);
  });

  test("takes a flow that brings something every other second for what it is", () => {
    const pairs = Array.from({ length: 60 }, (_, index) =>
      index % 2 === 0 ? { bytes: 250_000 } : { bytes: 0, silentMs: 1_000 },
    );
    const { changes, means } = run(pairs);
    expect(changes).toEqual([]);
    expect(means[58]).toBe(1_000);
  });

  test("after a stall, waits for what was held back to be over, and for a whole window", () => {
    const burst = [
      { bytes: 500_000, mediaMs: 4_000 },
      { bytes: 375_000, mediaMs: 3_000 },
      { bytes: 250_000, mediaMs: 2_000 },
    ];
    const { changes, means } = run([...steady(40), ...silence(6), ...burst, ...steady(20)]);
    expect(changes).toEqual([]);
    // Six seconds of silence, three of catching up, five that are no window yet.
    expect(means.slice(38, 56)).toEqual([1_000, 1_000, ...new Array(14).fill(undefined), 1_000, 1_000]);
  });

  test("leaves out the first second after a stall, of which part was silent", () => {
    const { means } = run([...steady(40), ...silence(3), { bytes: 25_000, mediaMs: 200 }, ...steady(6)]);
    expect(means.at(-1)).toBe(1_000);
    expect(means.at(-2)).toBeUndefined();
  });

  test("goes on after ten seconds of a flow that never catches up", () => {
    const fast = new Array(30).fill({ bytes: 125_000, mediaMs: 5_000 });
    expect(run([...steady(40), ...silence(3), ...fast]).means.at(-1)).toBe(1_000);
  });

  test("keeps what it knew before a stall, and needs three means in a row after it", () => {
    const { changes } = run([...steady(40), ...steady(4, 62_500), ...silence(5), ...steady(12, 62_500)]);
    // The window is whole again 7 seconds after the stall.
    expect(changes).toEqual(["57: 1000 > 500"]);
  });

  test("has a window of one and a half GOPs, of at least 6 and at most 45 seconds", () => {
    const windowOf = (gopMs: number): number => run(steady(1), gopMs).detector.windowSeconds;
    expect([Number.NaN, 500, 4_000, 5_000, 10_000, 30_000, 600_000].map(windowOf)).toEqual([
      6, 6, 6, 8, 15, 45, 45,
    ]);
  });
});
