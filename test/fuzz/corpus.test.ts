import { describe, expect, test } from "bun:test";
import { check } from "./check.ts";
import { corpusOf } from "./corpus.ts";
import { mediaTargets } from "./media-targets.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { rtmpTargets } from "./rtmp-targets.ts";
import { rtspTargets } from "./rtsp-targets.ts";

/** Mutations per target in a plain test run. */
const mutationsPerTarget = 300;

for (const target of [...rtmpTargets, ...mediaTargets, ...rtspTargets]) {
  describe(`the fuzz target ${target.name}`, () => {
    test("holds its invariants for every seed and for everything in its corpus", () => {
      const inputs = [
        ...target.seeds().map((bytes, index) => ({ file: `seed ${index}`, bytes })),
        ...corpusOf(target),
      ];
      for (const { file, bytes } of inputs) {
        for (let round = 0; round < 5; round++) {
          expect(() => check(target, bytes, new Random(round)), file).not.toThrow();
        }
      }
    });

    test("holds them for mutations of its seeds", () => {
      const random = new Random(1);
      const seeds = target.seeds();
      const reached = new Set<string>();
      for (let i = 0; i < mutationsPerTarget; i++) {
        reached.add(check(target, mutate(random.pick(seeds), random.pick(seeds), random), random).reached);
      }
      expect(reached.size).toBeGreaterThan(2);
    });
  });
}
