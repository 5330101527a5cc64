import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Thumbnails } from "../../src/record/thumbnails.ts";
import { needsTool } from "../base/tool.ts";
import { makeTags } from "./ffmpeg-media.ts";
import { PathStudio } from "./path-studio.ts";
import { publishTag, seconds, starting } from "./tags.ts";

const withFfmpeg = needsTool("ffmpeg");

/** Width and height of a JPEG: in its first frame header. */
const sizeOf = (jpeg: Uint8Array): number[] => {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset);
  for (let at = 2; at < jpeg.length; at += 2 + view.getUint16(at + 2))
    if (jpeg[at + 1] === 0xc0) return [view.getUint16(at + 7), view.getUint16(at + 5)];
  return [];
};

describe("pictures of streams", () => {
  withFfmpeg("are of the newest key frame, made once for each", async () => {
    const folder = mkdtempSync(join(tmpdir(), "thumbnails-"));
    const tags = await makeTags(join(folder, "source.flv"), { seconds: 4 });
    rmSync(folder, { recursive: true });
    using studio = new PathStudio({ record: false });
    const thumbnails = new Thumbnails({ ffmpeg: Bun.which("ffmpeg") });
    studio.registry.attach(thumbnails);
    const publication = studio.publish();
    expect(await thumbnails.pictureOf("live/test")).toBeUndefined();
    for (const tag of tags.filter(({ timestamp }) => timestamp < 1_500)) publishTag(publication, tag);
    const [first, again] = await Promise.all([
      thumbnails.pictureOf("live/test"),
      thumbnails.pictureOf("live/test"),
    ]);
    expect(first).toBe(again!);
    expect(sizeOf(first!)).toEqual([320, 180]);
    for (const tag of tags.filter(({ timestamp }) => timestamp >= 1_500)) publishTag(publication, tag);
    const later = await thumbnails.pictureOf("live/test");
    expect(Buffer.compare(later!, first!)).not.toBe(0);
    publication.end("client_stop");
    expect(await thumbnails.pictureOf("live/test")).toBeUndefined();
  });

  withFfmpeg("that cannot be made are an error, and tried again", async () => {
    using studio = new PathStudio({ record: false });
    const thumbnails = new Thumbnails({ ffmpeg: Bun.which("ffmpeg") });
    studio.registry.attach(thumbnails);
    const publication = studio.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    for (let i = 0; i < 5; i++)
      expect(thumbnails.pictureOf("live/test")).rejects.toMatchObject({ code: "REJECTED" });
    publication.end("client_stop");
  });

  test("are not there without ffmpeg", async () => {
    using studio = new PathStudio({ record: false });
    const thumbnails = new Thumbnails({ ffmpeg: null });
    studio.registry.attach(thumbnails);
    const publication = studio.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    expect(await thumbnails.pictureOf("live/test")).toBeUndefined();
    publication.end("client_stop");
  });
});
