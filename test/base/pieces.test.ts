import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { joinBytes, share, toHex } from "../../src/base/bytes.ts";
import { Pieces } from "../../src/base/pieces.ts";
import { holds } from "./property.ts";

/** Pieces of one buffer with gaps between them, and what they are in one run. */
const made = fc
  .array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 90 })), { minLength: 1, maxLength: 150 })
  .map((parts) => {
    const source = new Uint8Array(parts.reduce((sum, [gap, size]) => sum + gap + size, 0)).map(
      (_, i) => i & 0xff,
    );
    const bounds: number[] = [];
    let at = 0;
    for (const [gap, size] of parts) {
      bounds.push(at + gap, at + gap + size);
      at += gap + size;
    }
    const runs = parts.map((_, i) => source.subarray(bounds[2 * i], bounds[2 * i + 1]));
    const whole = new Uint8Array(joinBytes(runs));
    return { pieces: () => new Pieces(source, bounds, whole.length), whole };
  });

describe("bytes in pieces", () => {
  test("are put together as they are, and copied from any place to any other, before and after", () => {
    holds(
      fc.property(made, fc.nat(), fc.nat(), fc.boolean(), ({ pieces, whole }, a, b, isJoined) => {
        const each = pieces();
        if (isJoined) expect(toHex(each.whole)).toBe(toHex(whole));
        const [from = 0, to = 0] = [a % (whole.length + 1), b % (whole.length + 1)].sort((x, y) => x - y);
        const target = new Uint8Array(to - from + 2).fill(0x55);
        each.copyTo(target, 1, from, to);
        expect(toHex(target)).toBe(`55${toHex(whole.subarray(from, to))}55`);
        expect(toHex(each.whole)).toBe(toHex(whole));
        expect(each.whole).toBe(each.whole);
      }),
      { numRuns: 300 },
    );
  });

  test("show their first 64 bytes, or all there are", () => {
    holds(
      fc.property(made, ({ pieces, whole }) => {
        const { head } = pieces();
        expect(head.length).toBeGreaterThanOrEqual(Math.min(64, whole.length));
        expect(toHex(head)).toBe(toHex(whole.subarray(0, head.length)));
      }),
    );
  });

  test("are not copied where there is one piece, or one run already", () => {
    const source = new Uint8Array(100);
    expect(new Pieces(source, [10, 90], 80).whole.buffer).toBe(source.buffer);
    const payload = share(source);
    expect(Pieces.of(payload).whole).toBe(payload);
  });
});
