import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import { maxTracksPerMessage, splitMultitrack } from "../../src/flv/multitrack.ts";
import { holds } from "../base/property.ts";

type Kind = "audio" | "video";

/** What a track looks like in a table: its data as hex. */
const split = (kind: Kind, hex: string) =>
  splitMultitrack(kind, fromHex(hex)).map((track) => ({ ...track, data: toHex(track.data) }));

const hvc1 = "68766331";
const avc1 = "61766331";
const av01 = "61763031";
const opus = "4f707573";
const mp4a = "6d703461";

const table: { name: string; kind: Kind; hex: string; tracks: ReturnType<typeof split> }[] = [
  {
    name: "one video track",
    kind: "video",
    hex: `96 01 ${hvc1} 02 000010 26aa`,
    tracks: [{ trackId: 2, codec: "H265", role: "key", compositionTimeMs: 16, data: "26aa" }],
  },
  {
    name: "many video tracks",
    kind: "video",
    hex: `a6 11 ${avc1} 00 000005 ffffff 4101 01 000004 000001 41`,
    tracks: [
      { trackId: 0, codec: "H264", role: "frame", compositionTimeMs: -1, data: "4101" },
      { trackId: 1, codec: "H264", role: "frame", compositionTimeMs: 1, data: "41" },
    ],
  },
  {
    name: "many video tracks of many codecs",
    kind: "video",
    hex: `96 20 ${avc1} 00 000001 01 ${av01} 01 000002 8104`,
    tracks: [
      { trackId: 0, codec: "H264", role: "config", compositionTimeMs: 0, data: "01" },
      { trackId: 1, codec: "AV1", role: "config", compositionTimeMs: 0, data: "8104" },
    ],
  },
  {
    name: "one audio track",
    kind: "audio",
    hex: `95 01 ${opus} 07 fc01`,
    tracks: [{ trackId: 7, codec: "Opus", role: "frame", compositionTimeMs: 0, data: "fc01" }],
  },
  {
    name: "many audio tracks of many codecs behind a ModEx",
    kind: "audio",
    hex: `97 02 000001 05 21 ${opus} 01 000001 fc ${mp4a} 02 000000`,
    tracks: [
      { trackId: 1, codec: "Opus", role: "frame", compositionTimeMs: 0, data: "fc" },
      { trackId: 2, codec: "AAC", role: "other", compositionTimeMs: 0, data: "" },
    ],
  },
  {
    name: "whole tracks in front of one that runs past the end",
    kind: "video",
    hex: `96 11 ${av01} 00 000001 0a 01 000009 0a`,
    tracks: [{ trackId: 0, codec: "AV1", role: "key", compositionTimeMs: 0, data: "0a" }],
  },
  { name: "no tracks of a legacy message", kind: "video", hex: "17 01 000000 65", tracks: [] },
  { name: "no tracks of a message of one track without id", kind: "video", hex: `91 ${av01} 0a`, tracks: [] },
  { name: "no tracks of legacy audio", kind: "audio", hex: "af 01 21", tracks: [] },
  { name: "no tracks of a command frame", kind: "video", hex: "d6 01", tracks: [] },
  { name: "no tracks of nothing", kind: "video", hex: "", tracks: [] },
];

describe("multitrack", () => {
  test.each(table)("gives $name", ({ kind, hex, tracks }) => {
    expect(split(kind, hex)).toEqual(tracks);
  });

  test("data are views of the message", () => {
    const body = fromHex(`96 01 ${av01} 02 0a0b`);
    expect(splitMultitrack("video", body)[0]?.data.buffer).toBe(body.buffer);
  });

  test("a message of more tracks than are allowed gives the first ones", () => {
    const many = Array.from({ length: 40 }, (_, id) => `${id.toString(16).padStart(2, "0")} 000001 0a`).join(
      "",
    );
    const tracks = splitMultitrack("video", fromHex(`96 11 ${av01} ${many}`));
    expect(tracks.map((track) => track.trackId)).toEqual(
      Array.from({ length: maxTracksPerMessage }, (_, id) => id),
    );
  });

  test("tracks written in any number and size come back", () => {
    const generated = fc.array(fc.tuple(fc.nat(255), fc.uint8Array({ minLength: 1, maxLength: 300 })), {
      minLength: 1,
      maxLength: maxTracksPerMessage,
    });
    holds(
      fc.property(generated, (wanted) => {
        const parts = wanted.map(([id, data]) => [id, 0, data.length >> 8, data.length & 0xff, ...data]);
        const body = new Uint8Array([...fromHex(`96 11 ${av01}`), ...parts.flat()]);
        const got = splitMultitrack("video", body).map((track) => [
          track.trackId,
          new Uint8Array(track.data),
        ]);
        expect(got).toEqual(wanted);
      }),
    );
  });

  test("any bytes give tracks inside the body", () => {
    const starts = fc.constantFrom(0x95, 0x96, 0x97, 0xa6);
    holds(
      fc.property(fc.constantFrom<Kind>("audio", "video"), starts, fc.uint8Array(), (kind, first, rest) => {
        const body = new Uint8Array([first, ...rest]);
        const total = splitMultitrack(kind, body).reduce((sum, track) => sum + track.data.length, 0);
        expect(total).toBeLessThan(body.length);
      }),
    );
  });
});
