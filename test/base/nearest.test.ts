import { describe, expect, test } from "bun:test";
import { nearestName } from "../../src/base/nearest.ts";

const known = ["listen", "tls-listen", "record-all", "record-dir", "log-level", "log-format"];

describe("the nearest known name", () => {
  const rows: [string, string | undefined][] = [
    ["listn", "listen"],
    ["lisetn", "listen"],
    ["recordall", "record-all"],
    ["record", "record-all"],
    ["log", "log-level"],
    ["loglevel", "log-level"],
    ["listen", "listen"],
    ["zzzzzz", undefined],
    ["", undefined],
    ["hls-segment", undefined],
  ];
  for (const [name, nearest] of rows) {
    test(`of ${JSON.stringify(name)} is ${nearest ?? "none"}`, () => {
      expect(nearestName(name, known)).toBe(nearest!);
    });
  }

  test("of any name is none where nothing is known", () => {
    expect(nearestName("a", [])).toBeUndefined();
  });
});
