import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import { decodeMp3Frame, mp3CodecString } from "../../src/media/mp3.ts";
import { codeOf } from "../base/code-of.ts";

describe("MPEG audio frame", () => {
  test.each([
    ["fffb9064", { version: 1, layer: 3, sampleRate: 44100, channels: 2, samples: 1152 }, "mp4a.6B"],
    ["fffa94c4", { version: 1, layer: 3, sampleRate: 48000, channels: 1, samples: 1152 }, "mp4a.6B"],
    ["fffd9804", { version: 1, layer: 2, sampleRate: 32000, channels: 2, samples: 1152 }, "mp4a.6B"],
    ["ffff9004", { version: 1, layer: 1, sampleRate: 44100, channels: 2, samples: 384 }, "mp4a.6B"],
    ["fff340c4", { version: 2, layer: 3, sampleRate: 22050, channels: 1, samples: 576 }, "mp4a.69"],
    ["fff548c4", { version: 2, layer: 2, sampleRate: 16000, channels: 1, samples: 1152 }, "mp4a.69"],
    ["ffe318c4", { version: 2.5, layer: 3, sampleRate: 8000, channels: 1, samples: 576 }, "mp4a.69"],
  ] as const)("%s is %j", (hex, expected, codecString) => {
    const frame = decodeMp3Frame(fromHex(hex));
    expect(frame).toEqual(expected);
    expect(mp3CodecString(frame)).toBe(codecString);
  });

  test.each([
    { name: "nothing", hex: "", code: "TRUNCATED" },
    { name: "three bytes", hex: "fffb90", code: "TRUNCATED" },
    { name: "no sync", hex: "ffcb9064", code: "CODEC_CONFIG" },
    { name: "the reserved version", hex: "ffeb9064", code: "CODEC_CONFIG" },
    { name: "the reserved layer, as in ADTS", hex: "fff15080", code: "CODEC_CONFIG" },
    { name: "the reserved rate", hex: "fffb9c64", code: "CODEC_CONFIG" },
    { name: "the forbidden bit rate", hex: "fffbf064", code: "CODEC_CONFIG" },
    { name: "an ID3 tag", hex: "49443304", code: "CODEC_CONFIG" },
  ] as const)("with $name is refused with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeMp3Frame(fromHex(hex)))).toBe(code);
  });
});
