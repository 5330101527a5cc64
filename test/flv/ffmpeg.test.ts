import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinBytes } from "../../src/base/bytes.ts";
import { encodeFileMetadata } from "../../src/flv/file-metadata.ts";
import { readMetadata } from "../../src/flv/metadata.ts";
import { FlvReader } from "../../src/flv/reader.ts";
import { scanFlv } from "../../src/flv/scan.ts";
import { encodeFlvTag, type FlvTag, flvHeader, flvHeaderSize, tagType } from "../../src/flv/tag.ts";
import { readVideoHeader } from "../../src/flv/video-header.ts";
import { needsTool } from "../base/tool.ts";

// 30 s of H.264 with a key frame every second, B-frames among them, and AAC: written by FFmpeg, read and written by us,
// read by FFmpeg again.

const test = needsTool("ffmpeg");
const timeoutMs = 30_000;

let folder = "";
let source = new Uint8Array(0);
let tags: readonly FlvTag[] = [];

const run = (...args: string[]): { out: string; err: string } => {
  const { stdout, stderr } = Bun.spawnSync(["ffmpeg", "-nostdin", "-hide_banner", ...args], {
    timeout: timeoutMs,
  });
  return { out: stdout.toString(), err: stderr.toString() };
};

const fileName = (name: string): string => join(folder, `${name}.flv`);

const save = async (name: string, bytes: Uint8Array): Promise<string> => {
  await Bun.write(fileName(name), bytes);
  return fileName(name);
};

/** Time, size and checksum of every packet that FFmpeg finds. */
const packetsOf = (path: string, ...seek: string[]): string[] => {
  const { out } = run("-v", "error", ...seek, "-i", path, "-map", "0", "-c", "copy", "-f", "framecrc", "-");
  return out.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
};

const readAll = (bytes: Uint8Array): FlvTag[] => {
  const reader = new FlvReader();
  const found: FlvTag[] = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    reader.receive(bytes.subarray(at, at + 4096));
    for (let tag = reader.next(); tag; tag = reader.next()) found.push(tag);
  }
  return found;
};

/** A recording of the source as it stands before it is finished. */
const recorded = (tagSize?: number): Uint8Array => {
  const metadata = encodeFileMetadata({ durationMs: 0, fileSize: 0, encoder: "test" }, tagSize);
  const media = tags.filter((tag) => tag.type !== tagType.script);
  return joinBytes([flvHeader({ hasAudio: true, hasVideo: true }), metadata, ...media.map(encodeFlvTag)]);
};

const scan = (bytes: Uint8Array) =>
  scanFlv((offset, length) => bytes.subarray(offset, offset + length), bytes.length);

/** Writes the real metadata over the first ones, in place. */
const finish = (bytes: Uint8Array, tagSize?: number): Uint8Array => {
  const { index, metadataTagSize } = scan(bytes);
  const summary = {
    ...{ keyFrames: index.keyFrames, videoConfig: index.videoConfig, lastTimestampMs: index.lastTimestampMs },
    ...{ hasVideo: index.hasVideo, hasAudio: index.hasAudio, encoder: "test" },
    ...{ videoCodecId: index.videoCodecId, audioCodecId: index.audioCodecId },
    ...{ videoBytes: index.videoBytes, audioBytes: index.audioBytes, width: 160, height: 120, frameRate: 10 },
    ...{ audioSampleRate: 44_100, audioSampleSize: 16, audioChannels: 1 },
    ...{ durationMs: index.lastTimestampMs, fileSize: bytes.length },
  };
  const metadata = encodeFileMetadata(summary, tagSize);
  expect(metadata.length).toBe(metadataTagSize!);
  const finished = new Uint8Array(bytes);
  finished.set(metadata, flvHeaderSize);
  return finished;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flv-"));
  if (Bun.which("ffmpeg") === null) return;
  const video = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=10"];
  const audio = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
  const codecs = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "10", "-c:a", "aac"];
  run("-v", "error", "-y", ...video, ...audio, "-t", "30", ...codecs, fileName("source"));
}, timeoutMs);

