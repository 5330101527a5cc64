import { ByteReader } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";

/** The rate of the Opus decoder, whatever was recorded. RFC 7845 5.1. */
export const opusSampleRate = 48000;

/** An OpusHead. RFC 7845 5.1. */
export type OpusConfig = {
  readonly channels: number;
  /** Samples at 48 kHz to drop at the start. */
  readonly preSkip: number;
  /** Rate of the original recording; for information only, 0 where unknown. */
  readonly inputSampleRate: number;
};

/** Decodes an OpusHead. @throws WireError TRUNCATED, CODEC_CONFIG */
export const decodeOpusConfig = (bytes: Uint8Array): OpusConfig => {
  const reader = new ByteReader(bytes);
  const magic = reader.utf8(8);
  const version = reader.u8();
  const channels = reader.u8();
  if (magic !== "OpusHead" || version > 15 || channels === 0) {
    throw new WireError("CODEC_CONFIG", "not an OpusHead of version 0 to 15 with a channel");
  }
  const preSkip = reader.u16le();
  const inputSampleRate = reader.u32le();
  reader.skip(3); // output gain, mapping family
  return { channels, preSkip, inputSampleRate };
};
