import { ByteWriter } from "../base/bytes.ts";
import { decodeAc3Frame } from "../media/ac3.ts";
import { removeEmulationPrevention } from "../media/bit-reader.ts";
import type { Codec } from "../media/codec.ts";
import { decodeHevcSps } from "../media/hevc-sps.ts";
import { decodeMp3Frame } from "../media/mp3.ts";
import { tolerate } from "../media/tolerate.ts";
import type { FoundStream } from "./reader.ts";

/** What a unit of a stream holds, in the form of MP4. */
export interface Unpacked {
  /** Frames, one behind the other: one picture, one or more of sound. */
  readonly frames: readonly Uint8Array[];
  readonly isKey: boolean;
  /** The decoder configuration, where the unit tells it. */
  readonly config: Uint8Array | undefined;
}

/** The codec of a stream; undefined for one that is not known. */
export const codecOfStream = ({ type, registration }: FoundStream): Codec | undefined => {
  switch (type) {
    case 0x1b:
      return "H264";
    case 0x24:
      return "H265";
    case 0x0f:
      return "AAC";
    case 3:
    case 4:
      return "MP3";
    case 0x81:
      return "AC3";
    case 6:
      return registration === "Opus" ? "Opus" : registration === "AC-3" ? "AC3" : undefined;
    default:
      return undefined;
  }
};

/** Takes a unit of a stream apart. */
export const unpack = (codec: Codec, data: Uint8Array, stream: FoundStream): Unpacked => {
  switch (codec) {
    case "H264":
      return unpackAvc(nalsOf(data));
    case "H265":
      return unpackHevc(nalsOf(data));
    case "AAC":
      return unpackAdts(data);
    case "Opus":
      return { frames: opusFrames(data), isKey: true, config: opusHead(stream.channels) };
    case "MP3":
      return { frames: framesBy(data, mp3Length), isKey: true, config: data };
    default:
      return { frames: framesBy(data, ac3Length), isKey: true, config: data };
  }
};

/** The NAL units between start codes. H.264 annex B. */
export const nalsOf = (data: Uint8Array): Uint8Array[] => {
  const nals: Uint8Array[] = [];
  let start = -1;
  for (let at = 2; at < data.length; at++) {
    if (data[at] !== 1 || data[at - 1] !== 0 || data[at - 2] !== 0) continue;
    if (start >= 0) nals.push(trimmed(data, start, at - 2));
    start = at + 1;
  }
  if (start >= 0) nals.push(trimmed(data, start, data.length));
  return nals.filter(({ length }) => length > 0);
};

/** Zeros behind a unit belong to no unit. */
const trimmed = (data: Uint8Array, from: number, to: number): Uint8Array => {
  let end = to;
  while (end > from && data[end - 1] === 0) end--;
  return data.subarray(from, end);
};

const withLengths = (nals: readonly Uint8Array[]): Uint8Array => {
  const writer = new ByteWriter(nals.reduce((sum, { length }) => sum + 4 + length, 0));
  for (const nal of nals) writer.u32(nal.length).bytes(nal);
  return writer.take();
};

const unpackAvc = (nals: readonly Uint8Array[]): Unpacked => {
  const typeOf = ([first = 0]: Uint8Array): number => first & 0x1f;
  const sps = nals.filter((nal) => typeOf(nal) === 7);
  const pps = nals.filter((nal) => typeOf(nal) === 8);
  const [first] = sps;
  let config: Uint8Array | undefined;
  if (first && pps.length > 0) {
    const writer = new ByteWriter(64);
    writer
      .u8(1)
      .u8(first[1] ?? 0)
      .u8(first[2] ?? 0)
      .u8(first[3] ?? 0)
      .u8(0xff)
      .u8(0xe0 | sps.length);
    for (const nal of sps) writer.u16(nal.length).bytes(nal);
    writer.u8(pps.length);
    for (const nal of pps) writer.u16(nal.length).bytes(nal);
    config = writer.take();
  }
  const kept = nals.filter((nal) => typeOf(nal) !== 9);
  return { frames: [withLengths(kept)], isKey: nals.some((nal) => typeOf(nal) === 5), config };
};

const hevcSets = [32, 33, 34] as const;

