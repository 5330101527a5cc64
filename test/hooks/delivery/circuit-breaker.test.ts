import { describe, expect, test } from "bun:test";
import { CircuitBreaker } from "../../../src/hooks/delivery/circuit-breaker.ts";

/** A breaker that has just opened at `now`. */
const opened = (now: number): CircuitBreaker => {
  const breaker = new CircuitBreaker();
  for (let i = 0; i < 5; i++) breaker.failed(now, false);
  return breaker;
};

describe("a circuit breaker", () => {
  test("opens after five failures in a row, and tells so once", () => {
    const breaker = new CircuitBreaker();
    const told = Array.from({ length: 7 }, () => breaker.failed(0, false));
    expect(told).toEqual([false, false, false, false, true, false, false]);
    expect([breaker.state, breaker.probeAt]).toEqual(["open", 1_000]);
  });

  test.each([
    { name: "half of ten in 30 s", everyMs: 2_900, state: "open" },
    { name: "half of ten in more than 30 s", everyMs: 3_500, state: "closed" },
  ])("$name: $state", ({ everyMs, state }) => {
    const breaker = new CircuitBreaker();
    for (let i = 0; i < 10; i++) {
      if (i % 2 === 0) breaker.succeeded(i * everyMs, false);
      else breaker.failed(i * everyMs, false);
    }
    expect(breaker.state).toBe(state as "open");
  });

  test("stays closed where more than half works", () => {
    const breaker = new CircuitBreaker();
    for (let i = 0; i < 300; i++) {
      if (i % 3 === 0) breaker.failed(i, false);
      else breaker.succeeded(i, false);
    }
    expect(breaker.state).toBe("closed");
  });

  test("lets a probe through after 1, 2, 4, then every 5 s", () => {
    const breaker = opened(0);
    const at: (number | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      const now = breaker.probeAt ?? 0;
      at.push(now);
      expect([breaker.started(), breaker.state, breaker.probeAt, breaker.started()]).toEqual([
        true,
        "half-open",
        undefined,
        false,
      ]);
      expect(breaker.failed(now, true)).toBe(false);
    }
    expect(at).toEqual([1_000, 3_000, 7_000, 12_000, 17_000, 22_000]);
  });

  test("closes when two probes in a row have worked, the second at once", () => {
    const breaker = opened(0);
    breaker.started();
    expect([breaker.succeeded(1_000, true), breaker.state, breaker.probeAt]).toEqual([false, "open", 1_000]);
    breaker.started();
    breaker.failed(1_000, true);
    breaker.started();
    expect(breaker.succeeded(3_000, true)).toBe(false);
    breaker.started();
    expect([breaker.succeeded(3_000, true), breaker.state, breaker.failures]).toEqual([true, "closed", 0]);
  });

  test("hears nothing in attempts that were under way when it opened", () => {
    const breaker = opened(0);
    for (let i = 0; i < 5; i++) breaker.failed(500, false);
    for (let i = 0; i < 5; i++) breaker.succeeded(500, false);
    expect([breaker.state, breaker.probeAt]).toEqual(["open", 1_000]);
  });

  test("a probe that says nothing may be followed by another at once", () => {
    const breaker = opened(0);
    breaker.started();
    breaker.voided(1_200, false);
    expect(breaker.state).toBe("half-open");
    breaker.voided(1_200, true);
    expect([breaker.state, breaker.probeAt]).toEqual(["open", 1_200]);
  });

  test("lets 1, 2, 4, 8 run at once after it closed, then as many as there are, and from one again after a failure", () => {
    const breaker = new CircuitBreaker();
    expect(breaker.concurrency).toBe(Number.POSITIVE_INFINITY);
    breaker.restart();
    const widths: number[] = [];
    for (let i = 0; i < 15; i++) {
      widths.push(breaker.concurrency);
      breaker.succeeded(i, false);
    }
    expect([...new Set(widths)]).toEqual([1, 2, 4, 8]);
    expect(breaker.concurrency).toBe(Number.POSITIVE_INFINITY);
    breaker.restart();
    for (let i = 0; i < 4; i++) breaker.succeeded(i, false);
    breaker.failed(9, false);
    expect(breaker.concurrency).toBe(1);
  });

  test("forgets everything when told so, and a probe of before means nothing then", () => {
    const breaker = opened(0);
    breaker.started();
    breaker.reset();
    expect(breaker.failed(0, true)).toBe(false);
    expect([breaker.state, breaker.concurrency]).toEqual(["closed", Number.POSITIVE_INFINITY]);
  });
});
