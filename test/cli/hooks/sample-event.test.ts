import { describe, expect, test } from "bun:test";
import { sampleEvent } from "../../../src/cli/hooks/sample-event.ts";
import { catalogue, type FieldType } from "../../../src/hooks/event/catalogue.ts";
import { FakeClock } from "../../base/fake-clock.ts";

const isOf: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  s: (value) => typeof value === "string" && value !== "",
  i: Number.isInteger,
  f: Number.isFinite,
  b: (value) => typeof value === "boolean",
};

/** Fields that one event cannot have together with the others. */
const exclusive: Readonly<Record<string, readonly string[]>> = {
  codec_detected: ["sample_rate", "channels"],
};

const sample = (type: (typeof catalogue)[number]["type"]) =>
  sampleEvent(type, { streamKey: "live/abc/in", clock: new FakeClock() });

describe("a sample", () => {
  for (const { type, fields } of catalogue) {
    test(`of ${type} has every field of the catalogue, with a value of its type`, () => {
      const event = sample(type);
      expect(event).toMatchObject({ type, v: 1, time: "2026-01-01T00:00:01.000Z" });
      const expected = fields.map(({ name }) => name).filter((name) => !exclusive[type]?.includes(name));
      // protocol_error and others give them in another order.
      expect(Object.keys(event.data).sort()).toEqual([...expected].sort());
      for (const { name, type: fieldType } of fields)
        if (name in event.data) expect([name, isOf[fieldType](event.data[name])]).toEqual([name, true]);
    });
  }

  test("is about the stream that was asked for, in all that names it", () => {
    expect(sample("publish_start")).toMatchObject({
      stream_key: "live/abc/in",
      conn_id: "c000001",
      session_id: expect.stringMatching(/^ses_/),
      data: { app: "live", stream_name: "abc/in", client_ip: "192.0.2.10" },
    });
    expect(sample("recording_segment_complete").data.segment_path).toBe(
      "recordings/live_abc_in_20260101_000001_seg001.flv",
    );
  });

  test("of an end belongs to a session, as that of its beginning does", () => {
    for (const type of ["publish_stop", "play_stop"] as const)
      expect(sample(type).session_id).toMatch(/^ses_/);
  });

  test("of the server as a whole is about no stream", () => {
    expect(sample("server_start")).toMatchObject({ stream_key: "", conn_id: "", session_id: "" });
  });
});
