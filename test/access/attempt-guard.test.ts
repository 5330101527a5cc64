import { describe, expect, test } from "bun:test";
import { allow, allowAnybody, refuse } from "../../src/access/answer.ts";
import { AttemptGuard } from "../../src/access/attempt-guard.ts";
import type { Admission } from "../../src/stream/admission.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { type RequestChanges, sampleRequest } from "./sample-request.ts";

/** A guard before something that gives `answer.next`, and counts how often it is asked. */
const open = (next: Admission = refuse("denied", "wrong")) => {
  const clock = new FakeClock();
  const inner = { next, asked: 0 };
  const guard = new AttemptGuard(
    {
      decide: () => {
        inner.asked++;
        return inner.next;
      },
    },
    { clock },
  );
  const ask = (changes: RequestChanges = {}): Admission => {
    const answer = guard.decide(sampleRequest(changes));
    if (answer instanceof Promise) throw new Error("expected an answer at once");
    return answer;
  };
  const delay = (changes: RequestChanges = {}): number => {
    const answer = ask(changes);
    return answer.isAllowed ? -1 : answer.delayMs;
  };
  return { clock, guard, inner, ask, delay };
};

const times = <Value>(count: number, make: () => Value): Value[] => Array.from({ length: count }, make);

describe("guessing", () => {
  test("gets slower after the first few, up to four seconds", () => {
    const { delay } = open();
    expect(times(10, delay)).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  test("is forgotten after some minutes", () => {
    const { clock, delay } = open();
    times(8, delay);
    clock.advance(299_999);
    expect(delay()).toBe(4_000);
    clock.advance(300_000);
    expect(delay()).toBe(0);
  });

  test("is forgotten by being right, but not by getting what anybody gets", () => {
    const { inner, delay, ask } = open();
    times(6, delay);
    inner.next = allowAnybody("whoever");
    ask();
    inner.next = refuse("denied", "wrong");
    expect(delay()).toBe(2_000);
    inner.next = allow("anna");
    expect(ask().isAllowed).toBe(true);
    inner.next = refuse("denied", "wrong");
    expect(delay()).toBe(0);
  });

  test("at publishing is not forgotten by reading", () => {
    const { inner, delay, ask } = open();
    times(6, delay);
    inner.next = allow("anna");
    ask({ action: "read" });
    inner.next = refuse("denied", "wrong");
    expect(delay()).toBe(2_000);
  });

  test("is not what those do who show nothing, or whom nobody could answer", () => {
    const { inner, delay } = open(refuse("missing", "nothing"));
    times(20, delay);
    inner.next = refuse("unavailable", "down");
    times(20, delay);
    inner.next = refuse("denied", "wrong");
    expect(delay()).toBe(0);
  });

  test("counts by address, and by /64 of IPv6", () => {
    const { delay } = open();
    times(8, () => delay({ ip: "2001:db8::1" }));
    expect([
      delay({ ip: "2001:db8::ffff:2" }),
      delay({ ip: "2001:db8:0:1::1" }),
      delay({ ip: "192.0.2.1" }),
      delay({ ip: "::ffff:192.0.2.1" }),
      delay({ ip: "192.0.2.1" }),
      delay({ ip: "::ffff:192.0.2.1" }),
    ]).toEqual([4_000, 0, 0, 0, 0, 250]);
  });

  test("with too many answers held back is refused without looking, until some are out", () => {
    const { clock, inner, ask, delay } = open();
    times(35, delay);
    expect(inner.asked).toBe(35);
    inner.next = allow("anna");
    expect(ask()).toEqual(refuse("denied", "too many wrong attempts from this address"));
    expect(inner.asked).toBe(35);
    expect(ask({ ip: "192.0.2.1" }).isAllowed).toBe(true);
    clock.advance(4_000);
    expect(ask().isAllowed).toBe(true);
  });

  test("counts answers that are not there yet", async () => {
    const clock = new FakeClock();
    let asked = 0;
    const answers: ((answer: Admission) => void)[] = [];
    const guard = new AttemptGuard(
      {
        decide: () => {
          asked++;
          const { promise, resolve } = Promise.withResolvers<Admission>();
          answers.push(resolve);
          return promise;
        },
      },
      { clock },
    );
    for (let failure = 0; failure < 4; failure++)
      guard.refuseWrong({ ip: "203.0.113.5", action: "publish" }, "wrong");
    const asks = times(100, () => guard.decide(sampleRequest()));
    expect(asked).toBe(31);
    for (const answer of answers) answer(allow("anna"));
    expect((await Promise.all(asks)).filter(({ isAllowed }) => isAllowed).length).toBe(31);
    clock.advance(250);
    expect(guard.decide(sampleRequest())).toBeInstanceOf(Promise);
  });

  test("from any number of addresses is remembered in bounded memory", () => {
    const { delay } = open();
    times(8, delay);
    for (let address = 0; address < 10_000; address++) delay({ ip: `10.0.${address >> 8}.${address & 255}` });
    expect(delay()).toBe(0);
  });
});
