import { expect, test } from "bun:test";
import { decodeRtcp, unixMsOfNtp } from "../../src/rtsp/rtcp.ts";
import { encodeSenderReport } from "../../src/rtsp/sender-report.ts";

test("a sender report ties RTP time to the wall clock, over the wrap too", () => {
  const unixMs = 1_700_000_000_500;
  const report = {
    ssrc: 7,
    cname: "me",
    clockRate: 90000,
    timestampOffset: 0xfffffff0,
    packets: 2 ** 32 + 3,
    octets: 9,
  };
  const [sender, names] = decodeRtcp(encodeSenderReport({ ...report, streamMs: 1000, unixMs }));
  expect(sender).toMatchObject({ kind: "senderReport", ssrc: 7, rtpTime: 90000 - 16, packets: 3, octets: 9 });
  expect(sender?.kind === "senderReport" && Math.round(unixMsOfNtp(sender))).toBe(unixMs);
  expect(names).toEqual({ kind: "description", names: [{ ssrc: 7, cname: "me" }] });
  const [early] = decodeRtcp(encodeSenderReport({ ...report, timestampOffset: 0, streamMs: -1, unixMs }));
  expect(early).toMatchObject({ rtpTime: 2 ** 32 - 90 });
});
