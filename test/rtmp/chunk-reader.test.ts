import { describe, expect, test } from "bun:test";
import { fromHex, joinBytes } from "../../src/base/bytes.ts";
import { singly } from "../base/split.ts";
import { basicHeaders, extended, f, formats, joins, limits, media } from "./chunk-rows.ts";
import { chunk, filler, readPieces } from "./chunks.ts";

describe("a chunk reader", () => {
  const groups = {
    "takes chunk stream id": basicHeaders,
    reads: formats,
    "takes the time": extended,
    joins,
    refuses: limits,
  };
  for (const [group, rows] of Object.entries(groups)) {
    for (const { name, hex, messages = [], error } of rows) {
      test(`${group} ${name}`, () => {
        expect(readPieces([fromHex(hex)])).toEqual({ messages, error });
        expect(readPieces(singly(fromHex(hex)))).toEqual({ messages, error });
      });
    }
  }

  test("takes chunk size 1 and 2147483647", () => {
    const small = chunk({ format: 0, csid: 2, type: 1, stream: 0, data: fromHex("00000001") });
    const large = joinBytes([
      chunk({ format: 0, csid: 2, type: 1, stream: 0, length: 4, data: fromHex("7f") }),
      ...["ff", "ff", "ff"].map((hex) => chunk({ format: 3, csid: 2, data: fromHex(hex) })),
    ]);
    const whole = chunk({ format: 0, csid: 6, time: 7, data: filler(100_000) });
    const { messages, error } = readPieces([joinBytes([small, large, whole])]);
    expect(error).toBeUndefined();
    expect(messages.at(-1)).toEqual(media(7, f(100_000)));
  });

  test("opens 64 chunk streams and refuses the next", () => {
    const open = (id: number): Uint8Array => chunk({ format: 0, csid: id, data: filler(1) });
    const ids = Array.from({ length: 64 }, (_, index) => 2 + index * 100);
    const many = joinBytes(ids.map(open));
    expect(readPieces([many]).error).toBeUndefined();
    const { messages, error } = readPieces([many, open(3)]);
    expect({ count: messages.length, error }).toEqual({ count: 64, error: "CHUNK_STREAMS" });
  });
});
