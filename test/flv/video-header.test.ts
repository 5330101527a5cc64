import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex } from "../../src/base/bytes.ts";
import { readVideoHeader, type VideoHeader } from "../../src/flv/video-header.ts";
import { holds } from "../base/property.ts";

type Row = { readonly name: string; readonly hex: string; readonly expected: Partial<VideoHeader> };

const plain: VideoHeader = {
  kind: "video",
  role: "other",
  codec: undefined,
  trackId: 0,
  dataOffset: 0,
  compositionTimeMs: 0,
  timestampOffsetNanos: 0,
  isEnhanced: false,
  isMultitrack: false,
};

const avc1 = "61766331";
const hvc1 = "68766331";
const av01 = "61763031";
const vp08 = "76703038";
const vp09 = "76703039";
const vvc1 = "76766331";
const hvcC = `01 01600000 00 900000000000 5d f000 fc fd f8 f8 0000 0f 03
  a0 0001 0004 40010c01   a1 0001 0004 42010101   a2 0001 0004 4401c172`;

const legacy: Row[] = [
  {
    name: "AVC sequence header",
    hex: "17 00 000000 0164001f",
    expected: { role: "config", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC sequence header of no bytes",
    hex: "17 00 000000",
    expected: { role: "other", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC key frame",
    hex: "17 01 000050 00000001 65",
    expected: { role: "key", codec: "H264", dataOffset: 5, compositionTimeMs: 80 },
  },
  {
    name: "AVC generated key frame",
    hex: "47 01 000000 00000001 65",
    expected: { role: "key", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC key frame of no bytes",
    hex: "17 01 000000",
    expected: { role: "other", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC inter frame that others refer to, with a negative composition time",
    hex: "27 01 ffffd8 00000002 419a",
    expected: { role: "frame", codec: "H264", dataOffset: 5, compositionTimeMs: -40 },
  },
  {
    name: "AVC inter frame with the lowest composition time",
    hex: "27 01 800000 00000002 419a",
    expected: { role: "frame", codec: "H264", dataOffset: 5, compositionTimeMs: -8_388_608 },
  },
  {
    name: "AVC disposable frame by frame type",
    hex: "37 01 000000 00000002 419a",
    expected: { role: "disposable", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC inter frame with nal_ref_idc 0",
    hex: "27 01 000000 00000002 019e",
    expected: { role: "disposable", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC inter frame with nal_ref_idc 0 behind delimiter and SEI",
    hex: "27 01 000000 00000002 09f0 00000003 060500 00000002 019e",
    expected: { role: "disposable", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC inter frame with nal_ref_idc 2 behind a delimiter",
    hex: "27 01 000000 00000002 09f0 00000002 419e",
    expected: { role: "frame", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC inter frame whose NAL length runs past the end",
    hex: "27 01 000000 000000ff 019e",
    expected: { role: "frame", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC end of sequence",
    hex: "17 02 000000 00",
    expected: { role: "other", codec: "H264", dataOffset: 5 },
  },
  {
    name: "AVC packet type nobody defined",
    hex: "17 07 000000 00",
    expected: { role: "other", codec: "H264", dataOffset: 5 },
  },
  { name: "AVC header cut off", hex: "17 01", expected: { role: "other", codec: "H264", dataOffset: 2 } },
  { name: "AVC of one byte", hex: "17", expected: { role: "other", codec: "H264", dataOffset: 1 } },
  {
    name: "HEVC configuration labelled as AVC",
    hex: `17 00 000000 ${hvcC}`,
    expected: { role: "config", codec: "H265", dataOffset: 5 },
  },
  {
    name: "HEVC as codec id 12, sequence header",
    hex: "1c 00 000000 01016000",
    expected: { role: "config", codec: "H265", dataOffset: 5 },
  },
  {
    name: "HEVC as codec id 12, key frame",
    hex: "1c 01 000021 00000002 2601",
    expected: { role: "key", codec: "H265", dataOffset: 5, compositionTimeMs: 33 },
  },
  {
    name: "HEVC as codec id 12, inter frame",
    hex: "2c 01 000000 00000002 0201",
    expected: { role: "frame", codec: "H265", dataOffset: 5 },
  },
  {
    name: "AV1 as codec id 13",
    hex: "1d 01 000000 0a0b",
    expected: { role: "key", codec: "AV1", dataOffset: 5 },
  },
  { name: "H.263 key frame", hex: "12 0000", expected: { role: "key", codec: "H263", dataOffset: 1 } },
  { name: "H.263 inter frame", hex: "22 0000", expected: { role: "frame", codec: "H263", dataOffset: 1 } },
  {
    name: "H.263 disposable frame",
    hex: "32 0000",
    expected: { role: "disposable", codec: "H263", dataOffset: 1 },
  },
  { name: "H.263 without data", hex: "12", expected: { role: "other", codec: "H263", dataOffset: 1 } },
  { name: "real H.263", hex: "18 00", expected: { role: "key", codec: "H263", dataOffset: 1 } },
  { name: "Screen", hex: "13 00", expected: { role: "key", codec: "Screen", dataOffset: 1 } },
  { name: "Screen 2", hex: "26 00", expected: { role: "frame", codec: "Screen", dataOffset: 1 } },
  { name: "VP6", hex: "14 00", expected: { role: "key", codec: "VP6", dataOffset: 1 } },
  { name: "VP6 with alpha", hex: "25 00", expected: { role: "frame", codec: "VP6", dataOffset: 1 } },
  { name: "unknown codec id", hex: "1f 00", expected: { role: "key", dataOffset: 1 } },
  { name: "command frame", hex: "57 00", expected: { role: "other", dataOffset: 2 } },
];

const enhanced: Row[] = [
  {
    name: "sequence start of HEVC",
    hex: `90 ${hvc1} 01`,
    expected: { role: "config", codec: "H265", dataOffset: 5 },
  },
  {
    name: "sequence start of AV1",
    hex: `90 ${av01} 81`,
    expected: { role: "config", codec: "AV1", dataOffset: 5 },
  },
  {
    name: "sequence start of VP9",
    hex: `90 ${vp09} 01`,
    expected: { role: "config", codec: "VP9", dataOffset: 5 },
  },
  {
    name: "sequence start of VVC",
    hex: `90 ${vvc1} 01`,
    expected: { role: "config", codec: "H266", dataOffset: 5 },
  },
  {
    name: "sequence start of no bytes",
    hex: `90 ${hvc1}`,
    expected: { role: "other", codec: "H265", dataOffset: 5 },
  },
  { name: "sequence start of an unknown codec", hex: "90 78787878 01", expected: { dataOffset: 5 } },
  {
    name: "HEVC key frame with composition time",
    hex: `91 ${hvc1} 000042 00000001 26`,
    expected: { role: "key", codec: "H265", dataOffset: 8, compositionTimeMs: 66 },
  },
  {
    name: "HEVC inter frame with negative composition time",
    hex: `a1 ${hvc1} fffffe 00000001 02`,
    expected: { role: "frame", codec: "H265", dataOffset: 8, compositionTimeMs: -2 },
  },
  {
    name: "HEVC frame of no bytes",
    hex: `91 ${hvc1} 000042`,
    expected: { role: "other", codec: "H265", dataOffset: 8, compositionTimeMs: 66 },
  },
  {
    name: "HEVC frame cut off inside the composition time",
    hex: `91 ${hvc1} 0000`,
    expected: { role: "other", codec: "H265", dataOffset: 7 },
  },
  {
    name: "HEVC key frame without composition time (CodedFramesX)",
    hex: `93 ${hvc1} 00000001 26`,
    expected: { role: "key", codec: "H265", dataOffset: 5 },
  },
  {
    name: "AVC inter frame in extended form",
    hex: `a1 ${avc1} 000001 00000001 41`,
    expected: { role: "frame", codec: "H264", dataOffset: 8, compositionTimeMs: 1 },
  },
  {
    name: "VVC key frame",
    hex: `91 ${vvc1} 000002 00`,
    expected: { role: "key", codec: "H266", dataOffset: 8, compositionTimeMs: 2 },
  },
  {
    name: "AV1 key frame, which has no composition time",
    hex: `91 ${av01} 0a0b0c`,
    expected: { role: "key", codec: "AV1", dataOffset: 5 },
  },
  {
    name: "AV1 disposable frame",
    hex: `b1 ${av01} 32`,
    expected: { role: "disposable", codec: "AV1", dataOffset: 5 },
  },
  { name: "VP8 frame", hex: `a1 ${vp08} 32`, expected: { role: "frame", codec: "VP8", dataOffset: 5 } },
  { name: "VP9 key frame", hex: `91 ${vp09} 82`, expected: { role: "key", codec: "VP9", dataOffset: 5 } },
  {
    name: "generated key frame",
    hex: `c1 ${vp09} 82`,
    expected: { role: "key", codec: "VP9", dataOffset: 5 },
  },
  { name: "frame of an unknown codec", hex: "a1 78787878 00", expected: { role: "frame", dataOffset: 5 } },
  { name: "sequence end", hex: `92 ${hvc1}`, expected: { codec: "H265", dataOffset: 5 } },
  { name: "MPEG2-TS sequence start", hex: `95 ${av01} 80`, expected: { codec: "AV1", dataOffset: 5 } },
  { name: "packet type nobody defined", hex: `9d ${av01} 80`, expected: { codec: "AV1", dataOffset: 5 } },
  {
    name: "HDR metadata as OBS marks it",
    hex: `84 ${hvc1} 02`,
    expected: { role: "metadata", codec: "H265", dataOffset: 5 },
  },
  {
    name: "HDR metadata as FFmpeg marks it, with the frame type of a command",
    hex: `d4 ${av01} 02`,
    expected: { role: "metadata", codec: "AV1", dataOffset: 5 },
  },
  { name: "command frame", hex: "d1 00", expected: { dataOffset: 2 } },
  {
    name: "ModEx with a timestamp offset",
    hex: `97 02 00c350 01 ${hvc1} 000010 26`,
    expected: {
      role: "key",
      codec: "H265",
      dataOffset: 13,
      compositionTimeMs: 16,
      timestampOffsetNanos: 50_000,
    },
  },
  {
    name: "ModEx of an unknown kind is skipped",
    hex: `97 01 aabb 51 ${av01} 0a`,
    expected: { role: "key", codec: "AV1", dataOffset: 9 },
  },
  {
    name: "two ModEx, the second with the timestamp offset",
    hex: `97 00 aa 57 02 0f423f 01 ${av01} 0a`,
    expected: { role: "key", codec: "AV1", dataOffset: 13, timestampOffsetNanos: 999_999 },
  },
  {
    name: "ModEx with an offset of a millisecond or more",
    hex: `97 02 0f4240 01 ${av01} 0a`,
    expected: { role: "key", codec: "AV1", dataOffset: 10 },
  },
  {
    name: "ModEx of 256 bytes, whose size takes 16 bits",
    hex: `97 ff 00ff ${"00".repeat(256)} f1 ${av01} 0a`,
    expected: { role: "key", codec: "AV1", dataOffset: 265 },
  },
  {
    name: "sixteen ModEx",
    hex: `97 ${"00 00 17".repeat(15)} 00 00 11 ${av01} 0a`,
    expected: { role: "key", codec: "AV1", dataOffset: 53 },
  },
];

const multitrack: Row[] = [
  {
    name: "one track",
    hex: `96 01 ${hvc1} 02 000010 26`,
    expected: { role: "key", codec: "H265", trackId: 2, dataOffset: 10, compositionTimeMs: 16 },
  },
  {
    name: "one track, sequence start",
    hex: `96 00 ${av01} 01 81`,
    expected: { role: "config", codec: "AV1", trackId: 1, dataOffset: 7 },
  },
  {
    name: "many tracks give the first",
    hex: `96 11 ${av01} 00 000002 0a0b 01 000001 0c`,
    expected: { role: "key", codec: "AV1", trackId: 0, dataOffset: 10 },
  },
  {
    name: "many tracks, the first one empty",
    hex: `96 11 ${av01} 05 000000 01 000001 0c`,
    expected: { role: "other", codec: "AV1", trackId: 5, dataOffset: 10 },
  },
  {
    name: "many tracks of many codecs",
    hex: `a6 21 ${avc1} 03 000005 00000a 4142 ${av01} 01 000001 0c`,
    expected: { role: "frame", codec: "H264", trackId: 3, dataOffset: 13, compositionTimeMs: 10 },
  },
  {
    name: "HDR metadata of a track",
    hex: `86 04 ${hvc1} 01 02`,
    expected: { role: "metadata", codec: "H265", trackId: 1, dataOffset: 7 },
  },
  {
    name: "behind a ModEx",
    hex: `97 02 000001 06 01 ${av01} 04 0a`,
    expected: { role: "key", codec: "AV1", trackId: 4, dataOffset: 12, timestampOffsetNanos: 1 },
  },
];

const malformed: { readonly name: string; readonly hex: string }[] = [
  { name: "nothing behind the first byte", hex: "91" },
  { name: "FourCC cut off", hex: "91 687663" },
  { name: "ModEx cut off at its size", hex: "97" },
  { name: "ModEx cut off at its wide size", hex: "97 ff 00" },
  { name: "ModEx data longer than the body", hex: "97 05 0000" },
  { name: "seventeen ModEx", hex: `97 ${"00 00 17".repeat(16)} 00 00 11 ${av01} 0a` },
  { name: "multitrack cut off at its byte", hex: "96" },
  { name: "multitrack in multitrack", hex: `96 06 ${av01} 00 0a` },
  { name: "ModEx in multitrack", hex: `96 07 ${av01} 00 0a` },
  { name: "multitrack type nobody defined", hex: `96 31 ${av01} 00 0a` },
  { name: "multitrack without a track id", hex: `96 01 ${av01}` },
  { name: "many tracks with a size cut off", hex: `96 11 ${av01} 00 0000` },
  { name: "many tracks with a size past the end", hex: `96 11 ${av01} 00 000003 0a0b` },
  { name: "many codecs without a track", hex: "96 21" },
];

describe("video header", () => {
  test.each(legacy)("legacy: $name", ({ hex, expected }) => {
    expect(readVideoHeader(fromHex(hex))).toEqual({ ...plain, ...expected });
  });

  test.each(enhanced)("enhanced: $name", ({ hex, expected }) => {
    expect(readVideoHeader(fromHex(hex))).toEqual({ ...plain, isEnhanced: true, ...expected });
  });

  test.each(multitrack)("multitrack: $name", ({ hex, expected }) => {
    expect(readVideoHeader(fromHex(hex))).toEqual({
      ...plain,
      isEnhanced: true,
      isMultitrack: true,
      ...expected,
    });
  });

  test.each(malformed)("malformed is passed on uninterpreted: $name", ({ hex }) => {
    const body = fromHex(hex);
    expect(readVideoHeader(body)).toEqual({ ...plain, isEnhanced: true, dataOffset: body.length });
  });

  test("an empty body has no header", () => {
    expect(readVideoHeader(new Uint8Array(0))).toBeUndefined();
  });

  test("the beginning of a body is enough when its length is given", () => {
    for (const { hex, expected } of [...legacy, ...enhanced, ...multitrack]) {
      const body = fromHex(hex);
      const padded = new Uint8Array([...body, ...new Uint8Array(500)]);
      const whole = readVideoHeader(padded);
      const begun = readVideoHeader(
        padded.subarray(0, Math.max(300, expected.dataOffset ?? 0)),
        padded.length,
      );
      expect(begun).toEqual(whole);
    }
  });

  test("any bytes give a header whose data lie inside the body", () => {
    const nasty = fc.tuple(
      fc.constantFrom(0x91, 0x96, 0x97, 0xa6, 0xd6, 0x17, 0x27, 0x1c),
      fc.uint8Array({ maxLength: 40 }),
    );
    holds(
      fc.property(nasty, ([first, rest]) => {
        const body = new Uint8Array([first, ...rest]);
        const header = readVideoHeader(body);
        expect(header?.dataOffset).toBeGreaterThan(0);
        expect(header?.dataOffset).toBeLessThanOrEqual(body.length);
        if (header?.role !== "other" && header?.role !== "metadata") {
          expect(header?.dataOffset).toBeLessThan(body.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
