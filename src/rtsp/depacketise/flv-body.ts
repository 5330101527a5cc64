import { type Payload, share } from "../../base/bytes.ts";
import { fourCcOfCodec } from "../../flv/four-cc.ts";
import type { Codec } from "../../media/codec.ts";
import { type PieceRun, sizeOf } from "./depacketiser.ts";

const nalLengthSize = 4;

const writeU32 = (target: Uint8Array, at: number, value: number): number => {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
  return at + 4;
};

/** `header`, then each run behind its length in 4 bytes (AVCC). */
export const lengthPrefixed = (header: Uint8Array, runs: readonly PieceRun[]): Payload => {
  let size = header.length;
  for (const run of runs) size += nalLengthSize + sizeOf(run);
  const body = Buffer.allocUnsafeSlow(size);
  body.set(header);
  let at = header.length;
  for (const run of runs) {
    at = writeU32(body, at, sizeOf(run));
    for (const piece of run) {
      body.set(piece, at);
      at += piece.length;
    }
  }
  return share(body);
};

/** `header`, then everything else as it is. */
export const joined = (header: Uint8Array, runs: readonly PieceRun[]): Payload => {
  let size = header.length;
  for (const run of runs) size += sizeOf(run);
  const body = Buffer.allocUnsafeSlow(size);
  body.set(header);
  let at = header.length;
  for (const run of runs) {
    for (const piece of run) {
      body.set(piece, at);
      at += piece.length;
    }
  }
  return share(body);
};

const i24 = (value: number): [number, number, number] => [value >> 16, value >> 8, value];

/** The legacy header of an H.264 tag. FLV spec E.4.3. */
export const avcHeader = (packetType: 0 | 1, isKey: boolean, compositionMs: number): Uint8Array =>
  new Uint8Array([isKey ? 0x17 : 0x27, packetType, ...i24(compositionMs)]);

const enhancedVideo = (codec: Codec, isKey: boolean, packetType: number): number[] => {
  const fourCc = fourCcOfCodec(codec) ?? 0;
  return [0x80 | ((isKey ? 1 : 2) << 4) | packetType, fourCc >>> 24, fourCc >>> 16, fourCc >>> 8, fourCc];
};

/** The header in front of a decoder configuration. Enhanced RTMP v2, SequenceStart. */
export const videoStartHeader = (codec: Codec): Uint8Array => new Uint8Array(enhancedVideo(codec, true, 0));

/** The header in front of coded frames; H.265 has a composition time behind it. Enhanced RTMP v2, CodedFrames. */
export const videoFramesHeader = (codec: Codec, isKey: boolean, compositionMs: number): Uint8Array =>
  new Uint8Array([...enhancedVideo(codec, isKey, 1), ...(codec === "H265" ? i24(compositionMs) : [])]);

/** The header of an audio tag: 0 in front of a configuration, 1 in front of a frame. Enhanced RTMP v2. */
export const audioHeader = (codec: Codec, packetType: 0 | 1): Uint8Array => {
  const fourCc = fourCcOfCodec(codec) ?? 0;
  return new Uint8Array([0x90 | packetType, fourCc >>> 24, fourCc >>> 16, fourCc >>> 8, fourCc]);
};
