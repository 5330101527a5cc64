import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import type { AudioCodec } from "../../src/media/codec.ts";
import { frameSamplesOf } from "../../src/media/frame-samples.ts";

describe("how long a frame is", () => {
  for (const [name, codec, config, frame, samples] of [
    ["AAC LC", "AAC", "1210", "2100", 1_024],
    ["HE-AAC, whose output has twice the rate", "AAC", "2b920800", "2100", 2_048],
    ["AAC without a config", "AAC", "", "2100", undefined],
    ["Opus of 20 ms, CELT", "Opus", "", "fc00", 960],
    ["Opus of 2.5 ms", "Opus", "", "e000", 120],
    ["Opus of 60 ms, SILK", "Opus", "", "1800", 2_880],
    ["Opus of two frames of 10 ms, hybrid", "Opus", "", "6100", 960],
    ["Opus of three frames of 20 ms", "Opus", "", "fb03", 2_880],
    ["Opus with nothing in it", "Opus", "", "", undefined],
    ["MP3 of MPEG-1", "MP3", "", "fffb9064", 1_152],
    ["MP3 of MPEG-2", "MP3", "", "fff39064", 576],
    ["noise as MP3", "MP3", "", "00000000", undefined],
    ["AC-3", "AC3", "", "0b77000014404f00", 1_536],
    ["G.711 of two channels", "G711U", "02", "010203040506", 3],
    ["LPCM of 16 bits and one channel", "PCM", "02", "0102030405", 2],
    ["G.711 that says nothing of its channels", "G711A", "", "0102", undefined],
    ["what nobody can tell", "Speex", "", "0102", undefined],
  ] as const satisfies readonly (readonly [string, AudioCodec, string, string, number | undefined])[])
    test(name, () => expect(frameSamplesOf(codec, fromHex(config))(fromHex(frame))).toBe(samples as number));
});
