import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinBytes } from "../../src/base/bytes.ts";
import { scanFlv } from "../../src/flv/scan.ts";
import { encodeFlvTag, type FlvTag, flvHeader, flvHeaderSize, tagType } from "../../src/flv/tag.ts";
import { readVideoHeader } from "../../src/flv/video-header.ts";
import { needsTool } from "../base/tool.ts";
import { Studio, until } from "./studio.ts";
import { publishTag, readTags } from "./tags.ts";

// 20 s of H.264 with B-frames, a key frame every second, and AAC, as FFmpeg publishes them; what we record of it is judged
// by FFmpeg.

const test = needsTool("ffmpeg");
const timeoutMs = 60_000;

let folder = "";
let source: readonly FlvTag[] = [];
const sourceFile = (): string => join(folder, "source.flv");

const run = (program: string, ...args: string[]): { out: string; err: string; code: number } => {
  const { stdout, stderr, exitCode } = Bun.spawnSync([program, ...args], {
    timeout: timeoutMs,
    stdin: "ignore",
  });
  return { out: stdout.toString(), err: stderr.toString(), code: exitCode };
};

const ffmpeg = (...args: string[]) => run("ffmpeg", "-nostdin", "-hide_banner", "-v", "warning", ...args);

/** Time, size and checksum of every packet FFmpeg finds. */
const packetsOf = (file: string, ...seek: string[]): string[] => {
  const { out } = ffmpeg(...seek, "-i", file, "-map", "0", "-c", "copy", "-f", "framecrc", "-");
  return out.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
};

/** What FFmpeg complains about when it decodes all of a file. */
const complaintsOf = (file: string): string => ffmpeg("-i", file, "-f", "null", "-").err;

const probe = (file: string): { durationS: number; streams: string[]; frameRate: string } => {
  const { out } = run("ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", file);
  const { format, streams } = JSON.parse(out);
  return {
    durationS: Number(format.duration),
    streams: streams.map((stream: { codec_name: string }) => stream.codec_name),
    frameRate: streams[0].r_frame_rate,
  };
};

