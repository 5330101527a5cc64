import { describe, expect, test } from "bun:test";
import { relative, resolve } from "node:path";
import * as fc from "fast-check";
import { RefusedError } from "../../src/base/errors.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { RecordPath } from "../../src/record/record-path.ts";
import { formatStart, parseStart } from "../../src/record/segment-time.ts";
import { holds } from "../base/property.ts";

const localTime = (...parts: [number, number, number, number, number, number]): number =>
  new Date(...parts).getTime() * 1_000;

const moment = localTime(2025, 9, 11, 14, 30, 52) + 123_456;

const offsetOf = (time: number): string => {
  const minutes = -new Date(time / 1_000).getTimezoneOffset();
  const size = Math.abs(minutes);
  const text = `${Math.floor(size / 60)}`.padStart(2, "0") + `${size % 60}`.padStart(2, "0");
  return minutes === 0 ? "Z" : `${minutes < 0 ? "-" : "+"}${text}`;
};

const time = fc.integer({ min: 1e15, max: 4e15 });

describe("a template of recordings", () => {
  const rows: [template: string, file: string][] = [
    ["./recordings/%path/%Y-%m-%d_%H-%M-%S-%f", "./recordings/live/cam/2025-10-11_14-30-52-123456.flv"],
    ["%path/%s", `live/cam/${Math.floor(moment / 1e6)}.flv`],
    ["/r/%Y/%m/%d/%path_%H%M%S%z", `/r/2025/10/11/live/cam_143052${offsetOf(moment)}.flv`],
    ["/r/%path/%s.%f", `/r/live/cam/${Math.floor(moment / 1e6)}.123456.flv`],
    ["/r/%%path/%x%s", `/r/%live/cam/%x${Math.floor(moment / 1e6)}.flv`],
  ];
  for (const [template, file] of rows)
    test(`${template} is filled in with local time`, () => {
      expect(new RecordPath(template).fileOf({ path: "live/cam", start: moment }, ".flv")).toBe(file);
    });

  test("does not look for placeholders in the name of a stream", () => {
    const recordPath = new RecordPath("r/%path/%s");
    const file = recordPath.fileOf({ path: "%Y/%s%path", start: 1e15 }, ".flv");
    expect(file).toBe("r/%Y/%s%path/1000000000.flv");
    expect(recordPath.read(file.substring(2))).toEqual({ path: "%Y/%s%path", start: 1e15 });
  });

  test("reads recordings of every format and nothing else", () => {
    const recordPath = new RecordPath("r/%path/%Y-%m-%d_%H-%M-%S");
    const start = localTime(2025, 9, 11, 14, 30, 52);
    for (const ending of ["flv", "mp4", "ts"])
      expect(recordPath.read(`a/2025-10-11_14-30-52.${ending}`)).toEqual({ path: "a", start });
    for (const other of [
      "a/2025-10-11_14-30-52.txt",
      "a/x2025-10-11_14-30-52.flv",
      "a/2025-10-11_14-30-52.flv.part",
      "a/2025-13-11_14-30-52.flv",
      "a/2025-10-11_25-30-52.flv",
      "2025-10-11_14-30-52.flv",
      "a/2025-10-11_14-30-52_2.flv",
    ])
      expect(recordPath.read(other), other).toBeUndefined();
  });

  test("that names a part of the time twice wants it said twice the same", () => {
    const recordPath = new RecordPath("r/%Y/%path-%s-%Y");
    expect(recordPath.read("2025/a-1000000000-2025.flv")?.path).toBe("a");
    expect(recordPath.read("2025/a-1000000000-2024.flv")).toBeUndefined();
  });

  test("that leads out of its folder writes nothing there", () => {
    const recordPath = new RecordPath("r/%path/../../../%s");
    expect(() => recordPath.fileOf({ path: "a", start: moment }, ".flv")).toThrow(RefusedError);
  });

  const segment = fc
    .stringMatching(/^[A-Za-z0-9._%~ ü:-]{1,12}$/)
    .filter((text) => text !== "." && text !== "..");
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const template = fc.constantFrom(
    "./recordings/%path/%Y-%m-%d_%H-%M-%S-%f",
    "/r/%Y/%m/%d/%path/%H%M%S.%f%z",
    "%path/%s-%f",
    "/r/%path-%s-%f",
    "/r/(a+)[b]*/%path.%Y%m%d%H%M%S%f",
  );
  /** Local time says an hour twice when clocks go back. */
  const isClear = (start: number): boolean => {
    const offset = (ms: number): number => new Date(ms).getTimezoneOffset();
    const hour = 3_600_000;
    const at = start / 1_000;
    return offset(at) === offset(at - 2 * hour) && offset(at) === offset(at + 2 * hour);
  };

  test("gives the name and the time back that it was filled in with, within its folder", () => {
    holds(
      fc.property(template, path, time, (text, name, start) => {
        fc.pre(isClear(start));
        const recordPath = new RecordPath(text);
        const file = recordPath.fileOf({ path: parseStreamPath(name), start }, ".flv");
        const below = relative(resolve(recordPath.root), resolve(file));
        expect(below === ".." || below.startsWith("../")).toBe(false);
        expect(recordPath.search(name).read(below)).toEqual({ path: name, start });
        expect(recordPath.read(below)?.start).toBe(start);
        const next = recordPath.fileOf({ path: name, start: start + recordPath.step }, ".flv");
        expect(next).not.toBe(file);
      }),
    );
  });
});

describe("the start of a segment", () => {
  test("is RFC 3339 with the digits that it takes, and read back", () => {
    const second = localTime(2025, 9, 11, 14, 30, 52);
    const brief = formatStart(second + 500_000).substring(0, 21);
    expect(brief).toBe("2025-10-11T14:30:52.5");
    expect(formatStart(second)).toMatch(/^2025-10-11T14:30:52(?:Z|[+-]\d\d:\d\d)$/);
    holds(
      fc.property(time, (start) => {
        expect(parseStart(formatStart(start))).toBe(start);
      }),
    );
  });

  test("may be told in another zone, and through a URL that lost its plus", () => {
    const start = Date.UTC(2025, 9, 11, 12, 30, 52) * 1_000 + 120_000;
    for (const text of [
      "2025-10-11T12:30:52.12Z",
      "2025-10-11T14:30:52.120000+02:00",
      "2025-10-11T14:30:52.120000999 02:00",
      "2025-10-11T07:00:52.12-05:30",
    ])
      expect(parseStart(text)).toBe(start);
  });

  for (const text of ["", "2025-10-11", "2025-10-11T14:30:52", "2025-13-11T14:30:52Z", "yesterday"])
    test(`is refused: ${JSON.stringify(text)}`, () => {
      expect(() => parseStart(text)).toThrow("expected RFC 3339");
    });
});
