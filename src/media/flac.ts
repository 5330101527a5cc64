import { WireError } from "../base/errors.ts";
import { BitReader } from "./bit-reader.ts";

/** A STREAMINFO block. RFC 9639 8.2. */
export type FlacConfig = {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
};

const streamInfoBytes = 34;
const magicBytes = 4;
const blockHeaderBytes = 4;

/**
 * Decodes a STREAMINFO: bare, behind its metadata block header, or behind `fLaC` and that header.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const decodeFlacConfig = (bytes: Uint8Array): FlacConfig => {
  const bits = new BitReader(bytes.subarray(streamInfoOffset(bytes)));
  bits.skip(80); // block and frame sizes
  const sampleRate = bits.bits(20);
  const channels = bits.bits(3) + 1;
  const bitsPerSample = bits.bits(5) + 1;
  bits.skip(164); // length in samples, MD5
  if (sampleRate === 0) throw new WireError("CODEC_CONFIG", "FLAC sample rate 0, expected 1 to 1048575");
  return { sampleRate, channels, bitsPerSample };
};

const streamInfoOffset = (bytes: Uint8Array): number => {
  const isMarked = Buffer.from(bytes.subarray(0, magicBytes)).toString("latin1") === "fLaC";
  if (isMarked) return magicBytes + blockHeaderBytes;
  return bytes.length > streamInfoBytes ? blockHeaderBytes : 0;
};
