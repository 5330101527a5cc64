import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./program.ts";

// The runner gives no moment at the end of all files. So a run's media lie in a directory with its process id, and
// the next run removes those of runs that are over.
const prefix = "rtmp-e2e-media-";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

let folder: string | undefined;

const mediaFolder = (): string => {
  if (folder !== undefined) return folder;
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(prefix) && !isAlive(Number(name.substring(prefix.length))))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  folder = join(tmpdir(), `${prefix}${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
};

const ffmpeg = ["ffmpeg", "-nostdin", "-v", "error", "-y"];

/** Makes a file once per run and gives its path. */
const made = (name: string, args: readonly string[]): (() => Promise<string>) => {
  let file: Promise<string> | undefined;
  const make = async (): Promise<string> => {
    const path = join(mediaFolder(), name);
    if (existsSync(path)) return path;
    const part = join(mediaFolder(), `part-${name}`);
    await run([...ffmpeg, ...args, part], 90_000);
    renameSync(part, path);
    return path;
  };
  return () => {
    file ??= make();
    return file;
  };
};

const picture = (size: string): string[] => ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=30`];
const tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
const aac = ["-c:a", "aac", "-b:a", "128k"];
const h264 =
  "-c:v libx264 -preset veryfast -bf 2 -g 60 -keyint_min 60 -sc_threshold 0 -pix_fmt yuv420p".split(" ");

/** Seconds that {@link clip} lasts. */
export const clipSeconds = 8;

/** 720p30 H.264 with B-frames and a key frame every 2 s, and AAC: an FLV file of {@link clipSeconds}. */
export const clip = made("clip.flv", [
  ...picture("1280x720"),
  ...tone,
  ...["-t", String(clipSeconds), ...h264, "-b:v", "2M", ...aac],
]);

/** The same at 320x180 and 3 s: for tests that are not about load. */
export const shortClip = made("short.flv", [...picture("320x180"), ...tone, "-t", "3", ...h264, ...aac]);

/** Seconds that {@link busyClip} lasts. */
export const busyClipSeconds = 90;

/** 320x180 H.264 with B-frames and a key frame every second, and AAC, at 1.3 Mbit/s: much to write and little to decode. */
export const busyClip = made("busy.flv", [
  ...picture("320x180"),
  ...tone,
  ...["-t", String(busyClipSeconds), "-vf", "noise=alls=20:allf=t"],
  ..."-c:v libx264 -preset ultrafast -bf 2 -g 30 -sc_threshold 0 -pix_fmt yuv420p".split(" "),
  ..."-b:v 1200k -maxrate 1400k -bufsize 1200k".split(" "),
  ...aac,
]);

/** 2 s of HEVC Main at 320x180 with B-frames, in MP4. */
export const hevcClip = made("hevc.mp4", [
  ...picture("320x180"),
  ..."-t 2 -c:v libx265 -preset ultrafast -tag:v hvc1 -pix_fmt yuv420p".split(" "),
  ...["-x265-params", "log-level=error:keyint=30:min-keyint=30:bframes=2"],
]);

/** 2 s of AV1 Main at 320x180, in MP4. */
export const av1Clip = made("av1.mp4", [
  ...picture("320x180"),
  ..."-t 2 -c:v libaom-av1 -cpu-used 8 -usage realtime -g 30 -pix_fmt yuv420p".split(" "),
]);

/** Bits of the number that a picture of {@link countedClip} shows. */
export const countedBits = 11;

/** Pictures a second of {@link countedClip}, and how many there are. */
export const countedRate = 25;
export const countedFrames = 75 * countedRate;

/**
 * 320x180 H.264 without B-frames and a key frame every second, and AAC: each picture shows its own number, from 0, as {@link countedBits} bars at its top,
 * the lowest bit first, each a part of the width.
 */
export const countedClip = made("counted.flv", [
  ...["-f", "lavfi", "-i", `color=color=black:size=320x180:rate=${countedRate}`],
  ...tone,
  ...["-frames:v", String(countedFrames), "-t", String(countedFrames / countedRate)],
  ...[
    "-vf",
    Array.from({ length: countedBits }, (_, bit) => {
      const from = Math.round((bit * 320) / countedBits);
      const width = Math.round(320 / countedBits);
      const isSet = `mod(floor(n/${2 ** bit})\\,2)`;
      return `drawbox=x=${from}:y=0:w=${width}:h=60:color=white:t=fill:enable=${isSet}`;
    }).join(","),
  ],
  ..."-c:v libx264 -preset ultrafast -tune zerolatency -bf 0 -sc_threshold 0 -pix_fmt yuv420p".split(" "),
  ...["-g", String(countedRate), "-keyint_min", String(countedRate)],
  ...aac,
]);
