import { expect, test } from "bun:test";
import { readHistory, withAttempt } from "../../../src/hooks/store/history.ts";
import { attempt } from "./stored-event.ts";

test("a history keeps the last five attempts, the oldest first", () => {
  let text = "[]";
  for (let at = 1; at <= 8; at++) text = withAttempt(text, attempt(at, { error: `fault ${at}` }));
  expect(readHistory(text).map(({ at, error }) => [at, error])).toEqual(
    [4, 5, 6, 7, 8].map((at) => [at, `fault ${at}`]),
  );
});

test("an attempt that worked has no error, and none at all changes nothing", () => {
  const text = withAttempt("[]", attempt(1));
  expect(readHistory(text)).toEqual([{ at: 1, duration_ms: 12 }]);
  expect(withAttempt(text, undefined)).toBe(text);
});

test("a history that cannot be read is empty", () => {
  for (const text of ["", "{", "null", "7"]) expect(readHistory(text)).toEqual([]);
});
