import { describe, expect, test } from "bun:test";
import { encodeAmf0All } from "../../src/amf/amf0.ts";
import { type AmfValue, amfObject } from "../../src/amf/value.ts";
import { fromHex, joinBytes, toHex } from "../../src/base/bytes.ts";
import { WireError } from "../../src/base/errors.ts";
import { amf0Body, decodeCommand, encodeCommand, statusObject } from "../../src/rtmp/command.ts";
import { readPieces } from "./chunks.ts";

const body = (...values: AmfValue[]): Uint8Array => encodeAmf0All(values);

describe("a command", () => {
  const rows = [
    {
      name: "with arguments",
      bytes: body("publish", 5, null, "key", "live"),
      command: { name: "publish", transactionId: 5, object: null, args: ["key", "live"] },
    },
    {
      name: "without anything behind its name",
      bytes: body("ping"),
      command: { name: "ping", transactionId: 0, object: undefined, args: [] },
    },
    {
      name: "with a transaction id that is no number",
      bytes: body("x", "7", null),
      command: { name: "x", transactionId: 0, object: null, args: [] },
    },
    {
      name: "with a negative transaction id",
      bytes: body("x", -3, null),
      command: { name: "x", transactionId: -3, object: null, args: [] },
    },
    {
      name: "with an object",
      bytes: body("connect", 1, amfObject({ app: "live" })),
      command: { name: "connect", transactionId: 1, object: amfObject({ app: "live" }), args: [] },
    },
    {
      name: "cut off in its last argument, up to there",
      bytes: joinBytes([body("x", 1, null, "whole"), fromHex("020009aa")]),
      command: { name: "x", transactionId: 1, object: null, args: ["whole"] },
    },
  ];
  for (const { name, bytes, command } of rows) {
    test(`is read ${name}`, () => {
      expect(decodeCommand(20, bytes)).toEqual(command);
    });
  }

  test("of type 17 is read with and without its format byte, and one of type 20 has none", () => {
    const plain = body("createStream", 2, null);
    const prefixed = joinBytes([new Uint8Array(1), plain]);
    for (const bytes of [plain, prefixed]) expect(decodeCommand(17, bytes).name).toBe("createStream");
    expect(toHex(amf0Body(20, prefixed))).toBe(toHex(prefixed));
    expect(toHex(amf0Body(15, prefixed))).toBe(toHex(plain));
  });

  for (const [name, hex] of [
    ["nothing", ""],
    ["a number first", "003ff0000000000000"],
    ["an empty name", "020000"],
    ["a name that lies about its length", "02ffff61"],
  ] as const) {
    test(`with ${name} is a wire error`, () => {
      expect(() => decodeCommand(20, fromHex(hex))).toThrow(WireError);
      expect(() => decodeCommand(20, fromHex(hex))).toThrow(/expected an AMF string first/);
    });
  }

  test("is written on chunk stream 3 for stream 0 and on 5 for any other, in chunks of the given size", () => {
    const values: AmfValue[] = ["onStatus", 0, null, "x".repeat(300)];
    const onNone = encodeCommand({ streamId: 0, chunkSize: 128 }, values);
    const onOne = encodeCommand({ streamId: 1, chunkSize: 128 }, values);
    expect([onNone[0], onOne[0]]).toEqual([3, 5]);
    for (const [stream, bytes] of [
      [0, onNone],
      [1, onOne],
    ] as const) {
      expect(readPieces([bytes])).toEqual({
        messages: [{ type: 20, time: 0, stream, hex: toHex(body(...values)) }],
        error: undefined,
      });
    }
  });

  test("carries its status as a plain object: clients do not look into ECMA arrays", () => {
    const status = statusObject({ level: "status", code: "c", description: "d" }, { tcUrl: "u" });
    expect(toHex(body(status))).toBe(
      toHex(body(amfObject({ level: "status", code: "c", description: "d", tcUrl: "u" }))),
    );
    expect(body(status)[0]).toBe(3);
  });
});
