import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../../src/base/bytes.ts";
import { ac3FrameAt, mp3FrameAt } from "../../../src/rtsp/depacketise/frame-size.ts";
import { codeOf } from "../../base/code-of.ts";
import { incoming } from "../tracks.ts";

describe("the size of a frame", () => {
  // Sizes as the standards give them: 144 (72) x bitrate / rate + padding; layer I in slots of 4 bytes.
  const mpeg = [
    { name: "MPEG-1 layer III, 128 kbit/s, 44100 Hz", hex: "fffb9064", bytes: 417, samples: 1152 },
    { name: "the same with padding", hex: "fffb9264", bytes: 418, samples: 1152 },
    { name: "MPEG-1 layer III, 320 kbit/s, 48000 Hz", hex: "fffbe464", bytes: 960, samples: 1152 },
    { name: "MPEG-1 layer II, 192 kbit/s, 48000 Hz", hex: "fffda404", bytes: 576, samples: 1152 },
    { name: "MPEG-1 layer I, 32 kbit/s, 48000 Hz", hex: "ffff1400", bytes: 32, samples: 384 },
    { name: "MPEG-2 layer III, 64 kbit/s, 22050 Hz", hex: "fff38064", bytes: 208, samples: 576 },
    { name: "MPEG-2.5 layer III, 8 kbit/s, 8000 Hz", hex: "ffe318c4", bytes: 72, samples: 576 },
  ];
  for (const { name, hex, bytes, samples } of mpeg) {
    test(`is known: ${name}`, () => expect(mp3FrameAt(fromHex(hex))).toMatchObject({ bytes, samples }));
  }

  const dolby = [
    { name: "AC-3, 448 kbit/s, 48000 Hz", hex: "0b7700001e404000", bytes: 1792 },
    { name: "AC-3, 192 kbit/s, 44100 Hz, odd", hex: "0b77000055404000", bytes: 836 },
    { name: "AC-3, 32 kbit/s, 32000 Hz", hex: "0b77000080404000", bytes: 192 },
    { name: "E-AC-3 of 8 words", hex: "0b7700073f860000", bytes: 16 },
  ];
  for (const { name, hex, bytes } of dolby)
    test(`is known: ${name}`, () => expect(ac3FrameAt(fromHex(hex))?.bytes).toBe(bytes));

  test("is not known of anything else", () => {
    for (const hex of ["", "fffb", "fffb0064", "fffbf064", "00000000"])
      expect(mp3FrameAt(fromHex(hex))).toBeUndefined();
    for (const hex of ["", "0b77", "0b7700003f404000"]) expect(ac3FrameAt(fromHex(hex))).toBeUndefined();
  });
});

describe("frames that know their size", () => {
  const frame = `ffff1400${"ab".repeat(28)}`;
  const receive = (
    depacketiser: ReturnType<typeof incoming>,
    sequence: number,
    hex: string,
    timestamp = 0,
  ): string[] =>
    depacketiser
      .receive({
        payloadType: 14,
        marker: false,
        sequence,
        timestamp,
        ssrc: 1,
        payload: fromHex(hex) as never,
      })
      .map((unit) => `${unit.timestamp} ${toHex(depacketiser.body(unit, 0)).length / 2 - 1}`);

  test("come several in a packet, each at its time", () => {
    expect(receive(incoming("MP3"), 0, `00000000${frame}${frame}${frame}`, 0xffffffff)).toEqual([
      "4294967295 32",
      "719 32",
      "1439 32",
    ]);
  });

  test("are dropped with a fragment that is missing", () => {
    const mp3 = incoming("MP3");
    expect(receive(mp3, 0, `00000000${frame.substring(0, 20)}`)).toEqual([]);
    expect(receive(mp3, 2, `00000014${frame.substring(40)}`)).toEqual([]);
    expect(receive(mp3, 3, `00000000${frame}`, 720)).toEqual(["720 32"]);
  });

  test("begin with a header, or are refused", () => {
    expect(codeOf(() => receive(incoming("MP3"), 0, "00000000ababab"))).toBe("RTP_PACKET");
    expect(codeOf(() => receive(incoming("MP3"), 0, "00000000"))).toBe("RTP_PACKET");
  });
});
