import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { DecodeTimes } from "../../src/rtsp/decode-times.ts";
import { holds } from "../base/property.ts";

const run = (times: DecodeTimes, presentation: readonly number[]): number[] =>
  presentation.map((ms) => times.next(ms));

/** Pictures in decoding order, each behind its `depth` B-pictures in order of display. */
const pyramid = (groups: number, depth: number): number[] => {
  const shown: number[] = [0];
  for (let group = 0; group < groups; group += 1) {
    const start = 1 + group * (depth + 1);
    shown.push((start + depth) * 40);
    for (let i = 0; i < depth; i += 1) shown.push((start + i) * 40);
  }
  return shown;
};

describe("decoding times", () => {
  test("are those of presentation without reordering", () => {
    expect(run(new DecodeTimes(0), [0, 40, 80, 121])).toEqual([0, 40, 80, 121]);
  });

  test("are those an encoder gives, where the depth is known", () => {
    expect(run(new DecodeTimes(1), pyramid(2, 2))).toEqual([-40, 0, 40, 80, 120, 160, 200]);
    expect(run(new DecodeTimes(2), [0, 160, 80, 40, 120, 320, 240, 200, 280])).toEqual([
      -80, -40, 0, 40, 80, 120, 160, 200, 240,
    ]);
  });

  test("find the depth where it is not known, and run behind for single pictures until then", () => {
    const times = new DecodeTimes();
    const shown = pyramid(20, 2);
    const decoded = run(times, shown);
    expect(times.depth).toBe(1);
    for (const [index, ms] of decoded.entries()) if (index > 6) expect(ms).toBeLessThanOrEqual(shown[index]!);
  });

  test("begin anew behind a jump", () => {
    expect(run(new DecodeTimes(1), [0, 40, 100_000, 100_040, 40, 80])).toEqual([
      -40, 0, 99_960, 100_000, 0, 40,
    ]);
  });

  test("take a deeper order from a new parameter set, and no shallower one", () => {
    const times = new DecodeTimes(2);
    times.setDepth(1);
    expect(times.depth).toBe(2);
    times.setDepth(99);
    expect(times.depth).toBe(16);
  });

  test("never run backwards, and never behind presentation where the depth is known", () => {
    holds(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 6 }), (groups, depth) => {
        const shown = pyramid(groups, depth);
        const decoded = run(new DecodeTimes(depth > 0 ? 1 : 0), shown);
        for (let i = 0; i < shown.length; i += 1) {
          expect(decoded[i]!).toBeLessThanOrEqual(shown[i]!);
          if (i > 0) expect(decoded[i]!).toBeGreaterThanOrEqual(decoded[i - 1]!);
        }
      }),
    );
  });

  test("never run backwards but for a new beginning, whatever comes", () => {
    holds(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 })), fc.nat({ max: 20 }), (shown, depth) => {
        const decoded = run(new DecodeTimes(depth), shown);
        for (let i = 1; i < decoded.length; i += 1)
          expect(decoded[i]!).toBeGreaterThanOrEqual(decoded[i - 1]!);
      }),
    );
  });
});