beforeAll(async () => {
  if (Bun.which("ffmpeg") === null) return;
  source = new Uint8Array(await Bun.file(fileName("source")).arrayBuffer());
  tags = readAll(source);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("flv and ffmpeg", () => {
  test("what FFmpeg wrote is read whole, and written again to the byte", async () => {
    expect(tags.length).toBeGreaterThan(1000);
    const header = flvHeader({ hasAudio: true, hasVideo: true });
    const again = joinBytes([header, ...tags.map(encodeFlvTag)]);
    expect(Buffer.compare(again, source)).toBe(0);
    const packets = packetsOf(fileName("source"));
    expect(packets.length).toBeGreaterThan(1000);
    expect(packetsOf(await save("again", again))).toEqual(packets);
  });

  test("its frames have the roles that its encoder gave them", () => {
    const roles = new Map<string, number>();
    for (const tag of tags) {
      if (tag.type !== tagType.video) continue;
      const role = readVideoHeader(tag.payload)?.role ?? "none";
      roles.set(role, (roles.get(role) ?? 0) + 1);
    }
    // One sequence header at the start and one mark of the end.
    expect([roles.get("config"), roles.get("key"), roles.get("other")]).toEqual([1, 30, 1]);
    const inter = (roles.get("frame") ?? 0) + (roles.get("disposable") ?? 0);
    expect(inter).toBe(270);
    expect(roles.get("disposable")).toBeGreaterThan(0);
  });

  test("a stream without its disposable frames is still decoded without an error", async () => {
    const kept = tags.filter(
      (tag) => tag.type === tagType.video && readVideoHeader(tag.payload)?.role !== "disposable",
    );
    const header = flvHeader({ hasAudio: false, hasVideo: true });
    const path = await save("thinned", joinBytes([header, ...kept.map(encodeFlvTag)]));
    const { out, err } = run("-v", "error", "-i", path, "-fps_mode", "passthrough", "-f", "framecrc", "-");
    expect(err).toBe("");
    const frames = kept.filter((tag) => ["key", "frame"].includes(readVideoHeader(tag.payload)?.role ?? ""));
    expect(out.split("\n").filter((line) => line.startsWith("0,")).length).toBe(frames.length);
  });

  test("its metadata are read", () => {
    const values = readMetadata(tags[0]!.payload)?.values;
    expect([values?.get("width"), values?.get("videocodecid"), values?.get("audiocodecid")]).toEqual([
      160, 7, 10,
    ]);
  });

  test("a recording plays without a complaint, while it grows and when it is finished", async () => {
    const packets = packetsOf(fileName("source"));
    for (const [name, bytes] of [
      ["growing", recorded()],
      ["finished", finish(recorded())],
    ] as const) {
      const path = await save(name, bytes);
      expect(run("-v", "warning", "-i", path, "-f", "null", "-").err).toBe("");
      expect(packetsOf(path)).toEqual(packets);
    }
  });

  test("FFmpeg seeks by the index, across a part of the file that nobody could read through", async () => {
    for (const [name, tagSize] of [
      ["all", undefined],
      ["few", 1024],
    ] as const) {
      const finished = finish(recorded(tagSize), tagSize);
      const { keyFrames } = scan(finished).index;
      const holed = new Uint8Array(finished).fill(0xff, keyFrames[5]!.position, keyFrames[10]!.position);
      const whole = await save(`${name}-whole`, finished);
      const hole = await save(`${name}-hole`, holed);
      const seek = ["-ss", "29.05", "-copyts"];
      const sought = packetsOf(hole, ...seek);
      expect(sought).toEqual(packetsOf(whole, ...seek));
      const firstDts = Number(sought.find((line) => line.startsWith("0,"))?.split(",")[1]);
      expect(firstDts).toBeGreaterThanOrEqual(28_900);
      // Without the index the same seek ends before the hole.
      expect(packetsOf(hole, "-fflags", "+ignidx", ...seek)).not.toEqual(sought);
    }
  });

  test("a recording that was cut off is made whole", async () => {
    const cut = recorded().subarray(0, -2000);
    const { end } = scan(cut);
    expect(end).toBeLessThan(cut.length);
    const path = await save("recovered", finish(cut.subarray(0, end)));
    expect(run("-v", "warning", "-i", path, "-f", "null", "-").err).toBe("");
    const packets = packetsOf(path);
    expect(packets).toEqual(packetsOf(fileName("source")).slice(0, packets.length));
    expect(packets.length).toBeGreaterThan(1000);
  });
});
