import { ByteWriter } from "../../../src/base/bytes.ts";
import type { Sample } from "./samples.ts";

// Video message bodies as a publisher builds them, written apart from the server's own reader.

const keyFrame = 1;
const interFrame = 2;
const frameType = (isKey: boolean): number => (isKey ? keyFrame : interFrame);

/** A way to put a codec into video messages. */
export interface VideoForm {
  readonly name: string;
  config(bytes: Uint8Array): Uint8Array;
  frame(sample: Sample): Uint8Array;
}

const body = (writer: ByteWriter, data: Uint8Array): Uint8Array => writer.bytes(data).take();

/** Enhanced RTMP: `1 frameType:3 packetType:4, FourCC`. HEVC has a composition time in coded frames, AV1 has none. */
export const enhanced = (fourCc: "hvc1" | "av01"): VideoForm => {
  const header = (isKey: boolean, packetType: number): ByteWriter =>
    new ByteWriter().u8(0x80 | (frameType(isKey) << 4) | packetType).utf8(fourCc);
  return {
    name: fourCc,
    config: (bytes) => body(header(true, 0), bytes),
    frame: ({ isKey, compositionMs, data }) => {
      if (fourCc === "av01") return body(header(isKey, 1), data);
      // Packet type 3 spares the composition time where it is 0.
      if (compositionMs === 0) return body(header(isKey, 3), data);
      return body(header(isKey, 1).u24(compositionMs), data);
    },
  };
};

/** The layout of AVC with codec id 12 in place of 7: how HEVC was sent before Enhanced RTMP. */
export const legacyHevc: VideoForm = {
  name: "codec id 12",
  config: (bytes) =>
    body(
      new ByteWriter()
        .u8((keyFrame << 4) | 12)
        .u8(0)
        .u24(0),
      bytes,
    ),
  frame: ({ isKey, compositionMs, data }) =>
    body(
      new ByteWriter()
        .u8((frameType(isKey) << 4) | 12)
        .u8(1)
        .u24(compositionMs),
      data,
    ),
};
