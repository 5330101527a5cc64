import { describe, expect, test } from "bun:test";
import { HookStatistics } from "../../../src/hooks/delivery/hook-statistics.ts";

describe("the statistics of a hook", () => {
  test("start at zero", () => {
    expect(new HookStatistics().counts).toEqual({
      executed: 0,
      failed: 0,
      dropped: 0,
      durationMs: 0,
      lastError: undefined,
    });
  });

  test("count what ended, what failed and what was dropped, and keep the last error through later successes", () => {
    const statistics = new HookStatistics();
    statistics.executed({ kind: "failed", error: "first" }, 10);
    statistics.executed({ kind: "failed", error: "second" }, 20);
    statistics.executed({ kind: "done" }, 0.5);
    statistics.dropped();
    expect(statistics.counts).toEqual({
      executed: 3,
      failed: 2,
      dropped: 1,
      durationMs: 30.5,
      lastError: "second",
    });
  });
});
