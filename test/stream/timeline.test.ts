import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { PacketKind } from "../../src/media/packet.ts";
import { Timeline } from "../../src/stream/timeline.ts";
import { holds } from "../base/property.ts";

interface Placed {
  readonly kind: PacketKind;
  readonly at: number;
  readonly out: number;
}

/** Frames of 30 fps video and 48 kHz AAC in order of time, as an encoder sends them; `skewMs` puts audio late in the order. */
const encoder = (minutes: number, skewMs = 0): { kind: "audio" | "video"; at: number }[] => {
  const frames: { kind: "audio" | "video"; at: number; order: number }[] = [];
  const end = minutes * 60_000;
  for (let i = 0; (i * 1000) / 30 < end; i++)
    frames.push({ kind: "video", at: Math.round((i * 1000) / 30), order: (i * 1000) / 30 });
  for (let i = 0; (i * 1024) / 48 < end; i++) {
    frames.push({ kind: "audio", at: Math.round((i * 1024) / 48), order: (i * 1024) / 48 + skewMs });
  }
  return frames.sort((a, b) => a.order - b.order);
};

/** Runs frames through a timeline, with the source's clock starting at `start` and cut by `mask`. */
const run = (
  frames: readonly { kind: "audio" | "video"; at: number }[],
  start: number,
  mask: (time: number) => number,
): { timeline: Timeline; placed: Placed[] } => {
  const timeline = new Timeline();
  const placed = frames.map(({ kind, at }) => ({
    kind,
    at,
    out: timeline.place(kind, mask(start + at), 1_000 + at),
  }));
  return { timeline, placed };
};

const low32 = (time: number): number => time % 2 ** 32;
const low31 = (time: number): number => time % 2 ** 31;

describe("a timeline through an hour of 30 fps and audio", () => {
  const half = 30 * 60_000;
  const borders = [
    { name: "2^24 ms, where extended timestamps begin", border: 2 ** 24, mask: low32 },
    { name: "2^31 ms of a source that counts on", border: 2 ** 31, mask: low32 },
    { name: "2^31 ms of a source that keeps 31 bits", border: 2 ** 31, mask: low31 },
    { name: "2^32 ms", border: 2 ** 32, mask: low32 },
  ];
  for (const { name, border, mask } of borders) {
    for (const skewMs of [0, 250]) {
      test(`rises across ${name}, every frame at its own distance${skewMs ? `, audio ${skewMs} ms late` : ""}`, () => {
        const start = border - half;
        const { timeline, placed } = run(encoder(60, skewMs), start, mask);
        expect(timeline.leaps).toBe(0);
        const offsets = new Set(placed.map(({ at, out }) => out - at));
        expect([...offsets]).toEqual([start]);
      });
    }
  }

  test("goes on through a second fall of a source that keeps 31 bits", () => {
    const timeline = new Timeline();
    const step = 20_000;
    let now = 0;
    let last = timeline.place("video", 0, now);
    for (let time = step; time < 2 ** 32 + 10 * step; time += step) {
      now += step;
      const out = timeline.place("video", low31(time), now);
      if (out - last !== step) throw new Error(`${out - last} ms after ${last}, expected ${step}`);
      last = out;
    }
    expect(timeline.leaps).toBe(0);
  });
});

