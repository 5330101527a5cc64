import { describe, expect, test } from "bun:test";
import { decodeUtf8, encodeUtf8 } from "../../src/base/bytes.ts";
import { EventReader } from "../../src/http/event-reader.ts";

const kibibyte = 1024;

/** A line of this many bytes that begins with its number. */
const lineOf = (number: number, bytes = kibibyte): Uint8Array =>
  encodeUtf8(`${String(number).padEnd(bytes - 1, ".")}\n`);

/** What a reader takes without waiting: numbers of lines, and losses. */
const takeAll = async (reader: EventReader): Promise<(number | string)[]> => {
  const taken: (number | string)[] = [];
  while (!reader.isIdle) {
    const text = decodeUtf8(await reader.take()).trimEnd();
    taken.push(text.startsWith("{") ? text : Number.parseInt(text, 10));
  }
  return taken;
};

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe("a reader of events", () => {
  test("gets lines in their order, and waits for the next", async () => {
    const reader = new EventReader();
    reader.offer(lineOf(1));
    reader.offer(lineOf(2));
    expect(await takeAll(reader)).toEqual([1, 2]);
    const next = reader.take();
    reader.offer(lineOf(3));
    expect(decodeUtf8(await next)).toStartWith("3");
    expect(reader.isIdle).toBe(true);
  });

  test("loses what comes beyond a mebibyte, and is told so in its place", async () => {
    const reader = new EventReader();
    for (const number of upTo(0, 1_030)) reader.offer(lineOf(number));
    expect(await takeAll(reader)).toEqual([...upTo(0, 1_024), '{"dropped":6}']);
    reader.offer(lineOf(2_000));
    expect(await takeAll(reader)).toEqual([2_000]);
  });

  test("that lost something gets more once half of it has left, behind the word of the loss", async () => {
    const reader = new EventReader();
    for (const number of upTo(0, 1_025)) reader.offer(lineOf(number));
    for (const number of upTo(0, 512)) expect(decodeUtf8(await reader.take())).toStartWith(`${number}.`);
    reader.offer(lineOf(5_000));
    await reader.take();
    reader.offer(lineOf(5_001));
    reader.offer(lineOf(5_002));
    expect(await takeAll(reader)).toEqual([...upTo(513, 1_024), '{"dropped":2}', 5_001, 5_002]);
  });

  test("is not blocked by a line that is longer than the bound", async () => {
    const reader = new EventReader();
    reader.offer(lineOf(1, 1025 * kibibyte));
    reader.offer(lineOf(2));
    expect(await takeAll(reader)).toEqual(['{"dropped":1}', 2]);
  });
});
