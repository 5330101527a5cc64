import { fromHex } from "../../../src/base/bytes.ts";
import { run } from "./program.ts";

/** The video of a file: decoder configuration and coded frames as its container holds them. */
export interface Samples {
  readonly config: Uint8Array;
  readonly frames: readonly Sample[];
}

/** One coded frame. Times are milliseconds. */
export interface Sample {
  readonly dts: number;
  /** Presentation after decoding. */
  readonly compositionMs: number;
  readonly isKey: boolean;
  readonly data: Uint8Array;
}

/** Reads ffprobe's dump: an offset, up to 16 bytes in hex, and the same as text. */
const parseDump = (dump: string): Uint8Array => {
  const hex = dump
    .split("\n")
    .map((line) => /^[0-9a-f]{8}: ((?:[0-9a-f]{2,4} )+)/.exec(line)?.[1] ?? "")
    .join("");
  return fromHex(hex);
};

/** Takes the video of `file` apart, with ffprobe. */
export const samplesOf = async (file: string): Promise<Samples> => {
  const command = ["ffprobe", "-v", "error", "-of", "json", "-select_streams", "v"];
  const text = await run([...command, "-show_streams", "-show_packets", "-show_data", file]);
  const { streams, packets } = JSON.parse(text) as {
    streams: { extradata: string }[];
    packets: { pts_time: string; dts_time: string; flags: string; size: string; data: string }[];
  };
  const first = Number(packets[0]?.dts_time ?? 0);
  const frames = packets.map((packet) => {
    const data = parseDump(packet.data);
    if (data.length !== Number(packet.size))
      throw new Error(`${data.length} bytes read, expected ${packet.size}`);
    const dts = Math.round((Number(packet.dts_time) - first) * 1000);
    const compositionMs = Math.round((Number(packet.pts_time) - first) * 1000) - dts;
    return { dts, compositionMs, isKey: packet.flags.startsWith("K"), data };
  });
  return { config: parseDump(streams[0]?.extradata ?? ""), frames };
};
