import { encodeRtcp, ntpOf } from "./rtcp.ts";

/** What a sender says of one track. */
export type SenderReport = {
  readonly ssrc: number;
  /** The same name for all tracks of a session, so that receivers play them together. */
  readonly cname: string;
  readonly clockRate: number;
  /** What is added to the RTP times of this track. */
  readonly timestampOffset: number;
  /** A time on the stream's timeline, and the wall clock at that time: the same pair for all tracks keeps them together. */
  readonly streamMs: number;
  readonly unixMs: number;
  /** Packets and payload bytes that were sent. */
  readonly packets: number;
  readonly octets: number;
};

/** A sender report and the sender's name, as one compound RTCP packet. RFC 3550 6.4.1. */
export const encodeSenderReport = (report: SenderReport): Uint8Array => {
  const { ssrc, cname, clockRate, timestampOffset, streamMs, unixMs } = report;
  const rtpTime = (Math.round((streamMs * clockRate) / 1000) + timestampOffset) % 2 ** 32;
  return encodeRtcp([
    {
      kind: "senderReport",
      ssrc,
      ...ntpOf(unixMs),
      rtpTime: rtpTime < 0 ? rtpTime + 2 ** 32 : rtpTime,
      packets: report.packets % 2 ** 32,
      octets: report.octets % 2 ** 32,
      blocks: [],
    },
    { kind: "description", names: [{ ssrc, cname }] },
  ]);
};