const unpackHevc = (nals: readonly Uint8Array[]): Unpacked => {
  const typeOf = ([first = 0]: Uint8Array): number => (first >> 1) & 0x3f;
  const sps = nals.find((nal) => typeOf(nal) === 33);
  const kept = nals.filter((nal) => typeOf(nal) !== 35);
  const isKey = nals.some((nal) => typeOf(nal) >= 16 && typeOf(nal) <= 23);
  let config: Uint8Array | undefined;
  if (sps) {
    const plain = removeEmulationPrevention(sps);
    const bitDepth = tolerate(() => decodeHevcSps(sps).bitDepth) ?? 8;
    const layers = (((plain[2] ?? 0) >> 1) & 7) + 1;
    const writer = new ByteWriter(128);
    writer.u8(1).bytes(plain.subarray(3, 15)).u16(0xf000).u8(0xfc).u8(0xfd);
    writer
      .u8(0xf8 | (bitDepth - 8))
      .u8(0xf8 | (bitDepth - 8))
      .u16(0);
    writer.u8((layers << 3) | (((plain[2] ?? 0) & 1) << 2) | 3).u8(hevcSets.length);
    for (const type of hevcSets) {
      const units = nals.filter((nal) => typeOf(nal) === type);
      writer.u8(0x80 | type).u16(units.length);
      for (const nal of units) writer.u16(nal.length).bytes(nal);
    }
    config = writer.take();
  }
  return { frames: [withLengths(kept)], isKey, config };
};

const unpackAdts = (data: Uint8Array): Unpacked => {
  const frames: Uint8Array[] = [];
  let config: Uint8Array | undefined;
  for (let at = 0; at + 7 <= data.length; ) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = data.subarray(at, at + 6);
    const length = ((d & 3) << 11) | (e << 3) | (f >> 5);
    if (a !== 0xff || (b & 0xf0) !== 0xf0 || length < 7 || at + length > data.length) break;
    const objectType = (c >> 6) + 1;
    const channels = ((c & 1) << 2) | (d >> 6);
    const word = (objectType << 11) | (((c >> 2) & 0x0f) << 7) | (channels << 3);
    config ??= Uint8Array.of(word >> 8, word & 0xff);
    frames.push(data.subarray(at + (b & 1 ? 7 : 9), at + length));
    at += length;
  }
  return { frames, isKey: true, config };
};

/** Frames behind their control headers. */
const opusFrames = (data: Uint8Array): Uint8Array[] => {
  const frames: Uint8Array[] = [];
  for (let at = 0; at + 3 <= data.length; ) {
    const flags = data[at + 1] ?? 0;
    if (data[at] !== 0x7f || (flags & 0xe0) !== 0xe0) break;
    let size = 0;
    let next = at + 2;
    for (;;) {
      const byte = data[next++] ?? 0;
      size += byte;
      if (byte !== 255) break;
    }
    if (flags & 0x10) next += 2;
    if (flags & 0x08) next += 2;
    if (flags & 0x04) next += 1 + (data[next] ?? 0);
    if (size === 0 || next + size > data.length) break;
    frames.push(data.subarray(next, next + size));
    at = next + size;
  }
  return frames;
};

const opusHead = (channels: number): Uint8Array =>
  new ByteWriter(19).utf8("OpusHead").u8(1).u8(channels).u16le(0).u32le(48_000).u16(0).u8(0).take();

/** Frames that tell their own length; all of it is one where they do not. */
const framesBy = (data: Uint8Array, lengthOf: (frame: Uint8Array) => number | undefined): Uint8Array[] => {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < data.length; ) {
    const length = tolerate(() => lengthOf(data.subarray(at))) ?? data.length - at;
    frames.push(data.subarray(at, at + length));
    at += length;
  }
  return frames;
};

const mp3Rates = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;

/** Layer III. ISO/IEC 11172-3 2.4.3.1. */
const mp3Length = (frame: Uint8Array): number | undefined => {
  const { version, sampleRate, samples } = decodeMp3Frame(frame);
  const kilobits = mp3Rates[version === 1 ? 1 : 2][(frame[2] ?? 0) >> 4] ?? 0;
  const padding = ((frame[2] ?? 0) >> 1) & 1;
  const length = Math.floor((samples * kilobits * 125) / sampleRate) + padding;
  return length > 4 ? length : undefined;
};

const ac3Kilobits = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
] as const;

/** ETSI TS 102 366 table 5.18. */
const ac3Length = (frame: Uint8Array): number | undefined => {
  const { sampleRate } = decodeAc3Frame(frame);
  const code = (frame[4] ?? 0) & 0x3f;
  const kilobits = ac3Kilobits[code >> 1];
  if (kilobits === undefined) return undefined;
  const words = Math.floor((kilobits * 96_000) / sampleRate) + (sampleRate === 44_100 ? code & 1 : 0);
  return words * 2;
};