/** FFmpeg's mark at the end of its video is no frame; metadata are written anew. */
const isMedia = ({ type, payload }: FlvTag): boolean =>
  type === tagType.audio || (type === tagType.video && readVideoHeader(payload)?.role !== "other");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recorder-"));
  if (Bun.which("ffmpeg") === null) return;
  const video = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=25"];
  const audio = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
  const codecs = [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-bf",
    "2",
    "-g",
    "25",
    "-pix_fmt",
    "yuv420p",
    "-c:a",
    "aac",
  ];
  ffmpeg("-y", ...video, ...audio, "-t", "20", ...codecs, sourceFile());
  source = readTags(await Bun.file(sourceFile()).bytes()).tags;
}, timeoutMs);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("recordings and ffmpeg", () => {
  test(
    "a recording is complete, plays without a complaint and can be sought in",
    async () => {
      using studio = new Studio();
      await studio.record(source);
      const file = join(studio.folder, studio.files[0]!);
      expect(complaintsOf(file)).toBe("");
      expect(packetsOf(file)).toEqual(packetsOf(sourceFile()));
      const { durationS, streams, frameRate } = probe(file);
      expect([streams, frameRate]).toEqual([["h264", "aac"], "25/1"]);
      expect(Math.abs(durationS - 20)).toBeLessThan(0.1);

      // By the index: a part that nobody could read through lies in between.
      const bytes = await Bun.file(file).bytes();
      const { keyFrames } = scanFlv((at, length) => bytes.subarray(at, at + length), bytes.length).index;
      expect(keyFrames.length).toBe(20);
      const holed = join(folder, "holed.flv");
      writeFileSync(holed, bytes.fill(0xff, keyFrames[4]!.position, keyFrames[12]!.position));
      const sought = packetsOf(holed, "-ss", "15.5", "-copyts");
      expect(sought.length).toBeGreaterThan(100);
      expect(sought).toEqual(packetsOf(file, "-ss", "15.5", "-copyts"));
    },
    timeoutMs,
  );

  test(
    "sound alone and pictures alone play too",
    async () => {
      for (const [kind, codec] of [
        [tagType.audio, "aac"],
        [tagType.video, "h264"],
      ] as const) {
        using studio = new Studio();
        await studio.record(source.filter(({ type }) => type === kind));
        const file = join(studio.folder, studio.files[0]!);
        expect(complaintsOf(file)).toBe("");
        const { durationS, streams } = probe(file);
        expect(streams).toEqual([codec]);
        expect(Math.abs(durationS - 20)).toBeLessThan(0.1);
      }
    },
    timeoutMs,
  );

  test(
    "every segment plays on its own, from a key frame and from zero, and together they are the stream",
    async () => {
      using studio = new Studio({ segmentMs: 3_000, pattern: "%03d" });
      await studio.record(source);
      expect(studio.files).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `out/00${n}.flv`));
      const bodies: FlvTag[] = [];
      for (const [i, name] of studio.files.entries()) {
        const file = join(studio.folder, name);
        expect(complaintsOf(file)).toBe("");
        const { durationS, streams } = probe(file);
        expect(streams).toEqual(["h264", "aac"]);
        expect(Math.abs(durationS - (i < 6 ? 3 : 2))).toBeLessThan(0.1);
        const { tags } = readTags(await studio.read(name));
        const first = tags.findIndex(
          ({ payload, type }) => type === tagType.video && readVideoHeader(payload)?.role === "key",
        );
        expect(tags[first]!.timestamp).toBe(0);
        const isFrame = ({ type, payload }: FlvTag): boolean => payload[1] === 1 && type !== tagType.script;
        bodies.push(...tags.filter(isFrame));
      }
      const frames = source.filter(({ type, payload }) => payload[1] === 1 && type !== tagType.script);
      const payloadsOf = (tags: readonly FlvTag[]): Uint8Array =>
        joinBytes(tags.map(({ payload }) => payload));
      expect(Buffer.compare(payloadsOf(bodies), payloadsOf(frames))).toBe(0);
    },
    timeoutMs,
  );

  test(
    "a recording plays while it grows, and after a crash up to its last whole tag",
    async () => {
      using studio = new Studio();
      const publication = studio.publish();
      const half = source.slice(0, source.length / 2);
      for (const tag of half) publishTag(publication, tag);
      studio.clock.advance(1_000);
      const media = half.filter(isMedia);
      const expectedSize =
        flvHeaderSize + 20 * 1024 + media.reduce((sum, { payload }) => sum + payload.length + 15, 0);
      await until(() => studio.files.length === 1, "the file is there");
      const file = join(studio.folder, studio.files[0]!);
      await until(() => statSync(file).size === expectedSize, "everything is written");
      expect(complaintsOf(file)).toBe("");
      const reference = join(folder, "half.flv");
      writeFileSync(
        reference,
        joinBytes([flvHeader({ hasAudio: true, hasVideo: true }), ...media.map(encodeFlvTag)]),
      );
      expect(packetsOf(file)).toEqual(packetsOf(reference));

      const crashed = join(folder, "crashed.flv");
      const bytes = await Bun.file(file).bytes();
      const cut = bytes.subarray(0, bytes.length - 700);
      writeFileSync(crashed, cut);
      const { end } = scanFlv((at, length) => cut.subarray(at, at + length), cut.length);
      expect(end).toBeLessThan(cut.length);
      const found = packetsOf(crashed);
      expect(found.length).toBeGreaterThan(300);
      expect(found.filter((line) => line.includes("corrupt"))).toEqual([]);
      writeFileSync(crashed, cut.subarray(0, end));
      expect(complaintsOf(crashed)).toBe("");
      const whole = packetsOf(crashed);
      expect(whole).toEqual(packetsOf(reference).filter((line) => whole.includes(line)));
      expect(whole.length).toBeGreaterThan(media.length - 8);
      publication.end("client_disconnect");
      await studio.output.idle();
    },
    timeoutMs,
  );
});
