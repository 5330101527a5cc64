import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fromHex } from "../../src/base/bytes.ts";
import type { Sample, SampleTrack } from "../../src/media/sample.ts";
import { describeTrack } from "../../src/media/track.ts";
import { findBox } from "../../src/mp4/box-reader.ts";
import { encodeFragment } from "../../src/mp4/fragment.ts";
import { readFragment } from "../../src/mp4/fragment-reader.ts";
import { encodeHeader, mp4TrackOf } from "../../src/mp4/header.ts";
import { readMovie } from "../../src/mp4/movie.ts";

const avcConfig = fromHex("0142c01effe100046742c01e01000468ce3c80");
const aacConfig = fromHex("1210");

const tracks: readonly SampleTrack[] = [
  { description: describeTrack("H264", avcConfig), config: avcConfig, timescale: 90_000 },
  { description: describeTrack("AAC", aacConfig), config: aacConfig, timescale: 44_100 },
];

const movieOf = (bytes: Uint8Array) => readMovie(bytes, findBox(bytes, "moov")!);

describe("headers", () => {
  test("are read as they were written", () => {
    const origin = {
      streamId: fromHex("000102030405460788090a0b0c0d0e0f"),
      number: 7,
      startNs: -5n,
      dateNs: 1_767_225_600_123_456_000n,
    };
    const { bytes, durationOffset } = encodeHeader(tracks.map(mp4TrackOf), origin);
    const movie = movieOf(bytes);
    expect(movie).toMatchObject({ durationMs: 0, durationOffset, timescale: 1_000, origin });
    expect(movie.tracks).toMatchObject([
      { id: 1, kind: "video", timescale: 90_000, format: "avc1" },
      { id: 2, kind: "audio", timescale: 44_100, format: "mp4a" },
    ]);
  });

  test("the duration is found again where it was said to stand", () => {
    const { bytes, durationOffset } = encodeHeader(tracks.map(mp4TrackOf));
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(durationOffset, 61_500);
    expect(movieOf(bytes)).toMatchObject({ durationMs: 61_500, origin: undefined });
  });

  test("one that is cut anywhere is no movie, or one with less in it, and never an endless loop", () => {
    const { bytes } = encodeHeader(tracks.map(mp4TrackOf));
    for (let length = 0; length < bytes.length; length++)
      expect(findBox(bytes.subarray(0, length), "moov")).toBeUndefined();
  });
});

const sample = fc.record({
  data: fc.uint8Array({ maxLength: 20 }),
  compositionOffset: fc.integer({ min: -90_000, max: 90_000 }),
  duration: fc.integer({ min: 0, max: 2 ** 31 }),
  isKey: fc.boolean(),
});

describe("fragments", () => {
  test("are read as they were written, with the data where they stand", () => {
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 5 }),
        fc.array(sample, { minLength: 1, maxLength: 5 }),
        fc.nat({ max: 2 ** 45 }),
        (video, audio, baseTime) => {
          const { bytes: header } = encodeHeader(tracks.map(mp4TrackOf));
          const runs = [video, audio].map((list, index) => {
            let time = baseTime;
            const samples: Sample[] = list.map((each) => {
              const placed = { ...each, isKey: each.isKey || index === 1, time };
              time += each.duration;
              return placed;
            });
            return { track: tracks[index]!, id: index + 1, baseTime, samples };
          });
          const { head, dataBytes } = encodeFragment(
            3,
            runs.map((run) => ({
              ...run,
              samples: run.samples.map((each) => ({ ...each, size: each.data.length })),
            })),
          );
          const data = runs.flatMap(({ samples }) => samples.map((each) => each.data));
          const bytes = Buffer.concat([head, ...data]);
          expect(bytes.length).toBe(head.length + dataBytes);
          const found = readFragment(bytes, findBox(bytes, "moof")!, movieOf(header).tracks);
          expect(
            found.map(({ samples }) =>
              samples.map(({ offset, size, ...rest }) => ({
                ...rest,
                data: new Uint8Array(bytes.subarray(offset, offset + size)),
              })),
            ),
          ).toEqual(
            runs.map(({ samples }) => samples.map((each) => ({ ...each, data: new Uint8Array(each.data) }))),
          );
          const mdat = findBox(bytes, "mdat");
          expect(mdat?.end).toBe(bytes.length);
        },
      ),
    );
  });
});
