import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../../src/base/errors.ts";
import type { RateLimitSettings } from "../../../src/hooks/filter/filter-settings.ts";
import { parseRate, RateLimiter } from "../../../src/hooks/filter/rate-limit.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { holds } from "../../base/property.ts";
import { sampleEvent } from "../sample-event.ts";

const settings = (changes: Partial<RateLimitSettings> = {}): RateLimitSettings => ({
  maxEvents: 10,
  windowMs: 60_000,
  burst: undefined,
  key: "hook",
  isStrict: false,
  ...changes,
});

const event = sampleEvent();

/** How many of `count` events at once pass. */
const passed = (limiter: RateLimiter, count: number, what = event): number =>
  Array.from({ length: count }, () => limiter.take(what)).filter(Boolean).length;

describe("a rate", () => {
  const rows: [string, number, number][] = [
    ["10/1m", 10, 60_000],
    ["1/1s", 1, 1_000],
    ["100/500ms", 100, 500],
    ["1000000/1h30m", 1_000_000, 5_400_000],
  ];
  for (const [text, maxEvents, windowMs] of rows) {
    test(`${text} is ${maxEvents} in ${windowMs} ms`, () => {
      expect(parseRate(text)).toEqual({ maxEvents, windowMs });
    });
  }

  for (const text of [
    "",
    "10",
    "/1m",
    "10/",
    "0/1m",
    "-1/1m",
    "1.5/1m",
    "10/0",
    "10/0s",
    "10/60",
    "10/m",
    "10 / 1m",
    "1000001/1s",
    "1e3/1m",
  ]) {
    test(`${JSON.stringify(text)} is none`, () => {
      expect(() => parseRate(text)).toThrow(ConfigError);
    });
  }
});

/** A clock whose date an operator turns back and forth, while its monotonic time goes on. */
class UnsteadyClock extends FakeClock {
  offsetMs = 0;

  override date(): Date {
    return new Date(super.date().getTime() + this.offsetMs);
  }
}

