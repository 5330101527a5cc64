import { describe, expect, test } from "bun:test";
import {
  continues,
  cutTimespans,
  type JoinFacts,
  type PlayableSegment,
  timespansOf,
} from "../../src/playback/timespan.ts";

const origin = (streamId: string, number: number, startMs: number): JoinFacts => ({
  kind: "origin",
  streamId,
  number,
  startMs,
});
const tracks = (signature: string): JoinFacts => ({ kind: "tracks", signature });
const clock = (startMs: number): JoinFacts => ({ kind: "clock", startMs });

const segment = (startMs: number, durationMs: number, join: JoinFacts): PlayableSegment => ({
  file: String(startMs),
  startMs,
  durationMs,
  join,
});

describe("a segment continues another", () => {
  for (const [name, before, next, is] of [
    ["of the same recording, with the next number", origin("a", 0, 0), origin("a", 1, 10_000), true],
    ["not of another recording", origin("a", 0, 0), origin("b", 1, 10_000), false],
    ["not with a number that is not the next", origin("a", 0, 0), origin("a", 2, 10_000), false],
    ["not where one says what it is and the other does not", origin("a", 0, 0), tracks("x"), false],
    ["with tracks that are alike", tracks("x"), tracks("x"), true],
    ["not with other tracks", tracks("x"), tracks("y"), false],
    ["whose clock goes on", clock(50_000), clock(60_000), true],
    ["whose clock begins anew, where the times fit", clock(50_000), clock(1_400), true],
  ] as const)
    test(name, () => {
      expect(continues(segment(0, 10_000, before), segment(10_500, 10_000, next))).toBe(is);
    });

  test("within a second where times have to fit", () => {
    const before = segment(0, 10_000, tracks("x"));
    expect(
      [9_001, 10_999, 11_001].map((startMs) => continues(before, segment(startMs, 1, tracks("x")))),
    ).toEqual([true, true, false]);
  });
});

describe("timespans", () => {
  test("join what continues, by what segments say of their places", () => {
    const spans = timespansOf([
      segment(1_000, 10_010, origin("a", 0, 0)),
      segment(11_200, 10_000, origin("a", 1, 10_000)),
      segment(50_000, 5_000, origin("b", 0, 0)),
      segment(55_000, 5_000, tracks("x")),
      segment(60_200, 5_000, tracks("x")),
    ]);
    expect(spans).toEqual([
      { startMs: 1_000, durationMs: 20_000 },
      { startMs: 50_000, durationMs: 5_000 },
      { startMs: 55_000, durationMs: 10_200 },
    ]);
  });

  test("are cut, and left out where nothing is left", () => {
    const spans = [
      { startMs: 0, durationMs: 10 },
      { startMs: 20, durationMs: 10 },
      { startMs: 40, durationMs: 10 },
    ];
    expect(cutTimespans(spans, { fromMs: 25, toMs: 45 })).toEqual([
      { startMs: 25, durationMs: 5 },
      { startMs: 40, durationMs: 5 },
    ]);
    expect(cutTimespans(spans, { fromMs: 10, toMs: 20 })).toEqual([]);
    expect(cutTimespans(spans, {})).toEqual(spans);
  });
});
