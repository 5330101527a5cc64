import { expect, test } from "bun:test";
import { formatSessionHeader, parseSessionHeader } from "../../src/rtsp/session-header.ts";

test("a session has an id and a timeout, 60 seconds where it does not say", () => {
  expect(parseSessionHeader("12ab;timeout=30")).toEqual({ id: "12ab", timeoutSeconds: 30 });
  expect(parseSessionHeader(" 12ab ; Timeout = 5 ")).toEqual({ id: "12ab", timeoutSeconds: 5 });
  expect(parseSessionHeader("12ab")).toEqual({ id: "12ab", timeoutSeconds: 60 });
  expect(parseSessionHeader("12ab;timeout=0")).toEqual({ id: "12ab", timeoutSeconds: 60 });
  expect(parseSessionHeader(";timeout=5")).toBeUndefined();
  expect(parseSessionHeader("a".repeat(257))).toBeUndefined();
  expect(formatSessionHeader({ id: "12ab", timeoutSeconds: 30 })).toBe("12ab;timeout=30");
});
