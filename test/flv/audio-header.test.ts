import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex } from "../../src/base/bytes.ts";
import { type AudioHeader, readAudioHeader } from "../../src/flv/audio-header.ts";
import { holds } from "../base/property.ts";

type Row = { readonly name: string; readonly hex: string; readonly expected: Partial<AudioHeader> };

const plain: AudioHeader = {
  kind: "audio",
  role: "other",
  codec: undefined,
  trackId: 0,
  dataOffset: 0,
  compositionTimeMs: 0,
  timestampOffsetNanos: 0,
  isEnhanced: false,
  isMultitrack: false,
};

const mp4a = "6d703461";
const opus = "4f707573";
const mp3 = "2e6d7033";
const ac3 = "61632d33";
const ec3 = "65632d33";
const flac = "664c6143";

const legacy: Row[] = [
  {
    name: "AAC configuration",
    hex: "af 00 1210",
    expected: { role: "config", codec: "AAC", dataOffset: 2 },
  },
  { name: "AAC configuration of no bytes", hex: "af 00", expected: { codec: "AAC", dataOffset: 2 } },
  { name: "AAC frame", hex: "af 01 21", expected: { role: "frame", codec: "AAC", dataOffset: 2 } },
  { name: "AAC frame of no bytes", hex: "af 01", expected: { codec: "AAC", dataOffset: 2 } },
  { name: "AAC header cut off", hex: "af", expected: { codec: "AAC", dataOffset: 1 } },
  { name: "AAC packet type nobody defined", hex: "af 02 00", expected: { codec: "AAC", dataOffset: 2 } },
  { name: "MP3", hex: "2f fffb", expected: { role: "frame", codec: "MP3", dataOffset: 1 } },
  { name: "MP3 of 8 kHz", hex: "ee fffb", expected: { role: "frame", codec: "MP3", dataOffset: 1 } },
  { name: "MP3 without data", hex: "2f", expected: { codec: "MP3", dataOffset: 1 } },
  { name: "PCM", hex: "0f 0000", expected: { role: "frame", codec: "PCM", dataOffset: 1 } },
  { name: "PCM little-endian", hex: "3f 0000", expected: { role: "frame", codec: "PCM", dataOffset: 1 } },
  { name: "ADPCM", hex: "1e 00", expected: { role: "frame", codec: "ADPCM", dataOffset: 1 } },
  {
    name: "Nellymoser 16 kHz",
    hex: "42 00",
    expected: { role: "frame", codec: "Nellymoser", dataOffset: 1 },
  },
  { name: "Nellymoser 8 kHz", hex: "52 00", expected: { role: "frame", codec: "Nellymoser", dataOffset: 1 } },
  { name: "Nellymoser", hex: "62 00", expected: { role: "frame", codec: "Nellymoser", dataOffset: 1 } },
  { name: "G.711 A-law", hex: "72 d5", expected: { role: "frame", codec: "G711A", dataOffset: 1 } },
  { name: "G.711 mu-law", hex: "82 ff", expected: { role: "frame", codec: "G711U", dataOffset: 1 } },
  { name: "Speex", hex: "b2 00", expected: { role: "frame", codec: "Speex", dataOffset: 1 } },
  { name: "device specific", hex: "f2 00", expected: { role: "frame", dataOffset: 1 } },
];

