import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import { decodeFlacConfig } from "../../src/media/flac.ts";
import { codeOf } from "../base/code-of.ts";

const streamInfo = "200020000004b00008a817700b70000070805ed184c835458f440be780b4e93dc968";

describe("STREAMINFO", () => {
  test("is read bare, behind its block header, and behind fLaC", () => {
    const expected = { sampleRate: 96000, channels: 6, bitsPerSample: 24 };
    const forms = [streamInfo, `80000022${streamInfo}`, `664c6143 00000022 ${streamInfo}`];
    expect(forms.map((hex) => decodeFlacConfig(fromHex(hex)))).toEqual([expected, expected, expected]);
  });

  test.each([
    { name: "nothing", hex: "", code: "TRUNCATED" },
    { name: "33 bytes", hex: streamInfo.slice(2), code: "TRUNCATED" },
    { name: "fLaC alone", hex: "664c6143", code: "TRUNCATED" },
    { name: "rate 0", hex: "00".repeat(34), code: "CODEC_CONFIG" },
  ] as const)("with $name is refused with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeFlacConfig(fromHex(hex)))).toBe(code);
  });
});
