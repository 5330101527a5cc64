import { describe, expect, test } from "bun:test";
import { readOptions } from "../../../src/cli/hooks/command-options.ts";
import {
  filterOf,
  filterOptions,
  parseSince,
  rateOption,
} from "../../../src/cli/hooks/dead-letter-options.ts";

const now = Date.UTC(2026, 0, 31, 12);

describe("which dead letters are meant", () => {
  test("is said by any of the flags", () => {
    const args = [
      ...["--hook", "w", "--type", "PublishStart", "--stream", "/live/test", "--since", "2h"],
      ...["--reason", "expired", "--id", "12"],
    ];
    expect(filterOf(readOptions(args, filterOptions), now)).toEqual({
      hookId: "w",
      type: "publish_start",
      stream: "live/test",
      since: now - 7_200_000,
      reason: "expired",
      id: "12",
    });
    expect(filterOf(readOptions([], filterOptions), now)).toEqual({});
  });

  const times: { text: string; at: number }[] = [
    { text: "90s", at: now - 90_000 },
    { text: "1h30m", at: now - 5_400_000 },
    { text: "2026-01-31T11:00:00Z", at: now - 3_600_000 },
    { text: "2026-01-31 11:00:00.500+01:00", at: now - 7_200_000 + 500 },
  ];
  for (const { text, at } of times)
    test(`since ${text} is a time`, () => {
      expect(parseSince(text, now)).toBe(at);
    });

  for (const text of [
    "",
    "yesterday",
    "2",
    "-2h",
    "2026-01-31",
    "2026-13-01T00:00:00Z",
    "2026-01-31T11:00:00",
  ])
    test(`since ${JSON.stringify(text)} is none`, () => {
      expect(() => parseSince(text, now)).toThrow(
        `${JSON.stringify(text)}, expected a duration such as 2h, or a time such as 2026-01-31T12:00:00Z`,
      );
    });

  const faults: { args: string[]; says: string }[] = [
    { args: ["--type", "publish_strat"], says: "--type: unknown event type" },
    { args: ["--type", "*"], says: "--type: * is no type of event" },
    { args: ["--stream", "live/../x"], says: "--stream: stream name" },
    { args: ["--reason", "gone"], says: '--reason: "gone", expected exhausted' },
    { args: ["--strem", "x"], says: "unknown flag --strem, did you mean --stream?" },
  ];
  for (const { args, says } of faults)
    test(`${args.join(" ")} is refused`, () => {
      expect(() => readOptions(args, filterOptions)).toThrow(says);
    });

  const rates: { text: string; maxEvents: number; windowMs: number }[] = [
    { text: "20/s", maxEvents: 20, windowMs: 1_000 },
    { text: "5/m", maxEvents: 5, windowMs: 60_000 },
    { text: "100/10s", maxEvents: 100, windowMs: 10_000 },
  ];
  for (const { text, ...rate } of rates)
    test(`a rate is ${text}`, () => {
      expect(rateOption.parse([text])).toEqual(rate);
    });
});
