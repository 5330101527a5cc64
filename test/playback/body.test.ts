import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parsePlayDuration } from "../../src/playback/go-duration.ts";
import { bytesBetween, pieceOf } from "../../src/playback/piece.ts";

describe("a range of bytes", () => {
  test("of pieces is that of all their bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 20 })),
        fc.nat(200),
        fc.nat(200),
        async (parts, a, b) => {
          const whole = Buffer.concat(parts);
          const [from, to] = [Math.min(a, b, whole.length), Math.min(Math.max(a, b), whole.length)];
          const got: Uint8Array[] = [];
          for await (const bytes of bytesBetween(parts.map(pieceOf), { from, to })) got.push(bytes);
          expect(Buffer.concat(got).equals(whole.subarray(from, to))).toBe(true);
        },
      ),
    );
  });

  test("is given up where a file is not what it was", () => {
    const shrunk = { size: 10, load: () => new Uint8Array(9) };
    expect(bytesBetween([shrunk], { from: 0, to: 10 }).next()).rejects.toThrow("changed while it was played");
  });
});

describe("a length of time", () => {
  for (const [text, ms] of [
    ["200.5", 200_500],
    ["1e2", 100_000],
    ["1m30s", 90_000],
    ["1h0m0.5s", 3_600_500],
    ["250ms", 250],
    ["1.5h", 5_400_000],
  ] as const)
    test(text, () => expect(parsePlayDuration(text)).toBe(ms));

  for (const text of ["", "0", "-1", "abc", "1x", "s", "1m 30s", "Infinity", "NaN"])
    test(`not ${JSON.stringify(text)}`, () =>
      expect(() => parsePlayDuration(text)).toThrow(expect.objectContaining({ code: "BAD_TIME" })));
});