describe("a timeline whose source misbehaves", () => {
  /** A timeline that has seen ten seconds of audio and video. */
  const running = (): { timeline: Timeline; now: number; at: number } => {
    const { timeline } = run(encoder(1 / 6), 0, low32);
    return { timeline, now: 11_000, at: 10_000 };
  };

  test("holds a small step back within a flow", () => {
    const { timeline, now } = running();
    const before = timeline.last;
    expect(timeline.place("video", before - 300, now)).toBeGreaterThanOrEqual(before - 33);
    expect(timeline.place("video", before + 10, now)).toBe(before + 10);
    expect(timeline.leaps).toBe(0);
  });

  for (const { name, jump } of [
    { name: "an hour ahead", jump: 3_600_000 },
    { name: "11 s ahead", jump: 11_000 + 1_000 },
    { name: "two seconds back", jump: -2_000 },
    { name: "to 0", jump: -10_000 },
    { name: "24 days ahead", jump: 2 ** 31 - 100_000 },
  ]) {
    test(`goes on by one frame when both flows jump ${name}, and keeps their distance`, () => {
      const { timeline, now, at } = running();
      const before = timeline.last;
      const video = timeline.place("video", low32(at + jump + 2 ** 32), now);
      const audio = timeline.place("audio", low32(at + jump + 7 + 2 ** 32), now + 7);
      expect({ step: video - before, distance: audio - video, leaps: timeline.leaps }).toEqual({
        step: 33,
        distance: 7,
        leaps: 1,
      });
    });
  }

  test("follows a gap that really took that long", () => {
    const { timeline, now, at } = running();
    expect(timeline.place("video", at + 60_000, now + 60_000)).toBe(at + 60_000);
    expect(timeline.leaps).toBe(0);
  });

  test("does not let a flow that still has the old clock pull everything along", () => {
    const { timeline, now, at } = running();
    const before = timeline.last;
    timeline.place("video", at + 3_600_000, now);
    // Audio from before the jump, then after it.
    const late = timeline.place("audio", at + 5, now + 1);
    const after = timeline.place("audio", at + 3_600_020, now + 20);
    expect(Math.abs(late - before)).toBeLessThan(100);
    expect(after - before).toBeLessThan(200);
    expect(timeline.leaps).toBe(1);
  });

  test("moves on with audio when the clock of video alone has jumped", () => {
    const { timeline, now, at } = running();
    const before = timeline.last;
    const outs: number[] = [];
    for (let i = 0; i < 300; i++) {
      timeline.place("video", at + 3_600_000 + i * 33, now + i * 33);
      outs.push(timeline.place("audio", at + i * 33 + 5, now + i * 33 + 5));
    }
    expect(outs.at(-1)! - before).toBeGreaterThan(9_000);
    expect(outs.at(-1)! - before).toBeLessThan(11_000);
  });

  test("follows audio again when video has jumped and stopped", () => {
    const { timeline, now, at } = running();
    const before = timeline.last;
    timeline.place("video", at + 3_600_000, now);
    let out = 0;
    for (let i = 1; i < 30_000; i += 20) out = timeline.place("audio", at + i, now + i);
    expect(out - before).toBeGreaterThan(15_000);
    expect(timeline.leaps).toBe(2);
  });

  test("never runs backwards within a flow, whatever comes", () => {
    const step = fc.record({
      kind: fc.constantFrom("audio" as const, "video" as const),
      raw: fc.oneof(
        fc.nat({ max: 2 ** 32 - 1 }),
        fc.nat({ max: 100_000 }),
        fc.constantFrom(2 ** 31 - 1, 2 ** 31, 0, 2 ** 32 - 1),
      ),
      passed: fc.nat({ max: 50_000 }),
      restart: fc.boolean(),
    });
    holds(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const timeline = new Timeline();
        const last: Record<string, number> = {};
        let now = 0;
        for (const { kind, raw, passed, restart } of steps) {
          now += passed;
          if (restart && passed % 7 === 0) timeline.restart(passed);
          const out = timeline.place(kind, raw, now);
          expect(Number.isFinite(out)).toBe(true);
          expect(out).toBeGreaterThanOrEqual(last[kind] ?? Number.NEGATIVE_INFINITY);
          last[kind] = out;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a timeline that is handed to another publisher", () => {
  test("goes on behind the gap, audio and video together, whatever the newcomer's clock says", () => {
    for (const start of [0, 5, 123_456_789, 2 ** 32 - 50]) {
      const { timeline } = run(encoder(1 / 6), 0, low32);
      const before = timeline.last;
      for (const gap of [2_500, 45_000]) {
        const last = timeline.last;
        timeline.restart(gap);
        const video = timeline.place("video", low32(start), 20_000);
        const audio = timeline.place("audio", low32(start + 60), 20_060);
        expect({ gap: video - last, distance: audio - video }).toEqual({ gap, distance: 60 });
      }
      expect(timeline.last).toBe(before + 47_500 + 120);
    }
  });

  test("starts with the first publisher's own time", () => {
    const timeline = new Timeline();
    timeline.restart(5_000);
    expect(timeline.place("video", 777, 0)).toBe(777);
  });
});

describe("the time of configuration and metadata", () => {
  test("is their own where it is near", () => {
    const timeline = new Timeline();
    timeline.place("video", 10_000, 0);
    expect(timeline.placeAside(10_020)).toBe(10_020);
    expect(timeline.placeAside(9_600)).toBe(9_600);
  });

  test("is that of the stream where theirs is far off, as OBS once wrote it, and changes nothing", () => {
    const timeline = new Timeline();
    timeline.place("video", 10_000, 0);
    for (const raw of [0, 2 ** 32 - 60, 4_000_000]) expect(timeline.placeAside(raw)).toBe(10_000);
    expect(timeline.place("video", 10_033, 33)).toBe(10_033);
    expect(timeline.leaps).toBe(0);
  });

  test("is 0 before anything came", () => {
    expect(new Timeline().placeAside(4_294_967_295)).toBe(0);
  });
});
