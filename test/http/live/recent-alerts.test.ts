import { expect, test } from "bun:test";
import { RecentAlerts } from "../../../src/http/live/recent-alerts.ts";
import { FakeClock } from "../../base/fake-clock.ts";

const note = (alerts: RecentAlerts, kind: string, level: "debug" | "info" | "warn" | "error"): void =>
  alerts.note({
    kind,
    line: { level, message: kind, fields: { stream_key: "live/a", n: 1, gone: undefined, list: ["a", "b"] } },
  });

test("warnings and errors are kept, and whatever monitors raise or clear", () => {
  const alerts = new RecentAlerts(new FakeClock());
  note(alerts, "connectionAccepted", "debug");
  note(alerts, "publishStarted", "info");
  note(alerts, "relayFailed", "warn");
  note(alerts, "qualityAlert", "info");
  note(alerts, "recordingFailed", "error");
  expect(alerts.list().map(({ number, kind, level }) => `${number} ${kind} ${level}`)).toEqual([
    "3 recordingFailed error",
    "2 qualityAlert info",
    "1 relayFailed warn",
  ]);
  expect(alerts.list()[0]).toEqual({
    number: 3,
    time: "2026-01-01T00:00:01.000Z",
    level: "error",
    kind: "recordingFailed",
    path: "live/a",
    message: "recordingFailed",
    details: { n: "1", list: "a,b" },
  });
});

test("the last two hundred are kept", () => {
  const alerts = new RecentAlerts(new FakeClock());
  for (let count = 0; count < 1_000; count++) note(alerts, "relayFailed", "warn");
  expect(alerts.list()).toHaveLength(200);
  expect(alerts.list()[0]?.number).toBe(1_000);
  expect(alerts.after(998)).toMatchObject({ texts: { length: 2 }, last: 1_000 });
});
