import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex, joinBytes, share, toHex } from "../../src/base/bytes.ts";
import { WireError } from "../../src/base/errors.ts";
import { FlvReader } from "../../src/flv/reader.ts";
import { encodeFlvTag, type FlvTag, flvHeader, tagType } from "../../src/flv/tag.ts";
import { holds } from "../base/property.ts";

type Seen = { readonly type: number; readonly timestamp: number; readonly hex: string } | string;

/** Everything the reader tells of `parts`; an error's code comes last. */
const run = (parts: readonly Uint8Array[]): Seen[] => {
  const reader = new FlvReader();
  const seen: Seen[] = [];
  try {
    for (const part of parts) {
      reader.receive(part);
      for (let tag = reader.next(); tag; tag = reader.next()) {
        seen.push({ type: tag.type, timestamp: tag.timestamp, hex: toHex(tag.payload) });
      }
    }
    const { header } = reader;
    seen.push(`pending ${reader.pendingBytes}, audio ${header?.hasAudio}, video ${header?.hasVideo}`);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    seen.push(error.code);
  }
  return seen;
};

const splitAt = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
};

const fileOf = (tags: readonly FlvTag[]): Uint8Array =>
  joinBytes([flvHeader({ hasAudio: true, hasVideo: true }), ...tags.map(encodeFlvTag)]);

const anyTag: fc.Arbitrary<FlvTag> = fc.record({
  type: fc.constantFrom(...Object.values(tagType)),
  timestamp: fc.nat(0xffffffff),
  payload: fc
    .oneof(fc.uint8Array({ maxLength: 30 }), fc.uint8Array({ minLength: 500, maxLength: 2000 }))
    .map(share),
});

const start = "464c5601 05 00000009 00000000";
const tagA = "08 000002 000001 00 000000 af01";
const seenA = { type: 8, timestamp: 1, hex: "af01" };
const tagV = "09 000001 000002 80 000000 57";
const seenV = { type: 9, timestamp: 0x80000002, hex: "57" };
const calm = (pending: number): string => `pending ${pending}, audio true, video true`;

const table: { readonly name: string; readonly hex: string; readonly seen: Seen[] }[] = [
  { name: "tags", hex: `${start} ${tagA} 0000000d ${tagV} 0000000c`, seen: [seenA, seenV, calm(4)] },
  { name: "a tag before its trailer came", hex: `${start} ${tagA}`, seen: [seenA, calm(0)] },
  { name: "nothing of a tag that is cut", hex: `${start} 08 000003 000001 00 000000 af01`, seen: [calm(17)] },
  { name: "a trailer of 0", hex: `${start} ${tagA} 00000000 ${tagV}`, seen: [seenA, seenV, calm(0)] },
  {
    name: "a trailer without the tag header",
    hex: `${start} ${tagA} 00000002 ${tagV}`,
    seen: [seenA, seenV, calm(0)],
  },
  { name: "any other trailer", hex: `${start} ${tagA} 0000000e`, seen: [seenA, "FLV_TAG"] },
  {
    name: "any value in front of the first tag",
    hex: `464c5601 05 00000009 12345678 ${tagA}`,
    seen: [seenA, calm(0)],
  },
  {
    name: "a header with an extension",
    hex: `464c5601 05 0000000b ffff 00000000 ${tagA}`,
    seen: [seenA, calm(0)],
  },
  {
    name: "AMF3 script data, which is skipped",
    hex: `${start} 0f 000002 000000 00 000000 0102 0000000d ${tagA}`,
    seen: [seenA, calm(0)],
  },
  {
    name: "an empty tag",
    hex: `${start} 08 000000 000000 00 000000 0000000b`,
    seen: [{ type: 8, timestamp: 0, hex: "" }, calm(4)],
  },
  {
    name: "a header without flows",
    hex: "464c5601 00 00000009",
    seen: ["pending 0, audio false, video false"],
  },
  { name: "an encrypted tag", hex: `${start} 28 000002 000001 00 000000 af01`, seen: ["FLV_TAG"] },
  { name: "a tag type nobody defined", hex: `${start} 0a 000002 000001 00 000000 af01`, seen: ["FLV_TAG"] },
  { name: "another signature", hex: "464c57", seen: ["FLV_HEADER"] },
  { name: "another version", hex: "464c5602", seen: ["FLV_HEADER"] },
  { name: "a header that is too short", hex: "464c5601 05 00000008", seen: ["FLV_HEADER"] },
  { name: "a header that is too long", hex: "464c5601 05 00000401", seen: ["FLV_HEADER"] },
  { name: "text", hex: toHex(new TextEncoder().encode("HTTP/1.1 404")), seen: ["FLV_HEADER"] },
];

describe("flv reader", () => {
  test.each(table)("takes $name", ({ hex, seen }) => {
    const bytes = fromHex(hex);
    expect(run([bytes])).toEqual(seen);
    expect(run([...bytes].map((byte) => new Uint8Array([byte])))).toEqual(seen);
  });

  test("tags that were written come back, however the bytes are cut", () => {
    const cuts = fc.array(fc.nat(), { maxLength: 30 });
    holds(
      fc.property(fc.array(anyTag, { maxLength: 12 }), cuts, (tags, places) => {
        const wanted = tags.map(({ type, timestamp, payload }) => ({ type, timestamp, hex: toHex(payload) }));
        expect(run(splitAt(fileOf(tags), places))).toEqual([...wanted, calm(4)]);
      }),
    );
  });

  test("any split of damaged bytes gives the same tags and the same error", () => {
    const damage = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    const cuts = fc.array(fc.nat(), { maxLength: 20 });
    holds(
      fc.property(fc.array(anyTag, { maxLength: 6 }), fc.array(damage), cuts, (tags, damages, places) => {
        const bytes = fileOf(tags);
        for (const { at, byte } of damages) bytes[at % bytes.length] = byte;
        expect(run(splitAt(bytes, places))).toEqual(run([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  test("noise gives only wire errors", () => {
    holds(
      fc.property(fc.uint8Array({ minLength: 15, maxLength: 200 }), (noise) => {
        const seen = run([fromHex(start), noise]);
        expect(seen.length).toBeGreaterThan(0);
        expect(
          noise[0] === 8 || noise[0] === 9 || noise[0] === 18 || noise[0] === 15 || seen[0] === "FLV_TAG",
        ).toBe(true);
      }),
    );
  });

  test("a payload that lies whole in one read is a view of it, one that is cut is a single exact copy", () => {
    const whole = share(new Uint8Array(600).fill(1));
    const bytes = fileOf([
      { type: 9, timestamp: 0, payload: whole },
      { type: 9, timestamp: 1, payload: whole },
    ]);
    const reader = new FlvReader();
    const first = new Uint8Array(bytes.subarray(0, 1000));
    reader.receive(first);
    expect(reader.next()?.payload.buffer).toBe(first.buffer);
    expect(reader.next()).toBeUndefined();
    reader.receive(new Uint8Array(bytes.subarray(1000)));
    const cut = reader.next()?.payload;
    expect([cut?.length, cut?.byteOffset, cut?.buffer.byteLength]).toEqual([600, 0, 600]);
    expect(Buffer.compare(cut!, whole)).toBe(0);
  });

  test("a tag that promises 16 MiB costs nothing before they come", () => {
    const reader = new FlvReader();
    reader.receive(fromHex(`${start} 09 ffffff 000000 00 000000 17`));
    expect(reader.next()).toBeUndefined();
    expect(reader.pendingBytes).toBe(16);
  });
});
