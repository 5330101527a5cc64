import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodeAmf0, decodeAmf0All, encodeAmf0, encodeAmf0All } from "../../src/amf/amf0.ts";
import { amfLimits } from "../../src/amf/limits.ts";
import {
  AmfObject,
  AmfTypedObject,
  type AmfValue,
  AmfXml,
  amfEcmaArray,
  amfObject,
} from "../../src/amf/value.ts";
import { ByteReader, ByteWriter, fromHex, toHex } from "../../src/base/bytes.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";
import { amfValues } from "./arbitrary.ts";
import { shapeOf } from "./shape.ts";

/** Both ways. */
const table: { name: string; value: AmfValue; hex: string }[] = [
  { name: "one", value: 1, hex: "00 3ff0000000000000" },
  { name: "minus zero", value: -0, hex: "00 8000000000000000" },
  { name: "not a number", value: Number.NaN, hex: "00 7ff8000000000000" },
  { name: "infinity", value: Number.POSITIVE_INFINITY, hex: "00 7ff0000000000000" },
  { name: "true", value: true, hex: "01 01" },
  { name: "false", value: false, hex: "01 00" },
  { name: "empty string", value: "", hex: "02 0000" },
  { name: "string", value: "connect", hex: "02 0007 636f6e6e656374" },
  { name: "string beyond ASCII", value: "é😀", hex: "02 0006 c3a9 f09f9880" },
  { name: "empty object", value: new AmfObject(), hex: "03 000009" },
  {
    name: "object",
    value: amfObject({ a: 1, b: null }),
    hex: "03 0001 61 00 3ff0000000000000 0001 62 05 000009",
  },
  { name: "object with an empty key", value: new AmfObject([["", true]]), hex: "03 0000 01 01 000009" },
  { name: "null", value: null, hex: "05" },
  { name: "undefined", value: undefined, hex: "06" },
  { name: "ECMA array", value: amfEcmaArray({ a: "x" }), hex: "08 00000001 0001 61 02 0001 78 000009" },
  { name: "empty strict array", value: [], hex: "0a 00000000" },
  { name: "strict array", value: [null, [true]], hex: "0a 00000002 05 0a 00000001 01 01" },
  { name: "date", value: new Date(1000), hex: "0b 408f400000000000 0000" },
  { name: "XML", value: new AmfXml("<a/>"), hex: "0f 00000004 3c612f3e" },
  {
    name: "typed object",
    value: new AmfTypedObject("C", [["a", false]]),
    hex: "10 0001 43 0001 61 01 00 000009",
  },
  { name: "byte array", value: Uint8Array.of(1, 2, 255), hex: "11 0c 07 0102ff" },
  { name: "string of 65,536 bytes", value: "x".repeat(0x10000), hex: `0c 00010000 ${"78".repeat(0x10000)}` },
  { name: "string of 65,535 bytes", value: "x".repeat(0xffff), hex: `02 ffff ${"78".repeat(0xffff)}` },
];

/** What peers send and we never write. */
const decodeOnly: { name: string; value: AmfValue; hex: string }[] = [
  { name: "boolean of 2", value: true, hex: "01 02" },
  { name: "unsupported is undefined", value: undefined, hex: "0d" },
  { name: "long string of a short text", value: "hi", hex: "0c 00000002 6869" },
  { name: "invalid UTF-8", value: "a\ufffdb", hex: "02 0003 61 e9 62" },
  { name: "date with a time zone", value: new Date(0), hex: "0b 0000000000000000 ff88" },
  { name: "ECMA array of count 0", value: amfEcmaArray({ a: null }), hex: "08 00000000 0001 61 05 000009" },
  {
    name: "ECMA array of a huge count",
    value: amfEcmaArray({ a: null }),
    hex: "08 ffffffff 0001 61 05 000009",
  },
  { name: "object without its end", value: amfObject({ a: null }), hex: "03 0001 61 05" },
  { name: "object with half of its end", value: amfObject({ a: null }), hex: "03 0001 61 05 0000" },
  { name: "nested objects without ends", value: amfObject({ a: new AmfObject() }), hex: "03 0001 61 03" },
  {
    name: "duplicate keys: the last counts",
    value: amfObject({ a: 1 }),
    hex: "03 0001 61 05 0001 61 00 3ff0000000000000 000009",
  },
  { name: "AMF3 inside, AMF0 after", value: [7, null], hex: "0a 00000002 11 0407 05" },
];

const decodeHex = (hex: string) => decodeAmf0All(fromHex(hex));

const decodedShapes = (bytes: Uint8Array) => {
  const { values, complete } = decodeAmf0All(bytes);
  return { values: values.map(shapeOf), complete };
};

