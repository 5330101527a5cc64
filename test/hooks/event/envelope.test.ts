import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { bodyOf, envelopes } from "../../../src/hooks/event/envelope.ts";
import type { HookEvent, HookValue } from "../../../src/hooks/event/hook-event.ts";
import { holds } from "../../base/property.ts";
import { hostileTexts } from "../hostile-texts.ts";
import { sampleEvent } from "../sample-event.ts";

const maxBytes = 256 * 1024;

const parsed = (event: HookEvent): HookEvent => JSON.parse(bodyOf(event, "full")) as HookEvent;

describe("the body of an event", () => {
  test("is its JSON, with all of its keys in their order", () => {
    expect(bodyOf(sampleEvent(), "full")).toBe(JSON.stringify(sampleEvent()));
  });

  test("has the first five keys only where the receiver wants no others", () => {
    expect(bodyOf(sampleEvent(), "seed")).toBe(
      '{"type":"publish_start","timestamp":1767225600,"conn_id":"c000001","stream_key":"live/test",' +
        '"data":{"app":"live","stream_name":"test","publish_type":"live","client_ip":"127.0.0.1"}}',
    );
  });

  for (const { name, text } of hostileTexts)
    test(`is one line that loses nothing of ${name}`, () => {
      const event = sampleEvent({ stream_key: text, data: { [text]: text } });
      for (const envelope of envelopes) {
        const body = bodyOf(event, envelope);
        expect(body).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(JSON.parse(body)).toMatchObject({ stream_key: text, data: { [text]: text } });
      }
    });
});

describe("the body of an event that is too long", () => {
  const long = "x".repeat(300_000);
  const rows: { name: string; data: HookEvent["data"]; gives: HookEvent["data"] }[] = [
    { name: "a text", data: { a: 1, long }, gives: { a: 1, long: "x".repeat(131_072), truncated: true } },
    {
      name: "a text of three bytes a character",
      data: { long: "€".repeat(100_000) },
      gives: { long: "€".repeat(65_536), truncated: true },
    },
    {
      name: "a text of characters that JSON escapes",
      data: { long: "\u0001".repeat(100_000) },
      gives: { long: "\u0001".repeat(32_768), truncated: true },
    },
    {
      name: "a text whose end would be half a character",
      data: { long: `x${"😀".repeat(100_000)}` },
      gives: { long: `x${"😀".repeat(32_767)}`, truncated: true },
    },
    {
      name: "a list",
      data: { list: Array.from({ length: 200_000 }, () => 7) },
      gives: { list: Array.from({ length: 65_536 }, () => 7), truncated: true },
    },
    {
      name: "an object in an object, with a name that is too long",
      data: { inner: { [long]: 1, a: long }, z: true },
      gives: { inner: { a: "x".repeat(131_072) }, z: true, truncated: true },
    },
    {
      name: "a field that claims the opposite",
      data: { truncated: false, long },
      gives: { truncated: true, long: "x".repeat(131_072) },
    },
  ];
  for (const { name, data, gives } of rows)
    test(`is cut and says so, with ${name}`, () => {
      expect(parsed(sampleEvent({ data })).data).toEqual(gives);
      expect(parsed(sampleEvent({ data }))).toMatchObject({ ...sampleEvent(), data: {} });
    });

  test("is left alone at exactly 256 KiB, and cut one byte beyond", () => {
    const rest = bodyOf(sampleEvent({ data: { long: "" } }), "full").length;
    const [fitting, beyond] = [maxBytes - rest, maxBytes - rest + 1].map((length) => "x".repeat(length));
    expect(bodyOf(sampleEvent({ data: { long: fitting! } }), "full")).toHaveLength(maxBytes);
    expect(parsed(sampleEvent({ data: { long: beyond! } })).data).toMatchObject({ truncated: true });
  });

  test("loses all of the data where nothing less helps", () => {
    const event = sampleEvent({ stream_key: "k".repeat(maxBytes), data: { a: 1, b: [2] } });
    expect(parsed(event)).toEqual({ ...event, data: { truncated: true } });
  });

  test("is bounded, whole and the same each time, whatever the event holds", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 }).map((piece) => piece.repeat(5_000));
    const value = fc.letrec<{ value: HookValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie("value"), { maxLength: 5 }),
        fc.dictionary(text, tie("value"), { maxKeys: 4 }),
      ),
    })).value;
    holds(
      fc.property(
        fc.dictionary(text, value, { maxKeys: 5 }),
        fc.constantFrom(...envelopes),
        (data, envelope) => {
          const event = sampleEvent({ data });
          const body = bodyOf(event, envelope);
          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(maxBytes);
          expect(body).not.toMatch(/[\n\r\u2028\u2029]/);
          expect(bodyOf(event, envelope)).toBe(body);
          const whole = JSON.stringify(event).replace(/[\u2028\u2029]/g, "\\u2028");
          const isWhole = Buffer.byteLength(whole) <= maxBytes;
          const { data: kept } = JSON.parse(body) as HookEvent;
          if (isWhole && envelope === "full") expect(JSON.stringify(kept)).toBe(JSON.stringify(data));
          else if (!isWhole && envelope === "full") expect(kept.truncated).toBe(true);
        },
      ),
    );
  });
});
