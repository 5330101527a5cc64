import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsTool } from "../base/tool.ts";
import { encodings, makeMp4, tagsOf } from "../record/enhanced-tags.ts";
import { complaintsOf, packetsOf, probe } from "../record/ffmpeg-media.ts";
import { Theatre } from "./theatre.ts";

const test = needsTool("ffmpeg");
const timeoutMs = 120_000;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "played-codecs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const encoding of encodings)
  describe(encoding.codec, () => {
    for (const recordFormat of ["fmp4", "flv", ...(encoding.inTs ? (["mpegts"] as const) : [])] as const)
      test(
        `recorded as ${recordFormat} plays with every frame`,
        async () => {
          const source = join(folder, `${encoding.codec}.mp4`);
          makeMp4(source, encoding);
          using theatre = new Theatre({ recordFormat });
          await theatre.studio.record(await tagsOf(source));
          const [entry] = await theatre.list();
          const wanted = packetsOf(source);
          for (const format of ["fmp4", "mp4"]) {
            const url = new URL(entry!.url);
            url.searchParams.set("duration", "6");
            const response = await fetch(`${url}&format=${format}`);
            const file = join(folder, `${encoding.codec}-${recordFormat}-${format}-played.mp4`);
            await Bun.write(file, await response.bytes());
            expect(complaintsOf(file)).toBe("");
            expect(probe(file).codecs).toEqual([encoding.codec]);
            const found = packetsOf(file);
            expect(found.length).toBe(wanted.length);
            // An access unit delimiter more or less is no other picture.
            if (recordFormat !== "mpegts")
              expect(found.map(({ hash }) => hash)).toEqual(wanted.map(({ hash }) => hash));
            expect(Math.abs(probe(file).durationS - probe(source).durationS)).toBeLessThan(0.1);
          }
        },
        timeoutMs,
      );
  });