describe("AMF0 values", () => {
  test.each(table)("$name is encoded as the spec says", ({ value, hex }) => {
    expect(toHex(encodeAmf0All([value]))).toBe(hex.replaceAll(" ", ""));
  });

  test.each([...table, ...decodeOnly])("$name is decoded", ({ value, hex }) => {
    expect(decodedShapes(fromHex(hex))).toStrictEqual({ values: [shapeOf(value)], complete: true });
    expect(shapeOf(decodeAmf0(new ByteReader(fromHex(hex))))).toStrictEqual(shapeOf(value));
  });

  test("the cursor stops behind the value", () => {
    const reader = new ByteReader(fromHex("03 0001 61 05 000009 aa"));
    decodeAmf0(reader);
    expect(reader.position).toBe(8);
  });

  test("a value is written behind what the writer holds", () => {
    const writer = new ByteWriter().u8(0xff);
    encodeAmf0(writer, null);
    expect(toHex(writer.take())).toBe("ff05");
  });

  test("__proto__ is a property like any other", () => {
    const hex = "03 0009 5f5f70726f746f5f5f 03 0001 61 01 01 000009 000009";
    const [object] = decodeHex(hex).values;
    expect([...(object as AmfObject).keys()]).toEqual(["__proto__"]);
    expect(Object.hasOwn(Object.prototype, "a")).toBe(false);
  });

  test("what is decoded is what was encoded", () => {
    holds(
      fc.property(fc.array(amfValues, { maxLength: 4 }), (values) => {
        const expected = { values: values.map(shapeOf), complete: true };
        expect(decodedShapes(encodeAmf0All(values))).toStrictEqual(expected);
      }),
    );
  });
});

describe("AMF0 references", () => {
  test("count objects and arrays of the whole message in order of appearance", () => {
    const { values } = decodeHex("03 0001 61 0a 00000000 000009 08 00000000 000009 07 0000 07 0001 07 0002");
    const [object, ecmaArray, first, second, third] = values;
    expect(first).toBe(object);
    expect(second).toBe((object as AmfObject).get("a"));
    expect(third).toBe(ecmaArray);
  });

  test("may point to an object around them", () => {
    const [object] = decodeHex("03 0004 73656c66 07 0000 000009").values;
    expect((object as AmfObject).get("self")).toBe(object);
  });

  test("into the void end the decoding", () => {
    expect(decodeHex("05 07 0000")).toEqual({ values: [null], complete: false });
    expect(codeOf(() => decodeAmf0(new ByteReader(fromHex("07 0000"))))).toBe("AMF_REFERENCE");
  });
});

/** What was read before the break stays. */
const broken: { name: string; hex: string; values: AmfValue[]; code: string }[] = [
  { name: "a number cut short", hex: "05 00 3ff0", values: [null], code: "TRUNCATED" },
  { name: "a string longer than the message", hex: "05 02 0005 6162", values: [null], code: "TRUNCATED" },
  { name: "a count above the bytes left", hex: "05 0a 00000003 0505", values: [null], code: "TRUNCATED" },
  { name: "an unknown marker", hex: "05 12 05", values: [null], code: "AMF_MARKER" },
  { name: "a movie clip", hex: "05 04", values: [null], code: "AMF_MARKER" },
  { name: "a record set", hex: "05 0e", values: [null], code: "AMF_MARKER" },
  { name: "a stray object end", hex: "05 09", values: [null], code: "AMF_MARKER" },
  {
    name: "an unknown marker inside metadata",
    hex: "02 0001 78 08 00000003 0001 61 05 0001 62 20 0001 63 05 000009 05",
    values: ["x", amfEcmaArray({ a: null })],
    code: "AMF_MARKER",
  },
  {
    name: "a break two levels down",
    hex: "03 0001 61 0a 00000002 05 10 0001 43 0001 62 20",
    values: [amfObject({ a: [null, new AmfTypedObject("C")] })],
    code: "AMF_MARKER",
  },
];

describe("AMF0 that cannot be read to its end", () => {
  test.each(broken)("$name keeps what came before", ({ hex, values }) => {
    expect(decodedShapes(fromHex(hex))).toStrictEqual({ values: values.map(shapeOf), complete: false });
  });

  test.each(broken)("$name has the code $code", ({ hex, code }) => {
    const reader = new ByteReader(fromHex(hex));
    expect(codeOf(() => [decodeAmf0(reader), decodeAmf0(reader)])).toBe(code);
  });

  test("nothing at all is no value", () => {
    expect(decodeAmf0All(new Uint8Array(0))).toEqual({ values: [], complete: true });
    expect(codeOf(() => decodeAmf0(new ByteReader(new Uint8Array(0))))).toBe("TRUNCATED");
  });
});

const nest = (levels: number, open: string): string => open.repeat(levels);
const properties = (count: number): string => `03${"00016105".repeat(count)}000009`;
const array = (count: number): string => `0a${count.toString(16).padStart(8, "0")}${"05".repeat(count)}`;

