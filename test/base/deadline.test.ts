import { expect, test } from "bun:test";
import { withDeadline } from "../../src/base/deadline.ts";
import { FakeClock } from "./fake-clock.ts";

test("what comes in time is passed on, and leaves no timer behind", async () => {
  const clock = new FakeClock();
  expect(await withDeadline(1, { clock, ms: 10, what: "it" })).toBe(1);
  expect(await withDeadline(Promise.resolve(2), { clock, ms: 10, what: "it" })).toBe(2);
  const failing = withDeadline(Promise.reject(new Error("no")), { clock, ms: 10, what: "it" });
  expect(await failing.catch((thrown: unknown) => thrown)).toMatchObject({ message: "no" });
  expect(clock.timers).toBe(0);
});

test("what comes too late is an error, and a late failure harms nobody", async () => {
  const clock = new FakeClock();
  const { promise, reject } = Promise.withResolvers<number>();
  const pending = withDeadline(promise, { clock, ms: 10, what: "it" });
  clock.advance(10);
  const error = await pending.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "TIMEOUT", message: "it: no answer within 10 ms" });
  reject(new Error("late"));
  await Bun.sleep(0);
});
