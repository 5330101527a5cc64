import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type KeepRules, type OldSegment, planRemovals } from "../../src/archive/retention-plan.ts";

const origin = { template: "%path/%s", root: ".", isLocal: true, remote: undefined };

const segment = (path: string, startMs: number, bytes: number, isBusy = false): OldSegment => ({
  ...origin,
  path,
  file: `${path}/${startMs}`,
  startMs,
  bytes,
  isBusy,
});

const rules = (over: Partial<KeepRules>): KeepRules => ({
  nowMs: 10_000,
  of: () => ({ maxAgeMs: 0, maxBytes: 0 }),
  maxTotalBytes: 0,
  bytesToFree: 0,
  ...over,
});

const filesOf = (segments: readonly OldSegment[], given: Partial<KeepRules>): string[] =>
  planRemovals(segments, rules(given)).map(({ file }) => file);

describe("what is deleted", () => {
  const segments = [
    segment("b", 3_000, 10),
    segment("a", 1_000, 10),
    segment("a", 2_000, 10),
    segment("a", 9_000, 10),
  ];

  for (const { name, given, files } of [
    { name: "nothing without a bound", given: {}, files: [] },
    {
      name: "what began so long ago, each path by its own rule",
      given: { of: (path: string) => ({ maxAgeMs: path === "a" ? 8_000 : 0, maxBytes: 0 }) },
      files: ["a/1000", "a/2000"],
    },
    {
      name: "the oldest of a path that has too much",
      given: { of: () => ({ maxAgeMs: 0, maxBytes: 15 }) },
      files: ["a/1000", "a/2000"],
    },
    {
      name: "the oldest of all where all have too much",
      given: { maxTotalBytes: 10 },
      files: ["a/1000", "a/2000", "b/3000"],
    },
    {
      name: "the oldest of all where room is wanted",
      given: { bytesToFree: 11 },
      files: ["a/1000", "a/2000"],
    },
    {
      name: "no more than bounds of several kinds ask for together",
      given: { of: () => ({ maxAgeMs: 8_500, maxBytes: 0 }), maxTotalBytes: 30 },
      files: ["a/1000"],
    },
  ])
    test(name, () => expect(filesOf(segments, given)).toEqual(files));

  test("what is busy counts and stays", () => {
    const busy = [segment("a", 1_000, 10, true), segment("a", 2_000, 10), segment("a", 3_000, 10)];
    expect(filesOf(busy, { of: () => ({ maxAgeMs: 1, maxBytes: 0 }) })).toEqual(["a/2000", "a/3000"]);
    expect(filesOf(busy, { maxTotalBytes: 20 })).toEqual(["a/2000"]);
  });

  test("bounds hold for what is left, as far as anything may be deleted, and no newer one goes before an older one of all", () => {
    const any = fc.record({
      path: fc.constantFrom("a", "b"),
      startMs: fc.nat(9_999),
      bytes: fc.integer({ min: 1, max: 50 }),
      isBusy: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any), fc.integer({ min: 1, max: 300 }), (given, maxTotalBytes) => {
        const all = given.map((each, i) => ({ ...origin, ...each, file: String(i) }));
        const gone = new Set(planRemovals(all, rules({ maxTotalBytes })));
        const left = all.filter((each) => !gone.has(each));
        const free = left.filter(({ isBusy }) => !isBusy);
        const bytes = left.reduce((sum, each) => sum + each.bytes, 0);
        expect(bytes <= maxTotalBytes || free.length === 0).toBe(true);
        const newestGone = Math.max(-1, ...[...gone].map(({ startMs }) => startMs));
        for (const { startMs } of free) expect(startMs).toBeGreaterThanOrEqual(newestGone);
      }),
    );
  });
});
