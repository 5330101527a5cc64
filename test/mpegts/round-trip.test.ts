import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import type { Sample, SampleTrack } from "../../src/media/sample.ts";
import { describeTrack } from "../../src/media/track.ts";
import { crc32 } from "../../src/mpegts/crc32.ts";
import { TsMuxer, tsHolds } from "../../src/mpegts/muxer.ts";
import { packetBytes } from "../../src/mpegts/packet-writer.ts";
import { type FoundUnit, TsReader } from "../../src/mpegts/reader.ts";
import { timesOf } from "../../src/mpegts/times.ts";
import { nalsOf, unpack } from "../../src/mpegts/unpack.ts";

const avcConfig = fromHex("0142c01effe100046742c01e01000468ce3c80");
const aacConfig = fromHex("1210");
const pictures: SampleTrack = {
  description: describeTrack("H264", avcConfig),
  config: avcConfig,
  timescale: 90_000,
};
const sound: SampleTrack = {
  description: describeTrack("AAC", aacConfig),
  config: aacConfig,
  timescale: 44_100,
};

const unitsOf = (bytes: Uint8Array): { reader: TsReader; units: FoundUnit[] } => {
  const reader = new TsReader();
  reader.receive(bytes, 0);
  reader.end();
  const units: FoundUnit[] = [];
  for (let unit = reader.next(); unit; unit = reader.next()) units.push(unit);
  return { reader, units };
};

/** A NAL unit as encoders write them: no start code in it, no zero at its end. */
const nal = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 400, min: 1 }), fc.constantFrom(0x41, 0x65, 0x06))
  .map(([bytes, head]) => Uint8Array.of(head, ...bytes));

const withLength = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

describe("a transport stream", () => {
  test("is read as it was written: times, frames and what a decoder needs", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(nal, fc.boolean(), fc.integer({ min: 0, max: 18_000 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 700 }), { minLength: 1, maxLength: 8 }),
        fc.nat({ max: 90_000_000 }),
        (video, audio, originMs) => {
          const videoSamples = video.map(
            ([unit, isKey, compositionOffset], i): Sample => ({
              data: withLength(unit),
              time: originMs * 90 + i * 3_000,
              compositionOffset,
              duration: 3_000,
              isKey,
            }),
          );
          const audioSamples = audio.map(
            (data, i): Sample => ({
              data,
              time: Math.round(originMs * 44.1) + i * 1_024,
              compositionOffset: 0,
              duration: 1_024,
              isKey: true,
            }),
          );
          const muxer = new TsMuxer(originMs);
          const bytes = Buffer.concat([
            muxer.begin([pictures, sound]),
            muxer.write([
              { track: pictures, samples: videoSamples },
              { track: sound, samples: audioSamples },
            ]),
          ]);
          expect(bytes.length % packetBytes).toBe(0);
          const { reader, units } = unitsOf(bytes);
          expect(reader.streams.map(({ type }) => type)).toEqual([0x1b, 0x0f]);
          const [videoStream, audioStream] = reader.streams;
          const found = units.filter(({ pid }) => pid === videoStream!.pid);
          expect(found.map(({ decoding, presentation }) => [decoding, presentation - decoding])).toEqual(
            videoSamples.map(({ compositionOffset }, i) => [126_000 + i * 3_000, compositionOffset]),
          );
          for (const [i, { data }] of found.entries()) {
            const unpacked = unpack("H264", data, videoStream!);
            const kept = nalsOf(data).filter(([first = 0]) => ![7, 8, 9].includes(first & 0x1f));
            expect(Buffer.concat(kept.map(withLength)).equals(videoSamples[i]!.data as Buffer)).toBe(true);
            if (videoSamples[i]!.isKey) expect(toHex(unpacked.config!)).toContain("6742c01e");
          }
          const frames = units
            .filter(({ pid }) => pid === audioStream!.pid)
            .flatMap(({ data }) => unpack("AAC", data, audioStream!).frames);
          expect(frames.map(toHex)).toEqual(audio.map(toHex));
        },
      ),
    );
  });

  test("counts the packets of each PID without a gap, over several calls", () => {
    const muxer = new TsMuxer(0);
    const write = (i: number): Uint8Array =>
      muxer.write([
        {
          track: sound,
          samples: [
            {
              data: new Uint8Array(500),
              time: i * 1_024,
              compositionOffset: 0,
              duration: 1_024,
              isKey: true,
            },
          ],
        },
      ]);
    const bytes = Buffer.concat([
      muxer.begin([sound]),
      ...Array.from({ length: 40 }, (_, i) => write(i)),
      muxer.tables(),
    ]);
    const counters = new Map<number, number>();
    for (let at = 0; at < bytes.length; at += packetBytes) {
      const pid = bytes.readUInt16BE(at + 1) & 0x1fff;
      const count = bytes[at + 3]! & 0x0f;
      expect(count).toBe(((counters.get(pid) ?? -1) + 1) & 0x0f);
      counters.set(pid, count);
    }
  });

  test("noise is no stream and no endless loop", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (noise) => {
        const bytes = Uint8Array.from(noise);
        for (let at = 0; at < bytes.length; at += packetBytes) bytes[at] = 0x47;
        for (const { pid } of unitsOf(bytes).units) expect(pid).toBeGreaterThan(0);
        timesOf(bytes);
      }),
    );
  });

  test("tells where it begins and ends", () => {
    const muxer = new TsMuxer(0);
    const samples = [0, 3_000, 6_000].map(
      (time): Sample => ({
        data: withLength(Uint8Array.of(0x65, 1)),
        time,
        compositionOffset: 0,
        duration: 3_000,
        isKey: true,
      }),
    );
    const bytes = Buffer.concat([muxer.begin([pictures]), muxer.write([{ track: pictures, samples }])]);
    expect(timesOf(bytes)).toEqual({ first: 126_000, last: 126_000 + 9_000 });
  });

  test("has no place for what ADTS cannot say", () => {
    const config = fromHex("17 80 00 00 08");
    expect(tsHolds({ ...sound, config })).toBe(false);
    expect(tsHolds(sound)).toBe(true);
  });
});

test("the checksum is that of the specification", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0x0376e6e7);
});
