import { describe, expect, test } from "bun:test";
import type { HookFailure } from "../../../src/hooks/delivery/hook.ts";
import type { Backoff } from "../../../src/hooks/delivery/policy.ts";
import {
  courseAfter,
  delayAfter,
  maxAgeOf,
  pauseAfter,
  verdictOn,
} from "../../../src/hooks/delivery/retry-schedule.ts";
import { durable } from "./engine-bench.ts";

const half = (): number => 0.5;

const failure = (changes: Partial<HookFailure> = {}): HookFailure => ({
  kind: "failed",
  error: "status 500 Internal Server Error",
  status: 500,
  verdict: "retry",
  ...changes,
});

describe("the delay before the next attempt", () => {
  test.each<{ backoff: Backoff; seconds: number[] }>([
    { backoff: "exponential", seconds: [1, 2, 4, 8, 16, 20, 20] },
    { backoff: "linear", seconds: [1, 2, 3, 4, 5, 6, 7] },
    { backoff: "fixed", seconds: [1, 1, 1, 1, 1, 1, 1] },
  ])("$backoff, up to the longest", ({ backoff, seconds }) => {
    const policy = { ...durable, backoff, maxDelayMs: 20_000 };
    expect([1, 2, 3, 4, 5, 6, 7].map((n) => delayAfter(policy, n, half) / 1_000)).toEqual(seconds);
    expect(delayAfter(policy, 1e6, half)).toBe(backoff === "fixed" ? 1_000 : 20_000);
  });

  test("varies by up to a fifth where the policy says so", () => {
    const policy = { ...durable, hasJitter: true };
    expect([0, 0.5, 1].map((value) => delayAfter(policy, 1, () => value))).toEqual([800, 1_000, 1_200]);
  });
});

describe("what is worth another attempt", () => {
  test.each<{ token: string; failure: HookFailure; verdict: HookFailure["verdict"] }>([
    { token: "5xx", failure: failure({ status: 503, verdict: "never" }), verdict: "retry" },
    { token: "5xx", failure: failure({ status: 404 }), verdict: "never" },
    { token: "429", failure: failure({ status: 429 }), verdict: "retry" },
    { token: "429", failure: failure({ status: 500, error: "saw 429" }), verdict: "never" },
    { token: "timeout", failure: failure({ code: "timeout" }), verdict: "retry" },
    { token: "ECONN*", failure: failure({ code: "ECONNRESET" }), verdict: "retry" },
    { token: "ECONN*", failure: failure({ code: "ENOTFOUND" }), verdict: "never" },
    { token: "ECONNREFUSED", failure: failure({ code: "ECONNREFUSED" }), verdict: "retry" },
    { token: "server error", failure: failure(), verdict: "retry" },
    { token: "5xx", failure: failure({ verdict: "gone" }), verdict: "gone" },
    { token: "5xx", failure: failure({ verdict: "aborted" }), verdict: "aborted" },
  ])("$token: $verdict", ({ token, verdict, ...parts }) => {
    expect(verdictOn(parts.failure, { ...durable, retryableErrors: [token] })).toBe(verdict);
  });

  test("is for the hook to say where nothing is configured, and nothing where an empty list is", () => {
    expect(verdictOn(failure({ verdict: "never" }), durable)).toBe("never");
    expect(verdictOn(failure(), { ...durable, retryableErrors: [] })).toBe("never");
  });
});

describe("what follows a failed attempt", () => {
  const after = (changes: Partial<Parameters<typeof courseAfter>[1]>, policy = {}) =>
    courseAfter(
      { ...durable, ...policy },
      {
        failure: failure(),
        attempts: 1,
        now: 0,
        expiresAt: 1e9,
        random: half,
        ...changes,
      },
    );

  test.each([
    { name: "another attempt", course: after({}), expected: { kind: "again", delayMs: 1_000 } },
    {
      name: "not before the receiver wants it",
      course: after({ failure: failure({ retryAfterMs: 7_000 }) }),
      expected: { kind: "again", delayMs: 7_000 },
    },
    {
      name: "nor later than it would be anyway",
      course: after({ failure: failure({ retryAfterMs: 10 }) }),
      expected: { kind: "again", delayMs: 1_000 },
    },
    {
      name: "the end of the attempts",
      course: after({ attempts: 3 }, { maxAttempts: 3 }),
      expected: { kind: "dead", reason: "exhausted" },
    },
    {
      name: "the end of its days",
      course: after({ expiresAt: 999 }),
      expected: { kind: "dead", reason: "expired" },
    },
    {
      name: "nothing, for what never works",
      course: after({ failure: failure({ verdict: "never" }) }),
      expected: { kind: "dead", reason: "permanent_status" },
    },
    {
      name: "nothing learnt",
      course: after({ failure: failure({ verdict: "aborted" }) }),
      expected: { kind: "void" },
    },
  ])("$name", ({ course, expected }) => {
    expect(course as object).toEqual(expected);
  });

  test("a pause of everything is asked for by 429 and by Retry-After, for a quarter of an hour at most", () => {
    expect([
      pauseAfter(failure()),
      pauseAfter(failure({ status: 429 })),
      pauseAfter(failure({ retryAfterMs: 5_000 })),
      pauseAfter(failure({ retryAfterMs: 1e9 })),
    ]).toEqual([undefined, 0, 5_000, 900_000]);
  });

  test("telemetry grows old in an hour, everything else in a day, unless the policy says when", () => {
    expect([
      maxAgeOf(durable, "telemetry"),
      maxAgeOf(durable, "lifecycle"),
      maxAgeOf(durable, "error"),
      maxAgeOf({ ...durable, maxAgeMs: 5 }, "error"),
    ]).toEqual([3_600_000, 86_400_000, 86_400_000, 5]);
  });
});
