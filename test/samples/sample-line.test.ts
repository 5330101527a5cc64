import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fromHex } from "../../src/base/bytes.ts";
import type { Sample, SampleTrack } from "../../src/media/sample.ts";
import { describeTrack } from "../../src/media/track.ts";
import { SampleLine } from "../../src/samples/sample-line.ts";

const aacConfig = fromHex("1210");
const avcConfig = fromHex("0142c01effe100046742c01e01000468ce3c80");
const sound: SampleTrack = {
  description: describeTrack("AAC", aacConfig),
  config: aacConfig,
  timescale: 44_100,
};
const pictures: SampleTrack = {
  description: describeTrack("H264", avcConfig),
  config: avcConfig,
  timescale: 90_000,
};
const data = Uint8Array.of(1);

const samplesOf = (track: SampleTrack, times: readonly number[]): Sample[] => {
  const line = new SampleLine(track);
  const samples = times.flatMap(
    (timestamp) => line.push({ timestamp, compositionTime: 0, data, isKey: true }) ?? [],
  );
  return [...samples, ...[line.end()].flatMap((sample) => sample ?? [])];
};

describe("sound", () => {
  test("of six hours is laid end to end and is where it should be, though its times are whole milliseconds", () => {
    const line = new SampleLine(sound);
    const frames = Math.floor((6 * 3_600 * 44_100) / 1_024);
    let wrong = 0;
    for (let i = 0; i < frames; i++) {
      const timestamp = Math.floor((i * 1_024_000) / 44_100);
      const sample = line.push({ timestamp, compositionTime: 0, data, isKey: true });
      if (sample && (sample.duration !== 1_024 || sample.time !== (i - 1) * 1_024)) wrong++;
    }
    expect([wrong, line.end()!.time]).toEqual([0, (frames - 1) * 1_024]);
  });

  test("whose clock is not ours stays within a frame and a bit of the times it came with", () => {
    // A hundred parts in a million too fast: two seconds in six hours.
    const times = Array.from({ length: 50_000 }, (_, i) => Math.floor(((i * 1_024_000) / 44_100) * 1.0001));
    for (const [i, { time }] of samplesOf(sound, times).entries())
      expect(Math.abs((time * 1_000) / 44_100 - times[i]!)).toBeLessThan(26);
  });

  test("has a gap where there is one", () => {
    const samples = samplesOf(sound, [0, 23, 46, 1_046, 1_069]);
    expect(samples.map(({ time }) => time)).toEqual([0, 1_024, 2_048, 46_129, 47_153]);
    expect(samples[2]!.duration).toBe(46_129 - 2_048);
  });
});

describe("pictures", () => {
  test("last until the next one, and the last as long as the one before", () => {
    expect(samplesOf(pictures, [0, 33, 67, 100]).map(({ duration }) => duration)).toEqual([
      2_970, 3_060, 2_970, 2_970,
    ]);
  });

  test("alone is shown for a moment", () => {
    expect(samplesOf(pictures, [5])).toMatchObject([{ time: 450, duration: 3_000 }]);
  });
});

test("times never stand still, durations fill them, whatever comes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(sound, pictures),
      fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1 }),
      (track, steps) => {
        const sorted = steps.toSorted((a, b) => a - b);
        const samples = samplesOf(track, sorted);
        expect(samples.length).toBe(sorted.length);
        for (const [i, sample] of samples.entries()) {
          const next = samples[i + 1];
          if (next) expect(sample.time + sample.duration).toBe(next.time);
          expect(sample.duration).toBeGreaterThan(0);
        }
      },
    ),
  );
});
