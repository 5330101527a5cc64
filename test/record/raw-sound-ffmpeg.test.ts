import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordConf } from "../../src/record/path-conf.ts";
import { needsTool } from "../base/tool.ts";
import { complaintsOf, ffmpeg, probe } from "./ffmpeg-media.ts";
import { PathStudio } from "./path-studio.ts";
import { readTags } from "./tags.ts";

const test = needsTool("ffmpeg");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "raw-sound-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seconds = 4;

/** Sound that FFmpeg puts into FLV as it is. It calls G.711 of two channels one of one, which nobody can tell. */
const sounds = [
  { codec: "pcm_mulaw", rate: 8_000, channels: 1 },
  { codec: "pcm_alaw", rate: 8_000, channels: 1 },
  { codec: "pcm_s16le", rate: 11_025, channels: 1 },
  { codec: "pcm_s16le", rate: 44_100, channels: 2 },
  { codec: "pcm_u8", rate: 22_050, channels: 1 },
] as const;

type Sound = (typeof sounds)[number];

/** The sound of a file as a decoder gives it. */
const decoded = (file: string): Buffer => {
  const out = join(folder, "decoded.raw");
  const made = ffmpeg("-v", "error", "-y", "-i", file, "-map", "0:a", "-f", "s16le", out);
  expect(made).toMatchObject({ code: 0, err: "" });
  return readFileSync(out);
};

const makeSource = ({ codec, rate, channels }: Sound): string => {
  const file = join(folder, `${codec}-${rate}-${channels}.flv`);
  const made = ffmpeg(
    ...["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=160x90:rate=25"],
    ...["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=${rate}`, "-t", String(seconds)],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", codec, "-ac", String(channels), file],
  );
  expect(made).toMatchObject({ code: 0, err: "" });
  return file;
};

const record = async (
  source: string,
  conf: Partial<RecordConf>,
  look: (file: string, lines: readonly string[]) => void,
): Promise<void> => {
  using studio = new PathStudio(conf);
  await studio.record(readTags(new Uint8Array(readFileSync(source))).tags);
  const [file = ""] = studio.files;
  look(file, studio.log.lines);
};

describe("sound that is not coded", () => {
  for (const sound of sounds) {
    const { codec, rate, channels } = sound;
    if (codec === "pcm_u8") continue;
    test(`${codec} at ${rate} Hz of ${channels} is recorded as fmp4, sample by sample`, async () => {
      const source = makeSource(sound);
      await record(source, { recordFormat: "fmp4" }, (file, lines) => {
        expect(lines).toEqual([]);
        expect(probe(file).codecs).toEqual(["h264", codec]);
        expect(Math.abs(probe(file).durationS - seconds)).toBeLessThan(0.15);
        expect(complaintsOf(file).replace(/^Guessed Channel Layout.*\n/gm, "")).toBe("");
        expect(Buffer.compare(decoded(file), decoded(source))).toBe(0);
      });
    });
  }

  test("of eight bits a sample has no place, which is told", async () => {
    const source = makeSource({ codec: "pcm_u8", rate: 22_050, channels: 1 });
    await record(source, { recordFormat: "fmp4" }, (file, lines) => {
      expect(probe(file).codecs).toEqual(["h264"]);
      expect(lines).toEqual(["a fmp4 recording cannot hold PCM, the track is left out"]);
    });
  });
});