const limits: { name: string; hex: string; code: string | undefined }[] = [
  { name: "32 levels of objects", hex: nest(32, "03000161"), code: undefined },
  { name: "33 levels of objects", hex: nest(33, "03000161"), code: "AMF_TOO_DEEP" },
  { name: "10,000 levels of objects", hex: nest(10_000, "03000161"), code: "AMF_TOO_DEEP" },
  { name: "10,000 levels of arrays", hex: nest(10_000, "0a00000001"), code: "AMF_TOO_DEEP" },
  { name: "10,000 levels of AMF3 arrays", hex: `11${nest(10_000, "090301")}`, code: "AMF_TOO_DEEP" },
  {
    name: "AMF3 levels on top of AMF0 levels",
    hex: `${nest(20, "0a00000001")}11${nest(13, "090301")}`,
    code: "AMF_TOO_DEEP",
  },
  { name: "100 objects side by side", hex: "03000009".repeat(100), code: undefined },
  { name: "100 arrays side by side", hex: "0a00000000".repeat(100), code: undefined },
  { name: "100 AMF3 arrays side by side", hex: "11090101".repeat(100), code: undefined },
  { name: "1,024 properties", hex: properties(1024), code: undefined },
  { name: "1,025 properties", hex: properties(1025), code: "AMF_TOO_LARGE" },
  { name: "1,025 properties in two objects", hex: properties(1000) + properties(25), code: "AMF_TOO_LARGE" },
  { name: "4,096 values", hex: array(4095), code: undefined },
  { name: "4,097 values", hex: array(4096), code: "AMF_TOO_LARGE" },
  { name: "4,097 values side by side", hex: "05".repeat(4097), code: "AMF_TOO_LARGE" },
  { name: "a key of 256 bytes", hex: `03 0100 ${"61".repeat(256)} 05 000009`, code: undefined },
  { name: "a key of 257 bytes", hex: `03 0101 ${"61".repeat(257)} 05 000009`, code: "AMF_TOO_LARGE" },
  { name: "a class name of 257 bytes", hex: `10 0101 ${"61".repeat(257)} 000009`, code: "AMF_TOO_LARGE" },
  { name: "a string of 65,537 bytes", hex: `0c 00010001 ${"61".repeat(0x10001)}`, code: "AMF_TOO_LARGE" },
  { name: "a string that claims 4 GiB", hex: "0c ffffffff 61", code: "AMF_TOO_LARGE" },
];

describe("AMF0 limits", () => {
  test.each(limits)("$name: $code", ({ hex, code }) => {
    expect(codeOf(() => decodeHex(hex))).toBe(code);
  });

  test("can be raised by a reader of files", () => {
    const bytes = fromHex(array(5000));
    const { values } = decodeAmf0All(bytes, { ...amfLimits, maxNodes: 10_000 });
    expect((values[0] as AmfValue[]).length).toBe(5000);
  });
});

describe("AMF0 encoding", () => {
  test("counts levels, not containers side by side", () => {
    const values = Array.from({ length: 100 }, (_, i): AmfValue => (i % 2 ? [] : new AmfObject()));
    expect(codeOf(() => encodeAmf0All(values))).toBeUndefined();
  });

  test("of a value inside itself is refused", () => {
    const object = new AmfObject();
    object.set("self", object);
    expect(codeOf(() => encodeAmf0All([object]))).toBe("AMF_TOO_DEEP");
  });

  test("of shared parts that unfold into too many values is refused", () => {
    let value: AmfValue = null;
    for (let level = 0; level < 30; level += 1) value = [value, value];
    expect(codeOf(() => encodeAmf0All([value]))).toBe("AMF_TOO_LARGE");
  });

  test("of shared strings that unfold into more than a message is refused", () => {
    const part = ["x".repeat(0x10000)];
    expect(codeOf(() => encodeAmf0All([new Array<AmfValue>(300).fill(part)]))).toBe("AMF_TOO_LARGE");
  });

  test("of a key longer than its length field is refused", () => {
    expect(codeOf(() => encodeAmf0All([amfObject({ ["k".repeat(0x10000)]: 1 })]))).toBe("AMF_TOO_LARGE");
  });

  test("of shared parts writes them out each time", () => {
    const part = amfObject({ a: 1 });
    const { values } = decodeAmf0All(encodeAmf0All([[part, part]]));
    expect(shapeOf(values)).toStrictEqual(shapeOf([[part, part]]));
  });
});

describe("AMF0 from anybody", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(fc.integer({ min: 0, max: 0x12 }), { maxLength: 200 }).map((bytes) => Uint8Array.from(bytes)),
    fc.tuple(amfValues, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const bytes = Uint8Array.from(encodeAmf0All([value]));
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
  );

  test("gives values or a WireError, and the values can be encoded again or are refused", () => {
    holds(
      fc.property(hostile, (bytes) => {
        codeOf(() => encodeAmf0All(decodeAmf0All(bytes).values));
        codeOf(() => decodeAmf0(new ByteReader(bytes)));
      }),
      { numRuns: 2000 },
    );
  });

  test("cut anywhere keeps the whole values before the cut", () => {
    holds(
      fc.property(fc.array(amfValues, { minLength: 1, maxLength: 3 }), fc.nat(), (values, cut) => {
        const ends = values.map((_, i) => encodeAmf0All(values.slice(0, i + 1)).length);
        const bytes = encodeAmf0All(values);
        const end = cut % bytes.length;
        const whole = ends.filter((at) => at <= end).length;
        const decoded = decodeAmf0All(bytes.subarray(0, end)).values;
        expect(decoded.slice(0, whole).map(shapeOf)).toStrictEqual(values.slice(0, whole).map(shapeOf));
      }),
    );
  });
});
