import { setTimeZone } from "bun:jsc";
import { afterEach, describe, expect, test } from "bun:test";
import { formatRfc3339 } from "../../src/base/rfc3339.ts";

const zoneBefore = Intl.DateTimeFormat().resolvedOptions().timeZone;

afterEach(() => {
  setTimeZone(zoneBefore);
});

describe("a moment in RFC 3339", () => {
  const rows: { zone: string; at: string; microseconds?: number; text: string }[] = [
    { zone: "UTC", at: "2026-08-22T10:00:00Z", text: "2026-08-22T10:00:00Z" },
    { zone: "UTC", at: "2026-08-22T10:00:00.1Z", text: "2026-08-22T10:00:00.1Z" },
    { zone: "UTC", at: "2026-08-22T10:00:00.012Z", text: "2026-08-22T10:00:00.012Z" },
    { zone: "UTC", at: "1969-12-31T23:59:59.9Z", text: "1969-12-31T23:59:59.9Z" },
    {
      zone: "UTC",
      at: "2026-08-22T10:00:00.123Z",
      microseconds: 123_456,
      text: "2026-08-22T10:00:00.123456Z",
    },
    { zone: "UTC", at: "2026-08-22T10:00:00Z", microseconds: 10, text: "2026-08-22T10:00:00.00001Z" },
    { zone: "Europe/Berlin", at: "2026-08-22T10:00:00.5Z", text: "2026-08-22T12:00:00.5+02:00" },
    { zone: "Europe/Berlin", at: "2026-12-31T23:30:00Z", text: "2027-01-01T00:30:00+01:00" },
    { zone: "America/St_Johns", at: "2026-01-01T00:00:00Z", text: "2025-12-31T20:30:00-03:30" },
    { zone: "Asia/Kathmandu", at: "2026-01-01T00:00:00Z", text: "2026-01-01T05:45:00+05:45" },
  ];
  for (const { zone, at, microseconds, text } of rows) {
    test(`is ${text} in ${zone}`, () => {
      setTimeZone(zone);
      expect(formatRfc3339(new Date(at), microseconds)).toBe(text);
      expect(Math.trunc(Date.parse(text) / 1000)).toBe(Math.trunc(Date.parse(at) / 1000));
    });
  }
});
