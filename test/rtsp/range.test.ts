import { expect, test } from "bun:test";
import { formatRange, parseRange } from "../../src/rtsp/range.ts";

const rows = [
  { value: "npt=0-", range: { kind: "npt", startSeconds: 0, endSeconds: undefined }, written: "npt=0.000-" },
  {
    value: "npt=0.000-",
    range: { kind: "npt", startSeconds: 0, endSeconds: undefined },
    written: "npt=0.000-",
  },
  {
    value: "npt=now-",
    range: { kind: "npt", startSeconds: "now", endSeconds: undefined },
    written: "npt=now-",
  },
  { value: "npt=-", range: { kind: "npt", startSeconds: 0, endSeconds: undefined }, written: "npt=0.000-" },
  {
    value: "npt=1:02:03.5-4000;time=x",
    range: { kind: "npt", startSeconds: 3723.5, endSeconds: 4000 },
    written: "npt=3723.500-4000.000",
  },
  {
    value: "clock=20261127T101010Z-",
    range: { kind: "clock", start: "20261127T101010Z", end: "" },
    written: "clock=20261127T101010Z-",
  },
  {
    value: "smpte-25=10:07:00-10:07:33",
    range: { kind: "smpte", start: "10:07:00", end: "10:07:33" },
    written: "smpte=10:07:00-10:07:33",
  },
] as const;

for (const { value, range, written } of rows) {
  test(`a range of ${value} is read, and written as ${written}`, () => {
    expect(parseRange(value)).toEqual(range);
    expect(formatRange(range)).toBe(written);
  });
}

test("a range that cannot be read is none", () => {
  for (const value of ["", "npt", "npt=x-", "npt=1-x", "bytes=0-1", "=-"])
    expect(parseRange(value), value).toBeUndefined();
});
