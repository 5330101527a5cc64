import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodeAmf0All, encodeAmf0All } from "../../src/amf/amf0.ts";
import { AmfEcmaArray, type AmfValue, amfEcmaArray, amfObject } from "../../src/amf/value.ts";
import { fromHex, share, toHex } from "../../src/base/bytes.ts";
import {
  encodeMetadata,
  isClearDataFrame,
  maxMetadataBytes,
  readMetadata,
  unwrapSetDataFrame,
  wrapSetDataFrame,
} from "../../src/flv/metadata.ts";
import { holds } from "../base/property.ts";

const setDataFrame = "02 000d 40736574446174614672616d65";
const onMetaData = "02 000a 6f6e4d65746144617461";
const width = "0005 7769647468 00 4094000000000000";
const end = "0000 09";
const normal = `${onMetaData} 08 00000001 ${width} ${end}`;
const hexOf = (hex: string): string => toHex(fromHex(hex));

const table: { readonly name: string; readonly hex: string; readonly payload: string }[] = [
  { name: "a bare ECMA array as it is", hex: normal, payload: normal },
  { name: "a wrapped ECMA array without its wrapping", hex: `${setDataFrame} ${normal}`, payload: normal },
  {
    name: "an ECMA array with a wrong count as it is",
    hex: `${onMetaData} 08 00000000 ${width} ${end}`,
    payload: `${onMetaData} 08 00000000 ${width} ${end}`,
  },
  { name: "an object as an ECMA array", hex: `${onMetaData} 03 ${width} ${end}`, payload: normal },
  {
    name: "a wrapped object as an ECMA array",
    hex: `${setDataFrame} ${onMetaData} 03 ${width} ${end}`,
    payload: normal,
  },
  {
    name: "a typed object as an ECMA array",
    hex: `${onMetaData} 10 0001 41 ${width} ${end}`,
    payload: normal,
  },
  {
    name: "an object that breaks off in a property as far as it goes",
    hex: `${onMetaData} 03 ${width} 0006 686569 `,
    payload: normal,
  },
  {
    name: "an array that meets an unknown marker as far as it goes",
    hex: `${onMetaData} 08 00000002 ${width} 0001 78 7f 00`,
    payload: normal,
  },
];

const refused: { readonly name: string; readonly hex: string }[] = [
  { name: "a cue point", hex: "02 000a 6f6e437565506f696e74 03 000009" },
  { name: "a name without values", hex: onMetaData },
  { name: "a name with a null", hex: `${onMetaData} 05` },
  {
    name: "a cleared data frame",
    hex: "02 000f 40636c656172446174614672616d65 02 000a 6f6e4d65746144617461",
  },
  { name: "nothing", hex: "" },
  { name: "an object nested without end", hex: `${onMetaData} ${"03 0001 61".repeat(2000)}` },
];

describe("metadata", () => {
  test.each(table)("reads $name", ({ hex, payload }) => {
    const read = readMetadata(fromHex(hex));
    expect(toHex(read!.payload)).toBe(hexOf(payload));
    expect([...read!.values]).toEqual([["width", 1280]]);
  });

  test.each(refused)("gives nothing for $name", ({ hex }) => {
    expect(readMetadata(fromHex(hex))).toBeUndefined();
  });

  test("gives nothing for metadata over its limit, and reads it at the limit", () => {
    const sized = (size: number) => {
      const empty = encodeMetadata(amfEcmaArray({ a: "", b: "" })).length;
      const half = Math.floor((size - empty) / 2);
      return encodeMetadata(amfEcmaArray({ a: " ".repeat(half), b: " ".repeat(size - empty - half) }));
    };
    const atLimit = sized(maxMetadataBytes);
    expect(atLimit.length).toBe(maxMetadataBytes);
    expect(readMetadata(atLimit)?.payload.length).toBe(maxMetadataBytes);
    expect(readMetadata(sized(maxMetadataBytes + 1))).toBeUndefined();
  });

  test("what is given is a buffer of its own", () => {
    const bytes = fromHex(normal);
    const payload = readMetadata(bytes)?.payload;
    bytes.fill(0);
    expect(toHex(payload!)).toBe(hexOf(normal));
    expect(payload?.buffer.byteLength).toBe(fromHex(normal).length);
  });

  test("the index of a recording, thousands of values, is read", () => {
    const times = Array.from({ length: 3000 }, (_, i) => i);
    const payload = encodeMetadata(amfEcmaArray({ keyframes: amfObject({ filepositions: times, times }) }));
    expect(readMetadata(payload)?.values.has("keyframes")).toBe(true);
  });

  test("an object holding references keeps their meaning when it becomes an array", () => {
    const object = `03 0001 61 03 ${width} ${end} 0001 62 07 0001 ${end}`;
    const read = readMetadata(fromHex(`${onMetaData} ${object}`));
    const again = decodeAmf0All(read!.payload).values[1] as AmfEcmaArray;
    expect(again.get("b")).toEqual(amfObject({ width: 1280 }));
  });

  test("wrapping and unwrapping undo each other and leave what is done alone", () => {
    const bare = share(fromHex(normal));
    const wrapped = wrapSetDataFrame(bare);
    expect(toHex(wrapped)).toBe(hexOf(`${setDataFrame} ${normal}`));
    expect(wrapSetDataFrame(wrapped)).toBe(wrapped);
    expect(toHex(unwrapSetDataFrame(wrapped))).toBe(hexOf(normal));
    expect(unwrapSetDataFrame(wrapped).buffer).toBe(wrapped.buffer);
    expect(unwrapSetDataFrame(bare)).toBe(bare);
  });

  test("taking metadata back is told from giving it", () => {
    expect(
      isClearDataFrame(fromHex("02 000f 40636c656172446174614672616d65 02 000a 6f6e4d65746144617461")),
    ).toBe(true);
    expect(isClearDataFrame(fromHex(`${setDataFrame} ${normal}`))).toBe(false);
    expect(isClearDataFrame(fromHex("02 000f 40636c6561"))).toBe(false);
  });

  test("any properties come back, whichever way they were sent", () => {
    const value: fc.Arbitrary<AmfValue> = fc.oneof(fc.double(), fc.boolean(), fc.string(), fc.constant(null));
    const entries = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 20 }), value), {
      selector: ([key]) => key,
    });
    holds(
      fc.property(entries, fc.boolean(), fc.boolean(), (list, isObject, isWrapped) => {
        const values = new AmfEcmaArray(list);
        const sent = encodeAmf0All(["onMetaData", isObject ? amfObject(Object.fromEntries(list)) : values]);
        const payload = isWrapped ? wrapSetDataFrame(share(sent)) : sent;
        const read = readMetadata(payload);
        expect(new Map(read!.values)).toEqual(new Map(list));
        expect(decodeAmf0All(read!.payload).values[1]).toBeInstanceOf(AmfEcmaArray);
      }),
    );
  });

  test("any bytes give metadata or nothing", () => {
    holds(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const read = readMetadata(new Uint8Array([...fromHex(onMetaData), ...bytes]));
        if (read) expect(readMetadata(read.payload)).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });
});
