import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  ByteReader,
  ByteWriter,
  copyBytes,
  decodeUtf8,
  encodeUtf8,
  equalBytes,
  fromHex,
  joinBytes,
  share,
  toHex,
} from "../../src/base/bytes.ts";
import { WireError } from "../../src/base/errors.ts";
import { holds } from "./property.ts";

describe("bytes", () => {
  test("are joined into one exact buffer, and a single part is given as it is", () => {
    const part = new Uint8Array([1, 2]);
    expect(joinBytes([part])).toBe(part);
    const joined = joinBytes([part, new Uint8Array(), new Uint8Array([3])]);
    expect([toHex(joined), joined.buffer.byteLength]).toEqual(["010203", 3]);
    expect(joinBytes([]).length).toBe(0);
  });

  test("are copied into a buffer of their own, and shared without one", () => {
    const read = new Uint8Array(1_000).fill(7);
    const view = read.subarray(5, 8);
    expect(copyBytes(view).buffer.byteLength).toBe(3);
    expect(share(view).buffer).toBe(read.buffer);
    expect(equalBytes(copyBytes(view), view)).toBe(true);
    expect(equalBytes(view, read)).toBe(false);
  });

  test("go to hex and back", () => {
    holds(fc.property(fc.uint8Array(), (bytes) => expect(toHex(fromHex(toHex(bytes)))).toBe(toHex(bytes))));
    expect(toHex(fromHex("de ad\n be ef"))).toBe("deadbeef");
  });

  test("that are no UTF-8 become U+FFFD, and a byte order mark stays", () => {
    expect(decodeUtf8(fromHex("61ff62"))).toBe("a\ufffdb");
    expect(decodeUtf8(fromHex("efbbbf61"))).toBe("\ufeffa");
    holds(
      fc.property(fc.string({ unit: "grapheme" }), (text) => expect(decodeUtf8(encodeUtf8(text))).toBe(text)),
    );
  });
});

describe("a byte reader", () => {
  const hex = "01 0203 040506 0708090a 0b0c 0d0e0f10 fffe fffffd 3ff8000000000000";

  test("reads every kind of number", () => {
    const reader = new ByteReader(fromHex(hex));
    const read = [
      reader.u8(),
      reader.u16(),
      reader.u24(),
      reader.u32(),
      reader.u16le(),
      reader.u32le(),
      reader.i16(),
      reader.i24(),
      reader.f64(),
    ];
    expect(read).toEqual([1, 0x203, 0x40506, 0x708090a, 0xc0b, 0x100f0e0d, -2, -3, 1.5]);
    expect([reader.remaining, reader.peek()]).toEqual([0, undefined]);
  });

  test("does not sign what has its top bit set", () => {
    const reader = new ByteReader(new Uint8Array(20).fill(0xff));
    expect([reader.u16(), reader.u24(), reader.u32(), reader.u16le(), reader.u32le()]).toEqual([
      0xffff, 0xffffff, 0xffffffff, 0xffff, 0xffffffff,
    ]);
  });

  test("throws where too little is left, and stays where it was", () => {
    const reads: ((reader: ByteReader) => unknown)[] = [
      (r) => r.u16(),
      (r) => r.u24(),
      (r) => r.u32(),
      (r) => r.u16le(),
      (r) => r.u32le(),
      (r) => r.i16(),
      (r) => r.i24(),
      (r) => r.f64(),
      (r) => r.bytes(2),
      (r) => r.skip(2),
      (r) => r.utf8(2),
    ];
    for (const read of reads) {
      const reader = new ByteReader(new Uint8Array([9]));
      expect(() => read(reader)).toThrow(WireError);
      expect([reader.position, reader.u8()]).toEqual([0, 9]);
    }
  });

  test("gives views, not copies", () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const reader = new ByteReader(bytes.subarray(1));
    expect(reader.bytes(2).buffer).toBe(bytes.buffer);
    expect(toHex(reader.rest())).toBe("04");
  });
});

describe("a byte writer", () => {
  test("writes what the reader reads, and grows", () => {
    const writer = new ByteWriter(1);
    writer
      .u8(1)
      .u16(0x203)
      .u24(0x40506)
      .u32(0xf708090a)
      .u16le(0xc0b)
      .u32le(0xf00f0e0d)
      .f64(1.5)
      .utf8("é")
      .bytes(new Uint8Array([7]));
    expect(writer.length).toBe(27);
    expect(toHex(writer.take())).toBe("01020304050" + "6f708090a0b0c0d0e0ff03ff8000000000000c3a907");
    expect([writer.length, writer.take().length]).toEqual([0, 0]);
  });

  test("does not touch what it gave before", () => {
    const writer = new ByteWriter(4);
    const first = writer.u32(1).take();
    writer.u32(2);
    expect(toHex(first)).toBe("00000001");
  });

  test("of numbers with a sign, of nothing, and over what is there", () => {
    const writer = new ByteWriter(2);
    writer.i32(-2).i64(-3n).zeros(2).patchU32(0, 0x0a0b0c0d);
    expect(toHex(writer.take())).toBe("0a0b0c0d" + "fffffffffffffffd" + "0000");
  });
});
