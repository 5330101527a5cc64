import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodeAmf3, encodeAmf3Bytes } from "../../src/amf/amf3.ts";
import { AmfEcmaArray, AmfObject, AmfTypedObject, type AmfValue, AmfXml } from "../../src/amf/value.ts";
import { ByteReader, ByteWriter, fromHex, toHex } from "../../src/base/bytes.ts";
import { WireError } from "../../src/base/errors.ts";
import { holds } from "../base/property.ts";
import { shapeOf } from "./shape.ts";

const table: { name: string; value: AmfValue; hex: string }[] = [
  { name: "undefined", value: undefined, hex: "00" },
  { name: "null", value: null, hex: "01" },
  { name: "false", value: false, hex: "02" },
  { name: "true", value: true, hex: "03" },
  { name: "integer of one byte", value: 127, hex: "04 7f" },
  { name: "integer of two bytes", value: 128, hex: "04 8100" },
  { name: "integer of three bytes", value: 0x4000, hex: "04 818000" },
  { name: "integer of four bytes", value: 0x200000, hex: "04 80c08000" },
  { name: "largest integer", value: 0xfffffff, hex: "04 bfffffff" },
  { name: "smallest integer", value: -0x10000000, hex: "04 c0808000" },
  { name: "minus one", value: -1, hex: "04 ffffffff" },
  { name: "double", value: 1.5, hex: "05 3ff8000000000000" },
  { name: "string", value: "hi", hex: "06 05 6869" },
  { name: "empty string", value: "", hex: "06 01" },
  { name: "invalid UTF-8", value: "\ufffd", hex: "06 03 e9" },
  { name: "XML document", value: new AmfXml("<a/>"), hex: "07 09 3c612f3e" },
  { name: "XML", value: new AmfXml("<a/>"), hex: "0b 09 3c612f3e" },
  { name: "date", value: new Date(1000), hex: "08 01 408f400000000000" },
  { name: "dense array", value: [1, null], hex: "09 05 01 0401 01" },
  {
    name: "array with names",
    value: new AmfEcmaArray([
      ["a", 1],
      ["0", true],
    ]),
    hex: "09 03 0361 0401 01 03",
  },
  { name: "dynamic object", value: new AmfObject([["a", 1]]), hex: "0a 0b 01 0361 0401 01" },
  { name: "sealed object", value: new AmfTypedObject("C", [["a", 1]]), hex: "0a 13 0343 0361 0401" },
  {
    name: "sealed and dynamic",
    value: new AmfTypedObject("C", [
      ["a", 1],
      ["b", 2],
    ]),
    hex: "0a 1b 0343 0361 0401 0362 0402 01",
  },
  { name: "byte array", value: Uint8Array.of(0, 255), hex: "0c 05 00ff" },
  { name: "string reference", value: ["ab", "ab"], hex: "09 05 01 06 05 6162 06 00" },
  {
    name: "names and strings share a table",
    value: new AmfObject([["ab", "ab"]]),
    hex: "0a 0b 01 05 6162 06 00 01",
  },
  {
    name: "the empty string is not in the table",
    value: ["", "a", "a"],
    hex: "09 07 01 06 01 06 0361 06 00",
  },
  {
    name: "traits reference",
    value: [new AmfTypedObject("C", [["a", 1]]), new AmfTypedObject("C", [["a", 2]])],
    hex: "09 05 01 0a 13 0343 0361 0401 0a 01 0402",
  },
];

const decodeHex = (hex: string): AmfValue => decodeAmf3(new ByteReader(fromHex(hex)));

const codeOf = (hex: string): string => {
  try {
    decodeHex(hex);
    return "none";
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
};

describe("AMF3 values", () => {
  test.each(table)("$name is decoded", ({ value, hex }) => {
    const reader = new ByteReader(fromHex(hex));
    expect(shapeOf(decodeAmf3(reader))).toStrictEqual(shapeOf(value));
    expect(reader.remaining).toBe(0);
  });

  test("a reference gives the very object", () => {
    const [first, second] = decodeHex("09 05 01 0a 0b 01 01 0a 02") as AmfValue[];
    expect(first).toBeInstanceOf(AmfObject);
    expect(second).toBe(first);
  });

  test("an array may contain itself", () => {
    const array = decodeHex("09 03 01 09 00") as AmfValue[];
    expect(array[0]).toBe(array);
  });

  test("byte arrays of any length are written as they are read", () => {
    const lengths = fc.constantFrom(0, 1, 63, 64, 8191, 8192, 65_536);
    holds(
      fc.property(lengths, (length) => {
        const bytes = new Uint8Array(length).fill(7);
        const writer = new ByteWriter();
        encodeAmf3Bytes(writer, bytes);
        expect(decodeAmf3(new ByteReader(writer.take()))).toEqual(bytes);
      }),
    );
  });

  test("a length of 2^20 takes a four-byte header", () => {
    const writer = new ByteWriter();
    encodeAmf3Bytes(writer, new Uint8Array(0x100000));
    expect(toHex(writer.take().subarray(0, 5))).toBe("0c80c08001");
  });
});

const refused: { name: string; hex: string; code: string }[] = [
  { name: "vector of integers", hex: "0d 01 00", code: "AMF_MARKER" },
  { name: "dictionary", hex: "11 01 00", code: "AMF_MARKER" },
  { name: "externalizable object", hex: "0a 07 0343", code: "AMF_MARKER" },
  { name: "unknown string", hex: "06 00", code: "AMF_REFERENCE" },
  { name: "unknown object", hex: "0a 00", code: "AMF_REFERENCE" },
  { name: "unknown traits", hex: "0a 01", code: "AMF_REFERENCE" },
  { name: "string cut short", hex: "06 05 61", code: "TRUNCATED" },
  { name: "array that claims 2^27 elements", hex: "09 ffffffff 01", code: "TRUNCATED" },
  { name: "traits that claim 2^25 names", hex: "0a fffffff3 01", code: "TRUNCATED" },
  { name: "string that claims 256 MiB", hex: "06 ffffffff", code: "AMF_TOO_LARGE" },
  { name: "byte array that claims 256 MiB", hex: "0c ffffffff", code: "AMF_TOO_LARGE" },
  { name: "name of 257 bytes", hex: `0a 0b 01 8403 ${"61".repeat(257)} 01 01`, code: "AMF_TOO_LARGE" },
  { name: "1,025 properties", hex: `0a 0b 01 ${"036101".repeat(1025)} 01`, code: "AMF_TOO_LARGE" },
  { name: "10,000 levels", hex: "0a0b01 0361".repeat(10_000), code: "AMF_TOO_DEEP" },
];

describe("AMF3 that is refused", () => {
  test.each(refused)("$name: $code", ({ hex, code }) => {
    expect(codeOf(hex)).toBe(code);
  });

  test("arbitrary bytes give a value or a WireError", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.array(fc.integer({ min: 0, max: 0x0d }), { maxLength: 100 }).map((bytes) => Uint8Array.from(bytes)),
    );
    holds(
      fc.property(hostile, (bytes) => {
        codeOf(toHex(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});
