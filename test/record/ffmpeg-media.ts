import type { FlvTag } from "../../src/flv/tag.ts";
import { readTags } from "./tags.ts";

const timeoutMs = 60_000;

/** Runs a program to its end. */
export const run = (program: string, ...args: string[]): { out: string; err: string; code: number } => {
  const { stdout, stderr, exitCode } = Bun.spawnSync([program, ...args], {
    timeout: timeoutMs,
    stdin: "ignore",
  });
  return { out: stdout.toString(), err: stderr.toString(), code: exitCode };
};

/** Runs FFmpeg, which tells warnings alone. */
export const ffmpeg = (...args: string[]) =>
  run("ffmpeg", "-nostdin", "-hide_banner", "-v", "warning", ...args);

/** What FFmpeg complains about when it decodes all of a file. */
export const complaintsOf = (file: string): string => ffmpeg("-i", file, "-f", "null", "-").err;

/** A packet that FFmpeg finds in a file. Times are in seconds. */
export interface FoundPacket {
  readonly type: "video" | "audio";
  readonly pts: number;
  readonly dts: number;
  readonly duration: number;
  readonly size: number;
  readonly isKey: boolean;
  readonly hash: string;
}

/** The packets of a file in the order in which they stand there. */
export const packetsOf = (file: string): FoundPacket[] => {
  const { out } = run(
    "ffprobe",
    ...["-v", "error", "-of", "json", "-show_packets", "-show_data_hash", "crc32"],
    file,
  );
  interface Shown {
    codec_type: "video" | "audio";
    pts_time: string;
    dts_time: string;
    duration_time: string;
    size: string;
    flags: string;
    data_hash: string;
  }
  return JSON.parse(out).packets.map((packet: Shown) => ({
    type: packet.codec_type,
    pts: Number(packet.pts_time),
    dts: Number(packet.dts_time),
    duration: Number(packet.duration_time),
    size: Number(packet.size),
    isKey: packet.flags.startsWith("K"),
    hash: packet.data_hash,
  }));
};

/** Length and codecs of a file. */
export const probe = (file: string): { durationS: number; startS: number; codecs: string[] } => {
  const { out } = run("ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", file);
  const { format, streams } = JSON.parse(out);
  return {
    durationS: Number(format.duration),
    startS: Number(format.start_time),
    codecs: streams.map((stream: { codec_name: string }) => stream.codec_name),
  };
};

/** The tags of an FLV file that FFmpeg makes: 320 x 180, 25 pictures a second, a key frame every second, two B-frames. */
export const makeTags = async (
  file: string,
  { seconds, codecs = [], bFrames = 2 }: { seconds: number; codecs?: string[]; bFrames?: number },
): Promise<readonly FlvTag[]> => {
  const video = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=25"];
  const audio = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
  const usual = [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-bf",
    String(bFrames),
    "-g",
    "25",
    "-pix_fmt",
    "yuv420p",
  ];
  const all = codecs.length > 0 ? codecs : [...usual, "-c:a", "aac"];
  ffmpeg("-y", ...video, ...audio, "-t", String(seconds), ...all, file);
  return readTags(await Bun.file(file).bytes()).tags;
};
