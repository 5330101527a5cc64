import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FlvTag } from "../../src/flv/tag.ts";
import { needsTool } from "../base/tool.ts";
import { complaintsOf, makeTags, packetsOf, probe } from "./ffmpeg-media.ts";
import { PathStudio } from "./path-studio.ts";

// 20 s of H.264 with B-frames, a key frame every second, and AAC; what we record of it is judged by FFmpeg.

const test = needsTool("ffmpeg");
const timeoutMs = 60_000;

let folder = "";
let source: readonly FlvTag[] = [];
const sourceFile = (): string => join(folder, "source.flv");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "segments-"));
  if (Bun.which("ffmpeg") !== null) source = await makeTags(sourceFile(), { seconds: 20 });
}, timeoutMs);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const hashesOf = (file: string, type: "video" | "audio"): string[] =>
  packetsOf(file)
    .filter((packet) => packet.type === type)
    .map(({ hash }) => hash);

describe("recordings as fragmented MP4 and ffmpeg", () => {
  test(
    "a recording plays without a complaint and has every frame at its time",
    async () => {
      using studio = new PathStudio();
      await studio.record(source);
      const [file = ""] = studio.files;
      expect(studio.files.length).toBe(1);
      expect(complaintsOf(file)).toBe("");
      expect(probe(file).codecs).toEqual(["h264", "aac"]);
      expect(Math.abs(probe(file).durationS - probe(sourceFile()).durationS)).toBeLessThan(0.04);
      for (const type of ["video", "audio"] as const) {
        const found = packetsOf(file).filter((packet) => packet.type === type);
        const wanted = packetsOf(sourceFile()).filter((packet) => packet.type === type);
        expect(found.map(({ hash }) => hash)).toEqual(wanted.map(({ hash }) => hash));
        for (const [i, packet] of found.entries()) {
          expect(Math.abs(packet.pts - wanted[i]!.pts)).toBeLessThan(0.0011);
          expect(Math.abs(packet.dts - wanted[i]!.dts)).toBeLessThan(0.0011);
        }
      }
      expect(studio.recordings).toMatchObject([
        { kind: "recordingStarted", file },
        { kind: "recordingCompleted", file, bytes: Bun.file(file).size },
      ]);
    },
    timeoutMs,
  );

  test(
    "segments begin with a key frame and are the stream together",
    async () => {
      using studio = new PathStudio({ recordSegmentDuration: 3_000 });
      await studio.record(source);
      expect(studio.files.length).toBe(7);
      let durationMs = 0;
      for (const file of studio.files) {
        expect(complaintsOf(file)).toBe("");
        expect(packetsOf(file).find(({ type }) => type === "video")!.isKey).toBe(true);
      }
      for (const event of studio.recordings)
        if (event.kind === "recordingCompleted") durationMs += event.durationMs;
      expect(Math.abs(durationMs - 20_000)).toBeLessThan(40 * 7);
      for (const type of ["video", "audio"] as const)
        expect(studio.files.flatMap((file) => hashesOf(file, type))).toEqual(hashesOf(sourceFile(), type));
    },
    timeoutMs,
  );
});

describe("recordings as MPEG-TS and ffmpeg", () => {
  test(
    "a recording plays without a complaint and has every frame at its time",
    async () => {
      using studio = new PathStudio({ recordFormat: "mpegts" });
      await studio.record(source);
      const [file = ""] = studio.files;
      expect(studio.files.length).toBe(1);
      expect(complaintsOf(file)).toBe("");
      expect(probe(file).codecs).toEqual(["h264", "aac"]);
      expect(Math.abs(probe(file).durationS - 20)).toBeLessThan(0.1);
      for (const type of ["video", "audio"] as const) {
        const found = packetsOf(file).filter((packet) => packet.type === type);
        const wanted = packetsOf(sourceFile()).filter((packet) => packet.type === type);
        expect(found.length).toBe(wanted.length);
        for (const [i, packet] of found.entries())
          expect(Math.abs(packet.pts - 1.4 - wanted[i]!.pts)).toBeLessThan(0.0011);
      }
    },
    timeoutMs,
  );

  test(
    "segments put behind each other play without a seam",
    async () => {
      using studio = new PathStudio({ recordFormat: "mpegts", recordSegmentDuration: 3_000 });
      await studio.record(source);
      expect(studio.files.length).toBe(7);
      for (const file of studio.files) {
        expect(complaintsOf(file)).toBe("");
        expect(packetsOf(file).find(({ type }) => type === "video")!.isKey).toBe(true);
      }
      const joined = join(folder, "joined.ts");
      const parts = await Promise.all(studio.files.map((file) => Bun.file(file).bytes()));
      await Bun.write(joined, Buffer.concat(parts));
      expect(complaintsOf(joined)).toBe("");
      expect(packetsOf(joined).length).toBe(packetsOf(sourceFile()).length);
      expect(Math.abs(probe(joined).durationS - 20)).toBeLessThan(0.1);
    },
    timeoutMs,
  );
});
