import { describe, expect, test } from "bun:test";
import { backwardSteps, compare, type PacketLine, parsePackets } from "./packets.ts";

// The other tests are worth what this comparison is worth.

const source: readonly PacketLine[] = Array.from({ length: 40 }, (_, index) => ({
  flow: index % 2,
  dts: index * 20,
  pts: index * 20 + 40,
  body: `${100 + index} 0x${index}`,
  isKey: index % 2 === 1 || index % 20 === 0,
}));

const shifted = (packets: readonly PacketLine[], by: number): PacketLine[] =>
  packets.map((packet) => ({ ...packet, dts: packet.dts + by, pts: packet.pts + by }));

describe("the comparison of a reception with its source", () => {
  test("finds nothing in the whole of it, or in a part from a key frame to the end, at another time", () => {
    expect(compare(source, source)).toEqual({ firstVideo: 0, firstAudio: 0, faults: [] });
    expect(
      compare(
        shifted(
          source.filter((_, index) => index >= 20),
          -400,
        ),
        source,
      ),
    ).toEqual({
      ...{ firstVideo: 10, firstAudio: 10, faults: [] },
    });
    const part = source.filter((_, index) => index < 30);
    expect(compare(part, source, { mayEndEarly: true }).faults).toEqual([]);
  });

  for (const { name, received } of [
    { name: "a packet missing in the middle", received: source.filter((_, index) => index !== 21) },
    { name: "a packet missing at the end", received: source.filter((_, index) => index !== 39) },
    {
      name: "a packet that came twice",
      received: source.flatMap((packet, index) => (index === 9 ? [packet, packet] : packet)),
    },
    {
      name: "a changed body",
      received: source.map((packet, index) => (index === 9 ? { ...packet, body: "1 0x1" } : packet)),
    },
    {
      name: "a changed time",
      received: source.map((packet, index) => (index === 9 ? { ...packet, dts: 1 } : packet)),
    },
    {
      name: "a changed order of display",
      received: source.map((packet, index) => (index === 8 ? { ...packet, pts: 1 } : packet)),
    },
    {
      name: "sound that drifts from the picture",
      received: source.map((packet) => (packet.flow === 1 ? { ...packet, dts: packet.dts + 1 } : packet)),
    },
    { name: "a beginning without a key frame", received: source.filter((_, index) => index >= 6) },
    { name: "no sound", received: source.filter(({ flow }) => flow === 0) },
    { name: "nothing", received: [] },
  ]) {
    test(`finds ${name}`, () => {
      expect(compare(received, source).faults).not.toEqual([]);
    });
  }

  test("finds times that run backwards", () => {
    expect(backwardSteps(source)).toEqual([]);
    expect(
      backwardSteps(source.map((packet, index) => (index === 9 ? { ...packet, dts: 1 } : packet))),
    ).toEqual(["flow 1: 1 after 140"]);
  });

  test("reads what FFmpeg writes", () => {
    const text =
      "#tb 0: 1/1000\n0,        -44,         23,       33,    19922, 0x747513fd\n0, 0, 9, 33, 7, 0x1, F=0x0\n";
    expect(parsePackets(text)).toEqual([
      { flow: 0, dts: -44, pts: 23, body: "19922 0x747513fd", isKey: true },
      { flow: 0, dts: 0, pts: 9, body: "7 0x1", isKey: false },
    ]);
  });
});
