import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FlvTag } from "../../src/flv/tag.ts";
import type { RecordConf } from "../../src/record/path-conf.ts";
import { needsTool } from "../base/tool.ts";
import { complaintsOf, makeTags, packetsOf, probe } from "../record/ffmpeg-media.ts";
import { type Entry, later, Theatre } from "./theatre.ts";

// 20 s with B-frames and a key frame every second, recorded in segments of 3 s; what is played of it is judged by FFmpeg.

const test = needsTool("ffmpeg");
const timeoutMs = 60_000;

let folder = "";
let source: readonly FlvTag[] = [];
const sourceFile = (): string => join(folder, "source.flv");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playback-"));
  if (Bun.which("ffmpeg") !== null) source = await makeTags(sourceFile(), { seconds: 20 });
}, timeoutMs);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const save = async (response: Response): Promise<string> => {
  expect(response.status, response.status === 200 ? "" : await response.clone().text()).toBe(200);
  const file = join(folder, `${Bun.randomUUIDv7()}.mp4`);
  await Bun.write(file, await response.bytes());
  return file;
};

const hashes = (file: string, type: "video" | "audio"): string[] =>
  packetsOf(file)
    .filter((packet) => packet.type === type)
    .map(({ hash }) => hash);

const formats: readonly RecordConf["recordFormat"][] = ["fmp4", "flv", "mpegts"];

for (const recordFormat of formats)
  for (const format of ["fmp4", "mp4"])
    describe(`recordings in ${recordFormat} played as ${format}`, () => {
      test(
        "all of it is one timespan, and plays with every frame",
        async () => {
          using theatre = new Theatre({ recordFormat, recordSegmentDuration: 3_000 });
          await theatre.studio.record(source);
          const entries = await theatre.list();
          expect(entries.length).toBe(1);
          const [entry] = entries;
          expect(Math.abs(entry!.duration - 20)).toBeLessThan(0.15);
          const file = await save(await fetch(`${entry!.url}&format=${format}`));
          expect(complaintsOf(file)).toBe("");
          expect(Math.abs(probe(file).durationS - 20)).toBeLessThan(0.15);
          for (const type of ["video", "audio"] as const) {
            const [found, wanted] = [hashes(file, type), hashes(sourceFile(), type)];
            // An FLV file's length is the time of its last frame: what begins there is behind the end.
            if (recordFormat === "flv") expect(found).toEqual(wanted.slice(0, found.length));
            else if (recordFormat === "fmp4") expect(found).toEqual(wanted);
            expect(wanted.length - found.length).toBeLessThanOrEqual(recordFormat === "flv" ? 1 : 0);
          }
        },
        timeoutMs,
      );

      test(
        "a part that lies in three segments plays from its beginning to its end",
        async () => {
          using theatre = new Theatre({ recordFormat, recordSegmentDuration: 3_000 });
          await theatre.studio.record(source);
          const [{ start }] = (await theatre.list()) as [Entry];
          const file = await save(
            await theatre.fetch("/get", {
              path: "live/test",
              start: later(start, 4_500),
              duration: "5.2",
              format,
            }),
          );
          expect(complaintsOf(file).replace(/.*non monoton.*\n/g, "")).toBe("");
          const { durationS, startS } = probe(file);
          expect(startS).toBeLessThan(0.1);
          expect(Math.abs(durationS - 5.2)).toBeLessThan(0.2);
          const video = packetsOf(file).filter(({ type }) => type === "video");
          expect(video[0]!.isKey).toBe(true);
          // From the key frame in front of the beginning: half a second.
          expect(Math.abs(video.length - 5.7 * 25)).toBeLessThan(3);
        },
        timeoutMs,
      );
    });

describe("gaps", () => {
  test(
    "playing stops at one, or goes on behind it at once",
    async () => {
      using theatre = new Theatre();
      const half = source.filter(({ timestamp }) => timestamp < 5_000);
      await theatre.studio.record(half);
      theatre.studio.clock.advance(30_000);
      await theatre.studio.record(half);
      const entries = await theatre.list();
      expect(entries.length).toBe(2);
      const [{ start }] = entries as [Entry, Entry];
      const play = async (gaps: string): Promise<number> => {
        const query = { path: "live/test", start, duration: "60", gaps };
        const file = await save(await theatre.fetch("/get", query));
        expect(complaintsOf(file)).toBe("");
        return probe(file).durationS;
      };
      expect(Math.abs((await play("stop")) - 5)).toBeLessThan(0.2);
      expect(Math.abs((await play("skip")) - 10)).toBeLessThan(0.3);
      const inGap = { path: "live/test", start: later(start, 20_000), duration: "60" };
      expect((await theatre.fetch("/get", inGap)).status).toBe(404);
      expect((await theatre.fetch("/get", { ...inGap, gaps: "skip" })).status).toBe(200);
    },
    timeoutMs,
  );
});
