import { describe, expect, test } from "bun:test";
import { parseRange } from "../../src/http/range.ts";

describe("a range of bytes", () => {
  for (const [header, range] of [
    [null, undefined],
    ["bytes=0-", { from: 0, to: 100 }],
    ["bytes=10-19", { from: 10, to: 20 }],
    ["bytes=90-1000", { from: 90, to: 100 }],
    ["bytes=-10", { from: 90, to: 100 }],
    ["bytes=-1000", { from: 0, to: 100 }],
    ["bytes=100-", "none"],
    ["bytes=-0", "none"],
    ["bytes=20-10", undefined],
    ["bytes=-", undefined],
    ["bytes=0-1,5-6", undefined],
    ["items=0-1", undefined],
  ] as const)
    test(String(header), () => expect(parseRange(header, 100)).toEqual(range));
});
