import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatBody } from "../../../src/hooks/webhook/body-format.ts";
import { bodyFormats } from "../../../src/hooks/webhook/webhook-settings.ts";
import { holds } from "../../base/property.ts";
import { hostileTexts } from "../hostile-texts.ts";
import { sampleEvent } from "../sample-event.ts";
import { sampleAttempt } from "./sample-webhook.ts";

describe("the body of a webhook", () => {
  test("is the stored event, byte for byte", () => {
    const body = '{ "as": "stored" }';
    expect(formatBody("seed", sampleAttempt({ body }))).toEqual({ contentType: "application/json", body });
  });

  test("is a CloudEvent", () => {
    const { contentType, body } = formatBody("cloudevents", sampleAttempt());
    expect({ contentType, body: JSON.parse(body) }).toEqual({
      contentType: "application/cloudevents+json",
      body: {
        specversion: "1.0",
        id: "evt_019b0000-0000-7000-8000-000000000001",
        source: "/rtmp/server",
        type: "rtmp.publish_start",
        subject: "live/test",
        time: "2026-01-01T00:00:00.000Z",
        datacontenttype: "application/json",
        sequence: "0000000000000001",
        severitytext: "info",
        connid: "c000001",
        sessionid: "session",
        data: { app: "live", stream_name: "test", publish_type: "live", client_ip: "127.0.0.1" },
      },
    });
  });

  test("as a CloudEvent has no empty attribute, and names that are allowed", () => {
    const event = sampleEvent({ conn_id: "", stream_key: "", session_id: "", server_id: "a b/ü" });
    const { data: _, ...attributes } = JSON.parse(formatBody("cloudevents", sampleAttempt({ event })).body);
    expect(Object.values(attributes)).not.toContain("");
    for (const name of Object.keys(attributes)) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
    expect(attributes.source).toBe("/rtmp/a%20b%2F%C3%BC");
  });

  test("numbers CloudEvents so that their text sorts as they came", () => {
    const sequence = (seq: number): string =>
      JSON.parse(formatBody("cloudevents", sampleAttempt({ event: sampleEvent({ seq }) })).body).sequence;
    const numbers = [1, 9, 10, 99, 100, Number.MAX_SAFE_INTEGER];
    expect(numbers.map(sequence).toSorted()).toEqual(numbers.map(sequence));
  });

  test("is a message for Discord that calls nobody", () => {
    const event = sampleEvent({ stream_key: "live/@everyone*_`", data: { note: "```@here", size: 3 } });
    expect(JSON.parse(formatBody("discord", sampleAttempt({ event })).body)).toEqual({
      content: "**publish\\_start** live/\\@everyone\\*\\_'\n```\nnote: '''@here\nsize: 3\n```",
      allowed_mentions: { parse: [] },
    });
  });

  test("is a message for Slack that calls nobody", () => {
    const event = sampleEvent({ stream_key: "live/<!channel>", data: { note: "<!here> & ```" } });
    expect(JSON.parse(formatBody("slack", sampleAttempt({ event })).body)).toEqual({
      text: "*publish_start* `live/&lt;!channel&gt;`\n```\nnote: &lt;!here&gt; &amp; '''\n```",
    });
  });

  test("for a chat fits, however long the event is, and says where it was cut", () => {
    const data = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`key_${index}`, "🎥".repeat(20)]),
    );
    const event = sampleEvent({ stream_key: "🎥".repeat(4_000), data });
    const attempt = sampleAttempt({ event });
    const { content } = JSON.parse(formatBody("discord", attempt).body);
    const { text } = JSON.parse(formatBody("slack", attempt).body);
    expect([content.length <= 2_000, text.length <= 3_000]).toEqual([true, true]);
    for (const message of [content, text]) expect(message).toMatch(/…\n```$/);
    expect([content.isWellFormed(), text.isWellFormed()]).toEqual([true, true]);
  });

  for (const format of bodyFormats) {
    test(`${format} is the same each time, and JSON whatever a stream is called`, () => {
      const texts = fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom(...hostileTexts.map(({ text }) => text)),
      );
      holds(
        fc.property(texts, fc.dictionary(fc.string(), texts), (stream_key, data) => {
          const attempt = sampleAttempt({ event: sampleEvent({ stream_key, data }) });
          const { body } = formatBody(format, attempt);
          expect(formatBody(format, sampleAttempt({ ...attempt, number: 7 })).body).toBe(body);
          const message = JSON.parse(body);
          const text: string = message.content ?? message.text ?? "";
          expect(text.length).toBeLessThanOrEqual(format === "discord" ? 2_000 : 3_000);
          // One block at most: nothing within closes it.
          expect([0, 2]).toContain(text.split("```").length - 1);
        }),
        { numRuns: 50 },
      );
    });
  }
});
