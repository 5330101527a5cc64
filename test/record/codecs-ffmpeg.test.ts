import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsTool } from "../base/tool.ts";
import { encodings, makeMp4, tagsOf } from "./enhanced-tags.ts";
import { complaintsOf, packetsOf, probe } from "./ffmpeg-media.ts";
import { PathStudio } from "./path-studio.ts";

const test = needsTool("ffmpeg");
const timeoutMs = 120_000;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "codecs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const encoding of encodings) {
  const { codec, inTs } = encoding;
  describe(codec, () => {
    for (const recordFormat of ["fmp4", "mpegts"] as const)
      test(
        recordFormat === "fmp4" || inTs
          ? `is recorded as ${recordFormat} with every frame`
          : `has no place in ${recordFormat}, which is told`,
        async () => {
          const source = join(folder, `${codec}.mp4`);
          makeMp4(source, encoding);
          using studio = new PathStudio({ recordFormat });
          await studio.record(await tagsOf(source));
          if (recordFormat === "mpegts" && !inTs) {
            expect(studio.files).toEqual([]);
            expect(studio.log.lines.length).toBe(1);
            return;
          }
          const [file = ""] = studio.files;
          expect(complaintsOf(file)).toBe("");
          expect(probe(file).codecs).toEqual([codec]);
          expect(Math.abs(probe(file).durationS - 5)).toBeLessThan(0.1);
          const [found, wanted] = [packetsOf(file), packetsOf(source)];
          expect(found.length).toBe(wanted.length);
          if (recordFormat === "fmp4")
            expect(found.map(({ hash }) => hash)).toEqual(wanted.map(({ hash }) => hash));
        },
        timeoutMs,
      );
  });
}
