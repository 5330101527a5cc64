import { describe, expect, test } from "bun:test";
import { FramerateDetector } from "../../src/monitor/framerate-detector.ts";

/** Takes seconds of frames at these steps, in milliseconds, over and over. */
const feed = (
  detector: FramerateDetector,
  steps: readonly number[],
  from: number,
  seconds: number,
): number[] => {
  const told: number[] = [];
  for (let second = from; second < from + seconds; second++) {
    const mediaMs = steps.reduce((sum, step) => sum + step, 0);
    const sample = {
      elapsedMs: 1_000,
      bytes: 1,
      frames: steps.length,
      mediaMs,
      gaps: steps.filter((step) => step > 1_000).length,
      gapMs: steps.filter((step) => step > 1_000).reduce((sum, step) => sum + step, 0),
      squaredSteps: steps.filter((step) => step <= 1_000).reduce((sum, step) => sum + step * step, 0),
      silentMs: 0,
    };
    if (detector.evaluate(sample, second * 1000)) told.push(second);
  }
  return told;
};

const every = (stepMs: number): number[] => new Array(Math.round(1000 / stepMs)).fill(stepMs);

describe("a frame rate detector", () => {
  test("counts frames over the media's time, leaving gaps out", () => {
    const detector = new FramerateDetector(10);
    feed(detector, every(40), 0, 10);
    expect([detector.mean, detector.baseline]).toEqual([25, undefined]);
    feed(detector, every(40), 10, 10);
    expect(detector.baseline).toBe(25);
    feed(detector, [...every(40), 4_000], 20, 1);
    expect(detector.mean).toBe(25);
  });

  test("tells a drop to another fixed rate once, and no rise", () => {
    const detector = new FramerateDetector(10);
    expect(feed(detector, every(40), 0, 40)).toEqual([]);
    expect(feed(detector, every(50), 40, 40)).toHaveLength(1);
    expect(feed(detector, every(20), 80, 40)).toEqual([]);
  });

  test("knows nothing of a rate that is not fixed", () => {
    const detector = new FramerateDetector(10);
    feed(detector, [10, 100, 20, 300, 40, 500, 30], 0, 40);
    expect([detector.mean, detector.baseline]).toEqual([undefined, undefined]);
    expect(feed(detector, [500, 500], 40, 20)).toEqual([]);
  });

  test("waits where nothing comes", () => {
    const detector = new FramerateDetector(10);
    feed(detector, every(40), 0, 40);
    expect(feed(detector, [], 40, 30)).toEqual([]);
    expect(detector.mean).toBeUndefined();
  });
});
