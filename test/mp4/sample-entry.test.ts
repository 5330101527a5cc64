import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import type { SampleTrack } from "../../src/media/sample.ts";
import { describeTrack } from "../../src/media/track.ts";
import { BoxWriter } from "../../src/mp4/box-writer.ts";
import { mp4Holds, mp4Keeps, writeSampleEntry } from "../../src/mp4/sample-entry.ts";

const entryOf = (track: SampleTrack): string => {
  const writer = new BoxWriter();
  writeSampleEntry(writer, track);
  return toHex(writer.take());
};

/** Of an AudioSampleEntry, behind its size: type, channels, bits, rate, and what the codec adds. */
const soundOf = (hex: string): { type: string; channels: number; rate: number; own: string } => ({
  type: Buffer.from(hex.substring(8, 16), "hex").toString("latin1"),
  channels: Number.parseInt(hex.substring(48, 52), 16),
  rate: Number.parseInt(hex.substring(64, 68), 16),
  own: hex.substring(72),
});

/** 768 bytes, 5.1 at 48 kHz in six blocks: 192 kbit/s. `type` 1 depends on another substream. */
const eac3 = ({ type = 0, length = 768 } = {}): SampleTrack => {
  const config = new Uint8Array(length);
  config.set(fromHex("0b77017f3f80"));
  config[2] = (type << 6) | 0x01;
  const description = describeTrack("EAC3", config);
  return { description, config, timescale: 48_000 };
};

describe("a sample entry", () => {
  test("of E-AC-3 says rate and channels in its dec3", () => {
    expect(soundOf(entryOf(eac3()))).toEqual({
      ...{ type: "ec-3", channels: 6, rate: 48_000 },
      // data_rate 192 kbit/s, then fscod 0, bsid 16, acmod 7, lfeon 1.
      own: "0000000d64656333060020" + "0f00",
    });
  });

  test("is not there for E-AC-3 of several substreams", () => {
    expect([eac3(), eac3({ type: 1 }), eac3({ length: 1_536 })].map(mp4Holds)).toEqual([true, false, false]);
  });

  test("of LPCM says its bits and their order in its pcmC", () => {
    const description = { kind: "audio", codec: "PCM", sampleRate: 44_100, channels: 2 } as const;
    const track = { description, config: Uint8Array.of(4), timescale: 44_100 };
    expect([mp4Keeps(track), mp4Holds(track)]).toEqual([true, false]);
    expect(soundOf(entryOf(track))).toEqual({
      ...{ type: "ipcm", channels: 2, rate: 44_100, own: "0000000e70636d43000000000110" },
    });
  });
});
