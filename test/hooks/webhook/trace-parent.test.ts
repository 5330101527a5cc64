import { expect, test } from "bun:test";
import { traceParent } from "../../../src/hooks/webhook/trace-parent.ts";

test("requests about one event share a trace, and each is a span of its own", () => {
  const id = "evt_019B0000-1111-7222-8333-444444444444";
  const [first, second] = [traceParent(id), traceParent(id)];
  expect(first).toMatch(/^00-019b0000111172228333444444444444-[0-9a-f]{16}-01$/);
  expect(second.substring(0, 36)).toBe(first.substring(0, 36));
  expect(second).not.toBe(first);
});

test("an id without a UUID has a trace as well", () => {
  const [one, other] = [traceParent("evt_1"), traceParent("evt_2")];
  expect(one).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(traceParent("evt_1").substring(0, 36)).toBe(one.substring(0, 36));
  expect(other.substring(0, 36)).not.toBe(one.substring(0, 36));
});
