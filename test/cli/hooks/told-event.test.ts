import { describe, expect, test } from "bun:test";
import { sampleEvent } from "../../../src/cli/hooks/sample-event.ts";
import { readTold, type ToldEvent, toldFilter, toldText } from "../../../src/cli/hooks/told-event.ts";
import { catalogue } from "../../../src/hooks/event/catalogue.ts";
import { bodyOf } from "../../../src/hooks/event/envelope.ts";
import { FakeClock } from "../../base/fake-clock.ts";

const told = (changes: Partial<ToldEvent> = {}): ToldEvent => ({
  type: "publish_start",
  timestamp: 1_767_225_600,
  conn_id: "c000001",
  stream_key: "live/test",
  data: { app: "live", publish_type: "live" },
  time: new Date(2026, 0, 1, 5, 6, 7, 89).toISOString(),
  severity: "info",
  ...changes,
});

describe("an event that is told", () => {
  test("is one line: time, type, stream, connection, and what it says", () => {
    expect(toldText(told())).toBe(
      "05:06:07.089  publish_start       live/test c000001 app=live publish_type=live",
    );
  });

  const lines: { name: string; changes: Partial<ToldEvent>; rest: string }[] = [
    {
      name: "that is bad says so",
      changes: { severity: "error", data: {} },
      rest: "ERROR live/test c000001",
    },
    {
      name: "of the server has neither stream nor connection",
      changes: { stream_key: "", conn_id: "", data: { version: "1.2.3" } },
      rest: "version=1.2.3",
    },
    {
      name: "quotes what has blanks, quotes or nothing in it",
      changes: { conn_id: "", data: { a: "x y", b: 'z"', c: "", d: [1, 2], e: false } },
      rest: 'live/test a="x y" b="z\\"" c="" d=[1,2] e=false',
    },
    {
      name: "gives a terminal nothing to obey",
      changes: { conn_id: "", data: { encoder: "\x1b]0;evil\x07", "\x1b": 1 } },
      rest: "live/test encoder=\\u001b]0;evil\\u0007 \\u001b=1",
    },
  ];
  for (const { name, changes, rest } of lines)
    test(name, () => {
      expect(toldText(told(changes))).toBe(`05:06:07.089  publish_start       ${rest}`);
    });

  test("of every type is read from what a server sends, whichever envelope", () => {
    for (const { type } of catalogue) {
      const event = sampleEvent(type, { streamKey: "live/test", clock: new FakeClock() });
      for (const envelope of ["full", "seed"] as const)
        expect(readTold(bodyOf(event, envelope))).toMatchObject({ type, data: event.data });
    }
  });

  test("is none where the line is something else", () => {
    expect([
      readTold('{"dropped":3}'),
      readTold("{}"),
      readTold("[]"),
      readTold('{"type":1'),
      readTold(""),
    ]).toEqual([{ dropped: 3 }, undefined, undefined, undefined, undefined]);
  });

  const filters: {
    name: string;
    types?: string[];
    streams?: string[];
    event?: Partial<ToldEvent>;
    isWanted: boolean;
  }[] = [
    { name: "nothing", isWanted: true },
    { name: "its type", types: ["play_start", "publish_start"], isWanted: true },
    { name: "another type", types: ["play_start"], isWanted: false },
    { name: "its stream", streams: ["vod/*,live/*"], isWanted: true },
    { name: "all but its stream", streams: ["!live/test"], isWanted: false },
    { name: "another stream", streams: ["vod/*"], isWanted: false },
    {
      name: "a stream, of an event without one",
      streams: ["**"],
      event: { stream_key: "" },
      isWanted: false,
    },
  ];
  for (const { name, types = [], streams = [], event, isWanted } of filters)
    test(`is ${isWanted ? "" : "not "}shown to whoever asks for ${name}`, () => {
      expect(toldFilter({ types, streams })(told(event))).toBe(isWanted);
    });

  test("is asked for with patterns that are some", () => {
    expect(() => toldFilter({ types: [], streams: ["live/["] })).toThrow("a bracket is not closed");
  });
});