const enhanced: Row[] = [
  { name: "AAC configuration", hex: `90 ${mp4a} 1210`, expected: { role: "config", codec: "AAC" } },
  { name: "AAC configuration of no bytes", hex: `90 ${mp4a}`, expected: { codec: "AAC" } },
  { name: "AAC frame", hex: `91 ${mp4a} 21`, expected: { role: "frame", codec: "AAC" } },
  { name: "Opus configuration", hex: `90 ${opus} 4f707573`, expected: { role: "config", codec: "Opus" } },
  { name: "Opus configuration of no bytes", hex: `90 ${opus}`, expected: { role: "config", codec: "Opus" } },
  { name: "Opus frame", hex: `91 ${opus} fc`, expected: { role: "frame", codec: "Opus" } },
  { name: "Opus frame of no bytes", hex: `91 ${opus}`, expected: { codec: "Opus" } },
  { name: "MP3 frame", hex: `91 ${mp3} ff`, expected: { role: "frame", codec: "MP3" } },
  { name: "AC-3 configuration of no bytes", hex: `90 ${ac3}`, expected: { role: "config", codec: "AC3" } },
  { name: "E-AC-3 configuration of no bytes", hex: `90 ${ec3}`, expected: { role: "config", codec: "EAC3" } },
  { name: "FLAC configuration", hex: `90 ${flac} 664c6143`, expected: { role: "config", codec: "FLAC" } },
  { name: "FLAC configuration of no bytes", hex: `90 ${flac}`, expected: { codec: "FLAC" } },
  { name: "channel layout", hex: `94 ${opus} 01 02 00000003`, expected: { role: "metadata", codec: "Opus" } },
  { name: "end of sequence", hex: `92 ${opus}`, expected: { codec: "Opus" } },
  { name: "packet type of video only", hex: `93 ${opus} 00`, expected: { codec: "Opus" } },
  { name: "unknown codec, configuration", hex: "90 78787878 01", expected: {} },
  { name: "unknown codec, frame", hex: "91 78787878 01", expected: { role: "frame" } },
];

const rounds: Row[] = [
  {
    name: "a ModEx with a timestamp offset",
    hex: `97 02 00c350 01 ${opus} fc`,
    expected: { role: "frame", codec: "Opus", dataOffset: 10, timestampOffsetNanos: 50_000 },
  },
  {
    name: "one track",
    hex: `95 01 ${opus} 03 fc`,
    expected: { role: "frame", codec: "Opus", trackId: 3, dataOffset: 7, isMultitrack: true },
  },
  {
    name: "many tracks, of which the first counts",
    hex: `95 10 ${mp4a} 00 000002 1210 01 000002 1190`,
    expected: { role: "config", codec: "AAC", dataOffset: 10, isMultitrack: true },
  },
  {
    name: "many tracks of many codecs",
    hex: `95 21 ${opus} 01 000001 fc ${mp4a} 02 000001 21`,
    expected: { role: "frame", codec: "Opus", trackId: 1, dataOffset: 10, isMultitrack: true },
  },
  { name: "the multitrack type of video", hex: `96 01 ${opus} 00`, expected: { dataOffset: 5 } },
  { name: "multitrack in multitrack", hex: `95 05 ${opus} 00 fc`, expected: { dataOffset: 8 } },
];

describe("audio header", () => {
  test.each(legacy)("legacy: $name", ({ hex, expected }) => {
    expect(readAudioHeader(fromHex(hex))).toEqual({ ...plain, ...expected });
  });

  test.each(enhanced)("enhanced: $name", ({ hex, expected }) => {
    expect(readAudioHeader(fromHex(hex))).toEqual({ ...plain, isEnhanced: true, dataOffset: 5, ...expected });
  });

  test.each(rounds)("enhanced with $name", ({ hex, expected }) => {
    expect(readAudioHeader(fromHex(hex))).toEqual({ ...plain, isEnhanced: true, ...expected });
  });

  test("an empty body, the mark of silence, has no header", () => {
    expect(readAudioHeader(new Uint8Array(0))).toBeUndefined();
  });

  test("any bytes give a header whose data lie inside the body", () => {
    holds(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.boolean(), (body, isEnhanced) => {
        if (isEnhanced) body[0] = 0x90 | ((body[0] ?? 0) & 0x0f);
        const header = readAudioHeader(body);
        expect(header?.dataOffset).toBeGreaterThan(0);
        expect(header?.dataOffset).toBeLessThanOrEqual(body.length);
      }),
      { numRuns: 2000 },
    );
  });
});
