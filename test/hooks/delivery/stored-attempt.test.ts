import { describe, expect, test } from "bun:test";
import { StoredAttempt } from "../../../src/hooks/delivery/stored-attempt.ts";
import { sampleEvent } from "../sample-event.ts";
import { EngineBench } from "./engine-bench.ts";

const bench = new EngineBench();

describe("an attempt at a stored delivery", () => {
  test("has the event as it was raised, its bytes, and its number", () => {
    const event = sampleEvent();
    const [delivery] = bench.make(["a"], { body: JSON.stringify(event) });
    const attempt = new StoredAttempt({ ...delivery!, attempts: 2, isReplay: true });
    expect([attempt.event, attempt.body, attempt.number, attempt.occasion]).toEqual([
      event,
      JSON.stringify(event),
      3,
      "replay",
    ]);
  });

  test("knows what a short body leaves out, and lives with a body that is no JSON", () => {
    const { type, timestamp, conn_id, stream_key, data } = sampleEvent();
    const [short] = bench.make(["a"], {
      body: JSON.stringify({ type, timestamp, conn_id, stream_key, data }),
      at: 1_767_225_600_000,
    });
    expect(new StoredAttempt(short!).event).toEqual(
      sampleEvent({ id: short!.event.id, session_id: "s", seq: 0, server_id: "" }),
    );
    const [broken] = bench.make(["a"], { body: "{" });
    const attempt = new StoredAttempt(broken!);
    expect([attempt.event.id, attempt.event.stream_key, attempt.body, "occasion" in attempt]).toEqual([
      broken!.event.id,
      "live/a",
      "{",
      false,
    ]);
  });
});
