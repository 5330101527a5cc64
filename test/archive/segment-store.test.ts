import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { prepareIndex } from "../../src/archive/index-schema.ts";
import { continues, exactStep, type JoinableSegment, type JoinFacts } from "../../src/archive/joins.ts";
import { atStart, SegmentStore } from "../../src/archive/segment-store.ts";
import { cutTimespan, SpanMaker, type Timespan } from "../../src/archive/timespans.ts";

const origin = (streamId: string, number: number, startMs: number): JoinFacts => ({
  kind: "origin",
  streamId,
  number,
  startMs,
});
const tracks = (signature: string): JoinFacts => ({ kind: "tracks", signature });
const clock = (startMs: number): JoinFacts => ({ kind: "clock", startMs });

const segment = (startMs: number, durationMs: number, join: JoinFacts): JoinableSegment => ({
  startMs,
  durationMs,
  join,
});

describe("a segment continues another", () => {
  for (const [name, before, next, is] of [
    ["of the same recording, with the next number", origin("a", 0, 0), origin("a", 1, 10_000), true],
    ["not of another recording", origin("a", 0, 0), origin("b", 1, 10_000), false],
    ["not with a number that is not the next", origin("a", 0, 0), origin("a", 2, 10_000), false],
    ["not where one says what it is and the other does not", origin("a", 0, 0), tracks("x"), false],
    ["with tracks that are alike", tracks("x"), tracks("x"), true],
    ["not with other tracks", tracks("x"), tracks("y"), false],
    ["whose clock goes on", clock(50_000), clock(60_000), true],
    ["whose clock begins anew, where the times fit", clock(50_000), clock(1_400), true],
  ] as const)
    test(name, () => {
      expect(continues(segment(0, 10_000, before), segment(10_500, 10_000, next))).toBe(is);
    });

  test("within a second where times have to fit", () => {
    const before = segment(0, 10_000, tracks("x"));
    expect(
      [9_001, 10_999, 11_001].map((startMs) => continues(before, segment(startMs, 1, tracks("x")))),
    ).toEqual([true, true, false]);
  });
});

/** A store in memory with the segments of one path. */
class Shelf {
  readonly store: SegmentStore;
  readonly #archive: number;
  readonly #ids = new Map<JoinableSegment, number>();

  constructor() {
    const database = new Database(":memory:");
    prepareIndex(database);
    this.store = new SegmentStore("/root", database);
    this.#archive = this.store.archive("%path/%s").id;
  }

  /** Segments that were found and looked into, one after the other. */
  add(segments: readonly JoinableSegment[]): void {
    const folder = this.store.addFolder(this.#archive, "", undefined);
    for (const each of segments) {
      const file = `${this.#ids.size}.mp4`;
      this.store.addFiles(this.#archive, folder, [{ file, path: "a", start: each.startMs * 1_000 }]);
      const [row] = this.store.unsettled(this.path, atStart, 10);
      const { durationMs, join } = each;
      const facts = { durationMs, join, isFinal: true, size: 1, seen: 1 };
      this.store.settle(this.path, [{ row: row!, facts, fault: "", size: 1, changedAt: 0, isSettled: true }]);
      this.#ids.set(each, row!.id);
    }
  }

  remove(segments: readonly JoinableSegment[]): void {
    this.store.loseFiles(segments.map((each) => this.#ids.get(each)!));
  }

  get path(): number {
    return this.store.pathId(this.#archive, "a")!;
  }

  get timespans(): readonly Timespan[] {
    const maker = new SpanMaker();
    const spans = this.store.knots(this.path, atStart, 1_000).map((knot) => maker.take(knot));
    const last = this.store.last(this.path);
    return [...spans, last && maker.end(last)].filter((span) => span !== undefined);
  }
}

/** The same, by going through all segments. */
const spansBySight = (segments: readonly JoinableSegment[]): Timespan[] => {
  const spans: { startMs: number; durationMs: number }[] = [];
  let offset = 0;
  for (const [index, each] of segments.entries()) {
    const before = segments[index - 1];
    const span = spans.at(-1);
    if (before && span && continues(before, each)) {
      offset += exactStep(before, each) ?? each.startMs - before.startMs;
      span.durationMs = Math.max(span.durationMs, offset + each.durationMs);
    } else {
      offset = 0;
      spans.push({ startMs: each.startMs, durationMs: each.durationMs });
    }
  }
  return spans;
};

describe("timespans", () => {
  test("join what continues, by what segments say of their places", () => {
    const shelf = new Shelf();
    shelf.add([
      segment(1_000, 10_010, origin("a", 0, 0)),
      segment(11_200, 10_000, origin("a", 1, 10_000)),
      segment(50_000, 5_000, origin("b", 0, 0)),
      segment(55_000, 5_000, tracks("x")),
      segment(60_200, 5_000, tracks("x")),
    ]);
    expect(shelf.timespans).toEqual([
      { startMs: 1_000, durationMs: 20_000 },
      { startMs: 50_000, durationMs: 5_000 },
      { startMs: 55_000, durationMs: 10_200 },
    ]);
  });

  test("are those that a look at all segments gives, in whatever order they come and go", () => {
    const kinds = fc.constantFrom("origin", "clock", "anew", "tracks");
    const one = fc.record({ kind: kinds, gapMs: fc.constantFrom(0, 0, 0, 300, 5_000), rank: fc.nat(1_000) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 24 }), fc.nat(), (given, seed) => {
        const all = given.map(({ kind, gapMs, rank }, index) => {
          const startMs = given.slice(0, index).reduce((sum, each) => sum + 10_000 + each.gapMs, 0);
          const own = index * 10_000;
          const join =
            kind === "origin"
              ? origin("a", index, own)
              : kind === "tracks"
                ? tracks("x")
                : clock(kind === "clock" ? own : rank);
          return { ...segment(startMs, 10_000 - (gapMs % 7), join), rank };
        });
        const shelf = new Shelf();
        shelf.add(all.toSorted((a, b) => a.rank - b.rank));
        expect(shelf.timespans).toEqual(spansBySight(all));
        const gone = all.filter(({ rank }) => (rank * (seed % 97)) % 3 === 1);
        shelf.remove(gone);
        expect(shelf.timespans).toEqual(spansBySight(all.filter((each) => !gone.includes(each))));
      }),
      { numRuns: 150 },
    );
  });

  test("are cut, and left out where nothing is left", () => {
    const span = { startMs: 20, durationMs: 10 };
    expect(cutTimespan(span, { fromMs: 25, toMs: 45 })).toEqual({ startMs: 25, durationMs: 5 });
    expect(cutTimespan(span, { fromMs: 0, toMs: 25 })).toEqual({ startMs: 20, durationMs: 5 });
    expect(cutTimespan(span, { fromMs: 0, toMs: 100 })).toEqual(span);
    for (const [fromMs, toMs] of [
      [30, 40],
      [0, 20],
      [25, 25],
    ] as const)
      expect(cutTimespan(span, { fromMs, toMs })).toBeUndefined();
  });

  test("of a range are found without a look at the others", () => {
    const shelf = new Shelf();
    shelf.add(Array.from({ length: 9 }, (_, index) => segment(index * 20_000, 10_000, tracks("x"))));
    const starts = (fromMs: number): number[] =>
      shelf.store
        .knots(shelf.path, shelf.store.beforeSpanAt(shelf.path, fromMs * 1_000), 2)
        .map(([start]) => start / 1_000);
    expect([starts(0), starts(45_000), starts(60_000), starts(1e9)]).toEqual([
      [0, 20_000],
      [40_000, 60_000],
      [60_000, 80_000],
      [160_000],
    ]);
  });
});
