import { type Payload, share } from "../../base/bytes.ts";
import { interleavedPrefixSize, maxInterleavedBytes, writeInterleavedPrefix } from "../message.ts";
import { rtpHeaderSize, writeRtpHeader } from "../rtp.ts";
import type { RtpPayload } from "./packetiser.ts";

/** What stands in the headers of a run of packets. */
export type RtpRunOptions = {
  readonly payloadType: number;
  readonly ssrc: number;
  /** Sequence number of the first packet. */
  readonly sequence: number;
  /** Added to the timestamps of the payloads; RFC 3550 wants it random. */
  readonly timestampOffset: number;
  /** Puts the prefix of this interleaved channel in front of every packet. */
  readonly channel?: number;
};

/** Whole RTP packets, one behind the other in one buffer: shared by all who read the stream the same way. */
export type RtpRun = {
  /** All packets, with their interleaved prefixes where a channel was given: what a TCP reader is sent. */
  readonly bytes: Payload;
  /** From and to of each RTP packet in `bytes`, prefixes left out: what a UDP reader is sent. */
  readonly bounds: readonly number[];
  /** Number of packets; the next run begins with `(sequence + packets) & 0xffff`. */
  readonly packets: number;
  /** Bytes of the payloads, as sender reports count them. */
  readonly octets: number;
};

/** Writes payloads as RTP packets into one exact buffer. @throws RangeError for an interleaved packet of more than 65535 bytes */
export const rtpPackets = (payloads: readonly RtpPayload[], options: RtpRunOptions): RtpRun => {
  const { channel, payloadType, ssrc } = options;
  const overhead = rtpHeaderSize + (channel === undefined ? 0 : interleavedPrefixSize);
  let octets = 0;
  for (const { size } of payloads) {
    if (channel !== undefined && size + rtpHeaderSize > maxInterleavedBytes) {
      throw new RangeError(`payload of ${size} bytes, expected one that fits into 65535 with its header`);
    }
    octets += size;
  }
  const bytes = Buffer.allocUnsafeSlow(octets + overhead * payloads.length);
  const bounds: number[] = [];
  let at = 0;
  let sequence = options.sequence;
  for (const { pieces, size, marker, timestamp: time } of payloads) {
    const length = rtpHeaderSize + size;
    if (channel !== undefined) at = writeInterleavedPrefix(bytes, at, { channel, length });
    bounds.push(at, at + length);
    const timestamp = (time + options.timestampOffset) % 2 ** 32;
    at = writeRtpHeader(bytes, at, { payloadType, ssrc, marker, sequence, timestamp });
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    sequence = (sequence + 1) & 0xffff;
  }
  return { bytes: share(bytes), bounds, packets: payloads.length, octets };
};
