import { expect, test } from "bun:test";
import { readSoundFormat } from "../../src/flv/sound-format.ts";

test("the first byte of a legacy tag says rate, size and channels", () => {
  expect([0x30, 0x36, 0x39, 0x3f].map(readSoundFormat)).toEqual([
    { sampleRate: 5_512, bits: 8, channels: 1 },
    { sampleRate: 11_025, bits: 16, channels: 1 },
    { sampleRate: 22_050, bits: 8, channels: 2 },
    { sampleRate: 44_100, bits: 16, channels: 2 },
  ]);
});
