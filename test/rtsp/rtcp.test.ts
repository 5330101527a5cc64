import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import {
  decodeRtcp,
  encodeRtcp,
  isRtcp,
  lastReportOf,
  ntpOf,
  type RtcpToEncode,
  unixMsOfNtp,
} from "../../src/rtsp/rtcp.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";

const block = {
  ssrc: 0x0a0b0c0d,
  fractionLost: 0.5,
  lost: -2,
  highestSequence: 0x1fffe,
  jitter: 7,
  lastReport: 0x11223344,
  delay: 65536,
};

const blockHex = "0a0b0c0d 80fffffe 0001fffe 00000007 11223344 00010000";

const rows: readonly { name: string; hex: string; value: RtcpToEncode }[] = [
  {
    name: "a sender report",
    hex: "80c80006 00000001 e0000000 80000000 00015f90 00000002 00000003",
    value: {
      kind: "senderReport",
      ssrc: 1,
      ntpSeconds: 0xe0000000,
      ntpFraction: 0x80000000,
      rtpTime: 90000,
      packets: 2,
      octets: 3,
      blocks: [],
    },
  },
  {
    name: "a receiver report with a block",
    hex: `81c90007 00000001 ${blockHex}`,
    value: { kind: "receiverReport", ssrc: 1, blocks: [block] },
  },
  {
    name: "an empty receiver report",
    hex: "80c90001 00000001",
    value: { kind: "receiverReport", ssrc: 1, blocks: [] },
  },
  {
    name: "names, one of which ends on a word",
    hex: "82ca0006 00000001 0103 616263 000000 00000002 0105 6162636465 00",
    value: {
      kind: "description",
      names: [
        { ssrc: 1, cname: "abc" },
        { ssrc: 2, cname: "abcde" },
      ],
    },
  },
  { name: "a goodbye", hex: "82cb0002 00000001 00000002", value: { kind: "goodbye", sources: [1, 2] } },
];

describe("RTCP", () => {
  for (const { name, hex, value } of rows) {
    test(`reads and writes ${name}`, () => {
      expect(decodeRtcp(fromHex(hex))).toEqual([value]);
      expect(toHex(encodeRtcp([value]))).toBe(hex.replaceAll(" ", ""));
    });
  }

  test("reads and writes several in one, and passes over what it does not know", () => {
    const feedback = "81ce0002 00000001 00000002";
    const hex = `${rows.map((row) => row.hex).join("")}${feedback}`;
    expect(decodeRtcp(fromHex(hex))).toEqual([
      ...rows.map(({ value }) => value),
      { kind: "other", type: 206 },
    ]);
    const all = rows.map(({ value }) => value);
    expect(decodeRtcp(encodeRtcp(all))).toEqual(all);
  });

  test("refuses what is cut or of another version", () => {
    for (const hex of [
      "80c8",
      "80c80006 00000001",
      "00c90001 00000001",
      "81c90001 00000001",
      "82cb0001 00000001",
    ]) {
      expect(
        codeOf(() => decodeRtcp(fromHex(hex))),
        hex,
      ).toBe("RTP_PACKET");
    }
    expect(codeOf(() => decodeRtcp(fromHex("80cb0000".repeat(33))))).toBe("RTP_PACKET");
    expect(decodeRtcp(fromHex("81ca0002 00000001 01ff6162"))).toEqual([{ kind: "description", names: [] }]);
  });

  test("throws nothing else for noise", () => {
    holds(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x1f);
        codeOf(() => decodeRtcp(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test("is told from RTP by its type", () => {
    expect(rows.map(({ hex }) => isRtcp(fromHex(hex)))).toEqual(rows.map(() => true));
    expect(isRtcp(fromHex("80e00000"))).toBe(false);
  });
});

test("NTP time is there and back within a microsecond", () => {
  for (const unixMs of [0, 1_700_000_000_123, 2_085_978_495_999]) {
    expect(unixMsOfNtp(ntpOf(unixMs))).toBeCloseTo(unixMs, 2);
  }
  expect(lastReportOf({ ntpSeconds: 0x12345678, ntpFraction: 0x9abcdef0 })).toBe(0x56789abc);
});