describe("a rate limit", () => {
  for (const { name, step } of [
    { name: "a steady clock", step: 0 },
    { name: "a clock that is set back and forth by an hour", step: 3_600_000 },
  ]) {
    test(`of 10/1m with burst 5 passes 5 at once, 15 by 60 s, and 10 a minute afterwards, with ${name}`, () => {
      const clock = new UnsteadyClock();
      const limiter = new RateLimiter(settings({ burst: 5 }), clock);
      expect(passed(limiter, 100)).toBe(5);
      let total = 5;
      const totals: number[] = [];
      for (let second = 1; second <= 600; second++) {
        clock.advance(1_000);
        if (second % 30 === 0) clock.offsetMs = clock.offsetMs > 0 ? -step : step;
        total += passed(limiter, 1);
        totals.push(total);
      }
      expect(totals[59]).toBe(15);
      for (const [index, value] of totals.entries())
        expect(Math.abs(value - (5 + (index + 1) / 6))).toBeLessThanOrEqual(1);
    });
  }

  test("without a burst lets all of a window's events pass at once, and then one at a time", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(settings(), clock);
    expect(passed(limiter, 20)).toBe(10);
    clock.advance(5_999);
    expect(passed(limiter, 5)).toBe(0);
    clock.advance(1);
    expect(passed(limiter, 5)).toBe(1);
    clock.advance(3_600_000);
    expect(passed(limiter, 20)).toBe(10);
  });

  test("lets exactly its burst pass at once, at whatever time and rate", () => {
    const start = fc.double({ min: 0, max: 10 ** 10, noNaN: true });
    const events = fc.integer({ min: 1, max: 1_000 });
    holds(
      fc.property(start, events, fc.integer({ min: 1_000, max: 100_000 }), (now, maxEvents, windowMs) => {
        const limiter = new RateLimiter(settings({ maxEvents, windowMs }), new FakeClock(now));
        expect(passed(limiter, maxEvents + 10)).toBe(maxEvents);
      }),
    );
  });

  test("does what tokens that are counted do", () => {
    const rate = fc.record({
      maxEvents: fc.integer({ min: 1, max: 50 }),
      windowMs: fc.integer({ min: 1, max: 100_000 }),
      burst: fc.integer({ min: 1, max: 80 }),
    });
    const pauses = fc.array(fc.nat({ max: 20_000 }), { maxLength: 150 });
    holds(
      fc.property(rate, pauses, fc.nat({ max: 10 ** 9 }), (chosen, waits, start) => {
        const clock = new FakeClock(start);
        const limiter = new RateLimiter(settings(chosen), clock);
        // In units in which an event costs `windowMs` and a millisecond brings `maxEvents`, all numbers are whole.
        const capacity = chosen.burst * chosen.windowMs;
        let tokens = capacity;
        for (const wait of waits) {
          clock.advance(wait);
          tokens = Math.min(capacity, tokens + wait * chosen.maxEvents);
          const isDue = tokens >= chosen.windowMs;
          expect(limiter.take(event)).toBe(isDue);
          if (isDue) tokens -= chosen.windowMs;
        }
      }),
    );
  });

  for (const isStrict of [false, true]) {
    test(`${isStrict ? "that is strict " : ""}holds in any window of time`, () => {
      const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 3_000 })), { maxLength: 200 });
      holds(
        fc.property(
          fc.integer({ min: 1, max: 8 }),
          fc.integer({ min: 1, max: 12 }),
          pauses,
          (n, burst, waits) => {
            const clock = new FakeClock();
            const windowMs = 5_000;
            const limiter = new RateLimiter(settings({ maxEvents: n, windowMs, burst, isStrict }), clock);
            const times: number[] = [];
            for (const wait of waits) {
              clock.advance(wait);
              if (limiter.take(event)) times.push(clock.now());
            }
            for (const from of times) {
              const within = times.filter((time) => time >= from && time < from + windowMs).length;
              expect(within).toBeLessThanOrEqual(isStrict ? n : n + burst);
            }
          },
        ),
      );
    });
  }

  test("that is strict lets an event pass as soon as the one before it has left the window", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(settings({ maxEvents: 2, windowMs: 1_000, isStrict: true }), clock);
    expect(passed(limiter, 5)).toBe(2);
    clock.advance(999);
    expect(passed(limiter, 5)).toBe(0);
    clock.advance(1);
    expect(passed(limiter, 5)).toBe(2);
  });

  test("that is strict keeps to its burst too", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(settings({ burst: 3, isStrict: true }), clock);
    expect(passed(limiter, 10)).toBe(3);
    clock.advance(6_000);
    expect(passed(limiter, 10)).toBe(1);
  });

  const keys = [
    {
      key: "hook",
      shared: [{}, { stream_key: "live/b" }, { conn_id: "c2" }, { type: "play_start" }],
      own: [],
    },
    {
      key: "stream",
      shared: [{}, { conn_id: "c2" }, { type: "play_start" }],
      own: [{ stream_key: "live/b" }],
    },
    { key: "conn", shared: [{}, { stream_key: "live/b" }, { type: "play_start" }], own: [{ conn_id: "c2" }] },
    {
      key: "event",
      shared: [{}, { stream_key: "live/b" }, { conn_id: "c2" }],
      own: [{ type: "play_start" }],
    },
  ] as const;
  for (const { key, shared, own } of keys) {
    test(`by ${key} counts what has that in common together, and all else apart`, () => {
      const limiter = new RateLimiter(settings({ key, burst: 1 }), new FakeClock());
      expect(passed(limiter, 1)).toBe(1);
      for (const changes of shared) expect(passed(limiter, 1, sampleEvent(changes))).toBe(0);
      for (const changes of own) expect(passed(limiter, 2, sampleEvent(changes))).toBe(1);
    });
  }
});

describe("the memory of a rate limit", () => {
  test("holds no bucket that is full again", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(settings({ key: "stream", burst: 5 }), clock);
    for (let index = 0; index < 5_000; index++) limiter.take(sampleEvent({ stream_key: `live/${index}` }));
    expect(limiter.size).toBe(5_000);
    clock.advance(30_000);
    limiter.take(event);
    clock.advance(30_000);
    limiter.take(event);
    expect(limiter.size).toBeLessThanOrEqual(2);
  });

  test("has an end, whatever names streams have", () => {
    for (const isStrict of [false, true]) {
      const limiter = new RateLimiter(settings({ key: "stream", isStrict }), new FakeClock());
      for (let index = 0; index < 60_000; index++) limiter.take(sampleEvent({ stream_key: `live/${index}` }));
      expect(limiter.size).toBeLessThanOrEqual(20_000);
    }
  });

  test("has an end for a strict limit of many events by stream", () => {
    const limiter = new RateLimiter(
      settings({ maxEvents: 100_000, key: "stream", isStrict: true }),
      new FakeClock(),
    );
    for (let index = 0; index < 1_000; index++) limiter.take(sampleEvent({ stream_key: `live/${index}` }));
    expect(limiter.size).toBeLessThanOrEqual(20);
  });

  test("keeps an empty bucket for as long as it is not full, whatever others do", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(settings({ key: "stream" }), clock);
    expect(passed(limiter, 20)).toBe(10);
    let later = 0;
    for (let second = 1; second <= 59; second++) {
      clock.advance(1_000);
      limiter.take(sampleEvent({ stream_key: `live/${second}` }));
      later += passed(limiter, 1);
    }
    expect(later).toBe(9);
  });
});
