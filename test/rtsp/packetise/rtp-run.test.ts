import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../../src/base/bytes.ts";
import { payloadOf } from "../../../src/rtsp/packetise/packetiser.ts";
import { rtpPackets } from "../../../src/rtsp/packetise/rtp-run.ts";

const payloads = [
  payloadOf([fromHex("aa"), fromHex("bbcc")], { marker: false, timestamp: 5 }),
  payloadOf([fromHex("dd")], { marker: true, timestamp: 5 }),
];
const options = { payloadType: 96, ssrc: 0x01020304, sequence: 65535, timestampOffset: 0xffffffff };
const first = "8060ffff 00000004 01020304 aabbcc".replaceAll(" ", "");
const second = "80e00000 00000004 01020304 dd".replaceAll(" ", "");

describe("a run of RTP packets", () => {
  test("is one buffer that knows where each packet lies", () => {
    const run = rtpPackets(payloads, options);
    expect(toHex(run.bytes)).toBe(first + second);
    expect(run).toMatchObject({ bounds: [0, 15, 15, 28], packets: 2, octets: 4 });
    expect(run.bytes.buffer.byteLength).toBe(28);
  });

  test("has the prefix of a channel in front of each, and the same bounds without it", () => {
    const run = rtpPackets(payloads, { ...options, channel: 4 });
    expect(toHex(run.bytes)).toBe(`2404000f${first}2404000d${second}`);
    const { bounds, bytes } = run;
    expect([
      toHex(bytes.subarray(bounds[0], bounds[1])),
      toHex(bytes.subarray(bounds[2], bounds[3])),
    ]).toEqual([first, second]);
  });

  test("of nothing is nothing", () => {
    expect(rtpPackets([], options)).toMatchObject({ bounds: [], packets: 0, octets: 0 });
  });

  test("has no interleaved packet that its prefix cannot tell", () => {
    const large = [payloadOf([new Uint8Array(65524)], { marker: true, timestamp: 0 })];
    expect(() => rtpPackets(large, { ...options, channel: 0 })).toThrow(RangeError);
  });
});
