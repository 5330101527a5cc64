import { expect, test } from "bun:test";
import fc from "fast-check";
import { EventStreamReader } from "../../../../../src/web/pages/dashboard/model/event-stream.ts";

const rows: readonly { name: string; text: string; data: readonly string[] }[] = [
  { name: "an event", text: "data: a\n\n", data: ["a"] },
  {
    name: "several, with any ends of lines",
    text: "data: a\r\n\r\ndata: b\r\rdata: c\n\n",
    data: ["a", "b", "c"],
  },
  { name: "data of several lines", text: "data: a\ndata:b\ndata\n\n", data: ["a\nb\n"] },
  { name: "one space taken, and no more", text: "data:  a\n\n", data: [" a"] },
  { name: "what is no data", text: ": beat\nid: 1\nevent: x\ndatabase: y\ndata: a\n\n\n", data: ["a"] },
  { name: "no half events", text: "data: a\n", data: [] },
];

for (const { name, text, data } of rows)
  test(`reads ${name}, however it is cut`, () => {
    expect(new EventStreamReader().take(text)).toEqual([...data]);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const reader = new EventStreamReader();
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const read = places
          .slice(1)
          .flatMap((end, index) => reader.take(text.substring(places[index]!, end)));
        // A carriage return at the very end may be half of a line's end.
        expect([...read, ...reader.take("\n").slice(0, data.length - read.length)]).toEqual([...data]);
      }),
    );
  });
