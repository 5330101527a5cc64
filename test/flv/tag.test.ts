import { describe, expect, test } from "bun:test";
import { fromHex, share, toHex } from "../../src/base/bytes.ts";
import {
  encodeFlvTag,
  type FlvTag,
  flvHeader,
  flvHeaderSize,
  flvTagSize,
  tagType,
  writeFlvTag,
} from "../../src/flv/tag.ts";

const payload = share(fromHex("af0121"));
const { audio, video, script } = tagType;

const table: { readonly name: string; readonly tag: FlvTag; readonly hex: string }[] = [
  {
    name: "an audio tag at 0",
    tag: { type: audio, timestamp: 0, payload },
    hex: "08 000003 000000 00 000000 af0121 0000000e",
  },
  {
    name: "a video tag at the last time of 24 bits",
    tag: { type: video, timestamp: 0xffffff, payload },
    hex: "09 000003 ffffff 00 000000 af0121 0000000e",
  },
  {
    name: "a time of 25 bits in the extension byte",
    tag: { type: video, timestamp: 0x1000000, payload },
    hex: "09 000003 000000 01 000000 af0121 0000000e",
  },
  {
    name: "the last time of 32 bits",
    tag: { type: audio, timestamp: 0xffffffff, payload },
    hex: "08 000003 ffffff ff 000000 af0121 0000000e",
  },
  {
    name: "a time past 2^32, of which the low 32 bits",
    tag: { type: audio, timestamp: 2 ** 32 + 0x01020304, payload },
    hex: "08 000003 020304 01 000000 af0121 0000000e",
  },
  {
    name: "the largest exact time",
    tag: { type: audio, timestamp: Number.MAX_SAFE_INTEGER, payload },
    hex: "08 000003 ffffff ff 000000 af0121 0000000e",
  },
  {
    name: "a script tag without payload",
    tag: { type: script, timestamp: 7, payload: share(new Uint8Array(0)) },
    hex: "12 000000 000007 00 000000 0000000b",
  },
];

describe("flv tag", () => {
  test.each(table)("writes $name", ({ tag, hex }) => {
    expect(toHex(encodeFlvTag(tag))).toBe(toHex(fromHex(hex)));
    expect(flvTagSize(tag.payload.length)).toBe(fromHex(hex).length);
  });

  test("tags are written one behind the other and nothing around them is touched", () => {
    const target = new Uint8Array(40).fill(0xee);
    let at = 2;
    for (let i = 0; i < 2; i++) at = writeFlvTag(target, at, { type: audio, timestamp: i, payload });
    expect(at).toBe(38);
    expect(toHex(target)).toBe(
      toHex(
        fromHex("eeee 08000003000000 00000000 af0121 0000000e 08000003000001 00000000 af0121 0000000e eeee"),
      ),
    );
  });

  test("a tag that does not fit is refused and nothing is written", () => {
    const target = new Uint8Array(17);
    expect(() => writeFlvTag(target, 0, { type: audio, timestamp: 0, payload })).toThrow(RangeError);
    expect(target).toEqual(new Uint8Array(17));
  });

  test("a payload larger than the size field is refused", () => {
    const large = share(new Uint8Array(0x1000000));
    expect(() => encodeFlvTag({ type: video, timestamp: 0, payload: large })).toThrow(RangeError);
  });

  test("the largest payload has its size in the header and behind it", () => {
    const bytes = encodeFlvTag({ type: video, timestamp: 0, payload: share(new Uint8Array(0xffffff)) });
    expect(toHex(bytes.subarray(0, 11))).toBe("09ffffff00000000000000");
    expect(toHex(bytes.subarray(-4))).toBe("0100000a");
  });

  test("the file header names the flows", () => {
    const flags = [
      [true, true, "05"],
      [true, false, "04"],
      [false, true, "01"],
      [false, false, "00"],
    ] as const;
    for (const [hasAudio, hasVideo, hex] of flags) {
      const header = flvHeader({ hasAudio, hasVideo });
      expect(toHex(header)).toBe(`464c5601${hex}0000000900000000`);
      expect(header.length).toBe(flvHeaderSize);
    }
  });
});
