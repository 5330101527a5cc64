import { describe, expect, test } from "bun:test";
import { defaultStageLimits, StageClock } from "../../src/rtmp/stage-clock.ts";

const clock = (): StageClock => new StageClock({ handshake: 100, connect: 200, command: 300 });

describe("a stage clock", () => {
  for (const [stage, limit, code] of [
    ["handshake", 100, "HANDSHAKE_TIMEOUT"],
    ["connect", 200, "STAGE_TIMEOUT"],
    ["command", 300, "STAGE_TIMEOUT"],
  ] as const) {
    test(`lets ${stage} last ${limit} ms and no longer`, () => {
      const measured = clock();
      for (let now = 5_000; now < 5_000 + limit; now += 10) measured.check(stage, now);
      expect(() => measured.check(stage, 5_000 + limit)).toThrow(expect.objectContaining({ code }));
    });
  }

  test("begins anew with every stage", () => {
    const measured = clock();
    measured.check("handshake", 0);
    measured.check("connect", 99);
    measured.check("command", 298);
    measured.check("command", 597);
    expect(() => measured.check("command", 598)).toThrow(
      /no publish or play command after 300 ms, expected within 300 ms/,
    );
  });

  test("leaves media alone", () => {
    const measured = clock();
    measured.check("media", 0);
    measured.check("media", 1e9);
  });

  test("gives real clients the reference's time", () => {
    expect(defaultStageLimits).toEqual({ handshake: 10_000, connect: 10_000, command: 15_000 });
  });
});
