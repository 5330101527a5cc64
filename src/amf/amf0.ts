import { ByteReader, ByteWriter } from "../base/bytes.ts";
import { Amf0Decoder } from "./amf0-decoder.ts";
import { Amf0Encoder } from "./amf0-encoder.ts";
import { type AmfLimits, amfLimits } from "./limits.ts";
import type { AmfValue } from "./value.ts";

/**
 * Decodes one AMF0 value at the reader's cursor and moves past it. AMF0 spec 2.2 to 2.18.
 * An object cut off after a whole property counts as closed. A reference index counts from this value.
 * Nothing returned aliases the input (borrowed).
 * @throws WireError TRUNCATED, AMF_MARKER, AMF_REFERENCE, AMF_TOO_DEEP, AMF_TOO_LARGE
 */
export const decodeAmf0 = (reader: ByteReader, limits: AmfLimits = amfLimits): AmfValue => {
  const decoder = new Amf0Decoder(reader, limits);
  const value = decoder.value();
  if (decoder.failure) throw decoder.failure;
  return value;
};

/** The values of a message, and whether that is all of them. */
export type Amf0Values = {
  readonly values: AmfValue[];
  /** False when the rest could not be read; then the last value may be an object or array that lacks its end. */
  readonly complete: boolean;
};

/**
 * Decodes the values of one message or script tag up to its end. What cannot be read (truncated, unknown marker,
 * bad reference) ends the decoding softly and keeps everything before it, down to the properties of an object
 * that was begun: encoders in the field do send such metadata. Nothing returned aliases `bytes` (borrowed).
 * @throws WireError AMF_TOO_DEEP, AMF_TOO_LARGE
 */
export const decodeAmf0All = (bytes: Uint8Array, limits: AmfLimits = amfLimits): Amf0Values => {
  const reader = new ByteReader(bytes);
  const decoder = new Amf0Decoder(reader, limits);
  const values: AmfValue[] = [];
  try {
    while (reader.remaining > 0 && !decoder.failure) values.push(decoder.value());
  } catch (error) {
    decoder.fail(error);
  }
  return { values, complete: !decoder.failure };
};

/**
 * Writes one value. Shared parts are written out each time, because few peers resolve references; a byte array,
 * which AMF0 does not have, is written as an AMF3 value.
 * @throws WireError AMF_TOO_DEEP for a value inside itself or nested past the limit, AMF_TOO_LARGE for more
 * values, longer names (65,535 bytes) or more bytes (16 MiB) than one message can hold
 */
export const encodeAmf0 = (writer: ByteWriter, value: AmfValue, limits: AmfLimits = amfLimits): void =>
  new Amf0Encoder(writer, limits).value(value);

/** Encodes `values` one after the other into one owned buffer. @throws WireError as {@link encodeAmf0} does */
export const encodeAmf0All = (values: readonly AmfValue[], limits: AmfLimits = amfLimits): Uint8Array => {
  const writer = new ByteWriter(256);
  const encoder = new Amf0Encoder(writer, limits);
  for (const value of values) encoder.value(value);
  return writer.take();
};
