import { describe, expect, test } from "bun:test";
import {
  ageText,
  deadLetterJson,
  deadLetterPage,
  deadLetterTable,
} from "../../../src/cli/hooks/dead-letter-text.ts";
import type { DeadLetter } from "../../../src/hooks/store/dead-letters.ts";

const now = Date.UTC(2026, 0, 1, 12);

const letter = (changes: Partial<DeadLetter> = {}): DeadLetter => ({
  id: 7,
  eventId: "evt_1",
  type: "publish_start",
  streamKey: "live/test",
  hookId: "webhook_0",
  reason: "permanent_status",
  attempts: 7,
  history: [
    { at: now - 9_000, duration_ms: 12, status: 503, error: "status 503 Service Unavailable" },
    { at: now - 6_000, duration_ms: 1_500, error: "connection refused" },
  ],
  at: now - 10_000,
  diedAt: now - 5_000,
  body: '{"type":"publish_start","data":{"query":"a\\u001b[2J"}}',
  ...changes,
});

describe("dead letters", () => {
  test("are a table of 80 columns, the last error of each below it", () => {
    const letters = [
      letter(),
      letter({
        id: 12_345,
        diedAt: now - 100 * 60_000,
        hookId: "a-hook-with-a-rather-long-name",
        type: "recording_segment_complete",
        streamKey: `live/${"x".repeat(100)}`,
        history: [{ at: now, duration_ms: 1, error: `${"word ".repeat(20)}end` }],
      }),
      letter({ id: 9, streamKey: "", reason: "hook_removed", attempts: 0, history: [] }),
    ];
    const table = deadLetterTable(letters, { total: 3, now, width: 80 }).split("\n");
    expect(table).toEqual([
      "   ID    AGE  HOOK          TYPE          STREAM         REASON            TRIES",
      "    7     5s  webhook_0     publish_sta…  live/test      permanent_status      7",
      "  connection refused",
      "12345  1h40m  a-hook-with…  recording_s…  live/xxxxxxx…  permanent_status      7",
      "  word word word word word word word word word word word word word word word",
      "  word word word word word end",
      "    9     5s  webhook_0     publish_sta…  -              hook_removed          0",
    ]);
    for (const line of table) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  });

  test("that are not all shown say how many there are", () => {
    expect(deadLetterTable([letter()], { total: 31, now, width: 80 })).toEndWith(
      "\n\nthe oldest 1 of 31; --limit 31 shows all",
    );
    expect(deadLetterTable([], { total: 0, now, width: 80 })).toBe("no dead letters");
  });

  test("show everything on a page of their own, and nothing that a terminal obeys", () => {
    expect(deadLetterPage(letter(), now).split("\n")).toEqual([
      "dead letter  7",
      "event        evt_1",
      "type         publish_start",
      "stream       live/test",
      "hook         webhook_0",
      "reason       permanent_status",
      "happened     2026-01-01T11:59:50.000Z (10s ago)",
      "given up     2026-01-01T11:59:55.000Z (5s ago)",
      "attempts     7, the last 2 are known",
      "  2026-01-01T11:59:51.000Z     12ms  503  status 503 Service Unavailable",
      "  2026-01-01T11:59:54.000Z   1500ms  connection refused",
      "body",
      "{",
      '  "type": "publish_start",',
      '  "data": {',
      '    "query": "a\\u001b[2J"',
      "  }",
      "}",
    ]);
    expect(deadLetterPage(letter({ body: "no\x1b json" }), now)).toEndWith("\nbody\nno\\u001b json");
  });

  test("are for programs what they are for people", () => {
    expect(deadLetterJson(letter())).toEqual({
      id: 7,
      event_id: "evt_1",
      type: "publish_start",
      stream_key: "live/test",
      hook_id: "webhook_0",
      reason: "permanent_status",
      attempts: 7,
      time: "2026-01-01T11:59:50.000Z",
      given_up: "2026-01-01T11:59:55.000Z",
      history: [
        {
          at: "2026-01-01T11:59:51.000Z",
          duration_ms: 12,
          status: 503,
          error: "status 503 Service Unavailable",
        },
        { at: "2026-01-01T11:59:54.000Z", duration_ms: 1_500, error: "connection refused" },
      ],
      event: { type: "publish_start", data: { query: "a\u001b[2J" } },
    });
  });

  test("have an age in one unit or two", () => {
    const minute = 60_000;
    const hour = 60 * minute;
    const ages = [-5, 0, 59_999, minute, 59 * minute, hour, 90 * minute, 24 * hour, 28 * hour];
    expect(ages.map(ageText)).toEqual(["0s", "0s", "59s", "1m", "59m", "1h", "1h30m", "1d", "1d4h"]);
  });
});
