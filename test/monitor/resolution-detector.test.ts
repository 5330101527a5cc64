import { describe, expect, test } from "bun:test";
import { ResolutionDetector } from "../../src/monitor/resolution-detector.ts";

/** What is shown at which second; `+` in front of a size that is another track's. */
const rows: { name: string; shown: Record<number, string>; gives: string[] }[] = [
  { name: "the first size", shown: { 0: "640x360" }, gives: [] },
  { name: "another size", shown: { 0: "640x360", 10: "1280x720" }, gives: ["12: 640x360 > 1280x720"] },
  { name: "the same size again", shown: { 0: "640x360", 10: "640x360" }, gives: [] },
  {
    name: "a size that is taken back at once",
    shown: { 0: "640x360", 10: "320x180", 11: "640x360" },
    gives: [],
  },
  {
    name: "sizes that flap",
    shown: { 0: "640x360", 10: "320x180", 11: "640x360", 12: "320x180", 13: "640x360", 14: "320x180" },
    gives: ["16: 640x360 > 320x180"],
  },
  {
    name: "a new configuration of the same size while one settles",
    shown: { 0: "640x360", 10: "320x180", 11: "320x180" },
    gives: ["12: 640x360 > 320x180"],
  },
  {
    name: "two changes far enough apart",
    shown: { 0: "640x360", 10: "320x180", 20: "640x360" },
    gives: ["12: 640x360 > 320x180", "22: 320x180 > 640x360"],
  },
  { name: "a second track", shown: { 0: "640x360", 10: "+320x180" }, gives: [] },
  { name: "a configuration that does not tell its size", shown: { 0: "640x360", 10: "0x0" }, gives: [] },
];

describe("a resolution detector", () => {
  for (const { name, shown, gives } of rows)
    test(`with ${name} tells ${gives.length === 0 ? "nothing" : gives.join(", ")}`, () => {
      const detector = new ResolutionDetector();
      const told: string[] = [];
      for (let second = 0; second < 30; second++) {
        const size = shown[second];
        const now = second * 1000;
        if (size) {
          const [width = 0, height = 0] = size.replace("+", "").split("x").map(Number);
          const isChange = second > 0 && !size.startsWith("+");
          detector.note({ kind: "video", codec: "H264", width, height }, { isChange, now });
        }
        const change = detector.evaluate(now);
        if (!change) continue;
        const [from, to] = [change.previous, change.resolution].map(
          ({ width, height }) => `${width}x${height}`,
        );
        told.push(`${second}: ${from} > ${to}`);
      }
      expect(told).toEqual(gives);
    });

  test("does not hear of audio", () => {
    const detector = new ResolutionDetector();
    detector.note({ kind: "audio", codec: "AAC", channels: 2 }, { isChange: false, now: 0 });
    detector.note({ kind: "video", codec: "H264", width: 2, height: 2 }, { isChange: false, now: 0 });
    expect(detector.evaluate(5_000)).toBeUndefined();
  });
});
