import { expect, test } from "bun:test";
import { emptyPayload } from "../../src/base/bytes.ts";
import { Reception } from "../../src/rtsp/reception.ts";
import type { RtpPacket } from "../../src/rtsp/rtp.ts";

const packet = (sequence: number, timestamp: number, ssrc = 9): RtpPacket => ({
  payloadType: 96,
  marker: false,
  sequence: sequence & 0xffff,
  timestamp,
  ssrc,
  payload: emptyPayload,
});

test("a source that nothing came of has nothing to report", () => {
  expect(new Reception(90000).takeBlock(0)).toBeUndefined();
});

test("losses are counted over the wrap, their share since the report before", () => {
  const reception = new Reception(90000);
  for (const sequence of [65534, 65535, 65537, 65538]) reception.count(packet(sequence, 0), 0);
  expect(reception.takeBlock(0)).toMatchObject({
    ssrc: 9,
    lost: 1,
    fractionLost: 0.2,
    highestSequence: 65538,
  });
  reception.count(packet(65539, 0), 0);
  expect(reception.takeBlock(0)).toMatchObject({ lost: 1, fractionLost: 0 });
  expect(reception.lost).toBe(1);
  reception.count(packet(65536, 0), 0);
  expect(reception.takeBlock(0)).toMatchObject({ lost: 0, fractionLost: 0, highestSequence: 65539 });
});

test("jitter is that of the times between packets, and none where they come as they were sent", () => {
  const even = new Reception(90000);
  for (let i = 0; i < 50; i += 1) even.count(packet(i, i * 3600), i * 40);
  expect(even.jitter).toBe(0);
  const uneven = new Reception(90000);
  // 10 ms early and late in turn: 20 ms between, 1800 units.
  for (let i = 0; i < 500; i += 1) uneven.count(packet(i, i * 3600), i * 40 + (i % 2) * 20);
  expect(uneven.jitter).toBeCloseTo(1800, 0);
});

test("the last sender report is named, with the time since then", () => {
  const reception = new Reception(90000);
  reception.count(packet(1, 0), 0);
  expect(reception.takeBlock(10)).toMatchObject({ lastReport: 0, delay: 0 });
  reception.reported({ ntpSeconds: 0x1111aaaa, ntpFraction: 0xbbbb2222 }, 1000);
  expect(reception.takeBlock(1500)).toMatchObject({ lastReport: 0xaaaabbbb, delay: 32768 });
});

test("another source begins anew", () => {
  const reception = new Reception(90000);
  for (const sequence of [1, 9]) reception.count(packet(sequence, 0), 0);
  reception.count(packet(5000, 0, 10), 0);
  expect(reception.takeBlock(0)).toMatchObject({ ssrc: 10, lost: 0, highestSequence: 5000 });
});
