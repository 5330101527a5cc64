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
  const decide = (): Admission => {
    inner.asked++;
    return inner.next;
  };
  const guard = new AttemptGuard({ atOnce: decide, decide }, { clock });
  let guesses = 0;
  const ask = (changes: RequestChanges = {}): Admission => {
    const answer = guard.decide(sampleRequest(changes));
    if (answer instanceof Promise) throw new Error("expected an answer at once");
    return answer;
  };
  /** Another password each time, unless `changes` has one. */
  const guess = (changes: RequestChanges = {}): Admission =>
    ask({ credentials: { user: "anna", password: `guess${guesses++}` }, ...changes });
  const delay = (changes: RequestChanges = {}): number => {
    const answer = guess(changes);
    return answer.isAllowed ? -1 : answer.delayMs;
  };
  return { clock, guard, inner, ask, guess, delay };
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

  test("is not forgotten by being right in between, which is answered at once", () => {
    const { inner, delay, ask } = open();
    const right = { credentials: { user: "anna", password: "secret" } };
    const delays: number[] = [];
    for (let round = 0; round < 3; round++) {
      inner.next = refuse("denied", "wrong");
      delays.push(...times(3, delay));
      inner.next = allow("anna");
      expect(ask(right)).toEqual(allow("anna"));
    }
    expect(delays).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 4_000]);
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

  test("side by side gets no further than one by one", () => {
    const { clock, inner, ask, guess } = open();
    times(1_000, guess);
    expect(inner.asked).toBe(22);
    inner.next = allow("anna");
    expect(guess()).toEqual(refuse("denied", "too many wrong attempts from this address"));
    expect(ask({ ip: "192.0.2.1" }).isAllowed).toBe(true);
    clock.advance(4_000);
    expect(guess().isAllowed).toBe(true);
    inner.next = refuse("denied", "wrong");
    inner.asked = 0;
    for (let second = 0; second < 100; second++) {
      times(10, guess);
      clock.advance(1_000);
    }
    expect(inner.asked).toBe(25);
  });

  test("locks out nobody behind the same address who was right before", () => {
    const { inner, ask, guess } = open(allow("anna"));
    const right = { credentials: { user: "anna", password: "secret" } };
    ask({ ...right, port: 1, id: "one" });
    inner.next = refuse("denied", "wrong");
    times(100, guess);
    inner.next = allow("anna");
    expect(ask({ ...right, port: 2, id: "two" })).toEqual(allow("anna"));
    expect(guess().isAllowed).toBe(false);
    inner.next = refuse("denied", "not any more");
    ask(right);
    inner.next = allow("anna");
    expect(ask(right).isAllowed).toBe(false);
  });

  test("locks out nobody who shows nothing, and may do what anybody may", () => {
    const { inner, ask, guess } = open();
    times(100, guess);
    inner.next = allowAnybody("");
    expect([ask(), ask({ query: "psk=1" }), guess()].map(({ isAllowed }) => isAllowed)).toEqual([
      true,
      false,
      false,
    ]);
    inner.next = refuse("missing", "nothing shown");
    expect(ask()).toEqual(inner.next);
    inner.next = refuse("denied", "secret name");
    expect(ask()).toEqual(refuse("denied", "too many wrong attempts from this address"));
  });

  test("is not what an encoder with an old password does, which is held back all the same", () => {
    const { inner, ask } = open();
    const old = { credentials: { user: "anna", password: "old" } };
    const delays = times(200, () => ask(old)).map((answer) => (answer.isAllowed ? -1 : answer.delayMs));
    expect(delays.slice(0, 8)).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000]);
    expect(new Set(delays.slice(8))).toEqual(new Set([4_000]));
    inner.next = allow("anna");
    expect(ask({ credentials: { user: "anna", password: "new" } }).isAllowed).toBe(true);
  });

  test("with all guesses at once, before any is answered, is stopped as soon as the first are", async () => {
    const clock = new FakeClock();
    const answers: ((answer: Admission) => void)[] = [];
    const decide = (): Promise<Admission> => {
      const { promise, resolve } = Promise.withResolvers<Admission>();
      answers.push(resolve);
      return promise;
    };
    const guard = new AttemptGuard({ atOnce: () => undefined, decide }, { clock });
    const guesses = Array.from({ length: 5_000 }, (_, index) =>
      guard.decide(sampleRequest({ credentials: { password: `guess${index}` } })),
    );
    expect(answers.length).toBe(16);
    for (let count = 0; count < answers.length; count++) {
      answers[count]?.(refuse("denied", "wrong"));
      await Bun.sleep(0);
    }
    const results = (await Promise.all(guesses)).map((answer) => (answer.isAllowed ? "" : answer.message));
    const countOf = (text: string): number => results.filter((result) => result.startsWith(text)).length;
    expect(answers.length).toBe(37);
    expect({
      wrong: countOf("wrong"),
      unlooked: countOf("too many wrong"),
      refused: countOf("too many questions"),
    }).toEqual({ wrong: 37, unlooked: 979, refused: 3_984 });
  });

  test("from any number of addresses is remembered in bounded memory", () => {
    const { delay } = open();
    times(8, delay);
    for (let address = 0; address < 10_000; address++) delay({ ip: `10.0.${address >> 8}.${address & 255}` });
    expect(delay()).toBe(0);
  });
});
