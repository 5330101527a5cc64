import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { copyBytes, fromHex, share, toHex } from "../../src/base/bytes.ts";
import { decodeRtp, encodeRtp, sequenceDistance, timestampDistance } from "../../src/rtsp/rtp.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";

const packet = { payloadType: 96, marker: true, sequence: 0xfffe, timestamp: 0xfedcba98, ssrc: 0x01020304 };

const rows = [
  { name: "a plain packet", hex: "80e0fffe fedcba98 01020304 aabb", payload: "aabb" },
  { name: "an empty payload", hex: "80e0fffe fedcba98 01020304", payload: "" },
  { name: "two contributing sources", hex: "82e0fffe fedcba98 01020304 11111111 22222222 aa", payload: "aa" },
  { name: "an extension of one word", hex: "90e0fffe fedcba98 01020304 bede0001 33333333 aa", payload: "aa" },
  { name: "padding", hex: "a0e0fffe fedcba98 01020304 aa000003", payload: "aa" },
  { name: "all of it", hex: "b1e0fffe fedcba98 01020304 11111111 bede0000 aabb0002", payload: "aabb" },
];

describe("an RTP packet is read", () => {
  for (const { name, hex, payload } of rows) {
    test(`with ${name}`, () => {
      const read = decodeRtp(fromHex(hex));
      expect({ ...read, payload: toHex(read.payload) }).toEqual({ ...packet, payload });
    });
  }

  test("without a copy of its payload", () => {
    const bytes = fromHex("80e0fffe fedcba98 01020304 aabb");
    expect(decodeRtp(bytes).payload.buffer).toBe(bytes.buffer);
  });
});

describe("an RTP packet is refused", () => {
  const refused = [
    { name: "of 11 bytes", hex: "80e0fffe fedcba98 010203" },
    { name: "of version 1", hex: "40e0fffe fedcba98 01020304" },
    { name: "with fewer sources than it says", hex: "82e0fffe fedcba98 01020304 11111111" },
    { name: "with an extension beyond its end", hex: "90e0fffe fedcba98 01020304 bede0002 33333333" },
    { name: "with a cut extension header", hex: "90e0fffe fedcba98 01020304 be" },
    { name: "with more padding than payload", hex: "a0e0fffe fedcba98 01020304 aa03" },
    { name: "with padding of nothing", hex: "a0e0fffe fedcba98 01020304 aa00" },
  ];
  for (const { name, hex } of refused) {
    test(name, () => expect(codeOf(() => decodeRtp(fromHex(hex)))).toBe("RTP_PACKET"));
  }
});

test("an RTP packet reads as it was written", () => {
  const packets = fc.record({
    payloadType: fc.nat({ max: 127 }),
    marker: fc.boolean(),
    sequence: fc.nat({ max: 0xffff }),
    timestamp: fc.nat({ max: 0xffffffff }),
    ssrc: fc.nat({ max: 0xffffffff }),
    payload: fc.uint8Array({ maxLength: 50 }).map(copyBytes),
  });
  holds(
    fc.property(packets, (each) => {
      const read = decodeRtp(encodeRtp(each));
      expect({ ...read, payload: toHex(read.payload) }).toEqual({ ...each, payload: toHex(each.payload) });
    }),
  );
});

test("noise as an RTP packet gives a packet inside it, or a wire error", () => {
  holds(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      if (codeOf(() => decodeRtp(bytes)) === undefined) {
        expect(decodeRtp(share(bytes)).payload.length).toBeLessThanOrEqual(bytes.length - 12);
      }
    }),
    { numRuns: 2000 },
  );
});

test("distances go round where numbers wrap", () => {
  expect([sequenceDistance(65535, 0), sequenceDistance(0, 65535), sequenceDistance(5, 5)]).toEqual([
    1, -1, 0,
  ]);
  expect([timestampDistance(0xffffffff, 1), timestampDistance(1, 0xffffffff)]).toEqual([2, -2]);
});
