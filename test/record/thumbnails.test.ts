import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FlvTag } from "../../src/flv/tag.ts";
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

const folder = mkdtempSync(join(tmpdir(), "thumbnails-"));

/** FFmpeg that notes each of its runs. */
const counting = join(folder, "ffmpeg");

const runsFile = join(folder, "runs");

const runs = (): number => (existsSync(runsFile) ? readFileSync(runsFile, "utf8").length : 0);

/** Streams whose pictures are looked at. */
class Gallery extends PathStudio {
  readonly thumbnails: Thumbnails;

  constructor(ffmpeg: string | null = counting) {
    super({ record: false });
    this.thumbnails = new Thumbnails({ ffmpeg, registry: this.registry, clock: this.clock });
  }

  picture(width = 320): Promise<Uint8Array> {
    return this.thumbnails.pictureOf("live/test", width);
  }
}

describe("pictures of streams", () => {
  let early: readonly FlvTag[] = [];
  let late: readonly FlvTag[] = [];

  beforeAll(async () => {
    const real = Bun.which("ffmpeg");
    if (!real) return;
    writeFileSync(counting, `#!/bin/sh\nprintf . >>'${runsFile}'\nexec '${real}' "$@"\n`);
    chmodSync(counting, 0o755);
    const tags = await makeTags(join(folder, "source.flv"), { seconds: 4 });
    early = tags.filter(({ timestamp }) => timestamp < 1_500);
    late = tags.filter(({ timestamp }) => timestamp >= 1_500);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  withFfmpeg("are of the newest key frame, made once for all who ask", async () => {
    using gallery = new Gallery();
    const publication = gallery.publish();
    await expect(gallery.picture()).rejects.toMatchObject({ code: "NO_PICTURE" });
    for (const tag of early) publishTag(publication, tag);
    const before = runs();
    const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => gallery.picture()));
    expect(others.every((other) => other === first)).toBe(true);
    expect(sizeOf(first!)).toEqual([320, 180]);
    gallery.clock.advance(60_000);
    expect(await gallery.picture()).toBe(first!);
    expect(runs() - before).toBe(1);

    for (const tag of late) publishTag(publication, tag);
    const later = await gallery.picture();
    expect(Buffer.compare(later, first!)).not.toBe(0);
    publication.end("client_stop");
    await expect(gallery.picture()).rejects.toMatchObject({ code: "STREAM_NOT_FOUND" });
  });

  withFfmpeg("are not made anew for two seconds, however many key frames come", async () => {
    using gallery = new Gallery();
    const publication = gallery.publish();
    for (const tag of early) publishTag(publication, tag);
    const first = await gallery.picture();
    for (const tag of late) publishTag(publication, tag);
    gallery.clock.advance(1_900);
    expect(await gallery.picture()).toBe(first);
    gallery.clock.advance(200);
    expect(Buffer.compare(await gallery.picture(), first)).not.toBe(0);
  });

  withFfmpeg("are as wide as was asked for, and never wider than the stream", async () => {
    using gallery = new Gallery();
    const publication = gallery.publish();
    for (const tag of early) publishTag(publication, tag);
    const sizes = await Promise.all(
      [16, 101, 160, 320, 1_920].map(async (width) => sizeOf(await gallery.picture(width))),
    );
    expect(sizes).toEqual([
      [16, 10],
      [101, 56],
      [160, 90],
      [320, 180],
      [320, 180],
    ]);
  });

  withFfmpeg("are those of whoever publishes now", async () => {
    using gallery = new Gallery();
    const before = gallery.publish();
    for (const tag of early) publishTag(before, tag);
    const first = await gallery.picture();
    before.end("client_stop");
    gallery.clock.advance(10);
    const after = gallery.publish();
    await expect(gallery.picture()).rejects.toMatchObject({ code: "NO_PICTURE" });
    for (const tag of [...early, ...late]) publishTag(after, tag);
    expect(Buffer.compare(await gallery.picture(), first)).not.toBe(0);
  });

  withFfmpeg("are refused where too many are asked for at once, and made for the others", async () => {
    using gallery = new Gallery();
    const publication = gallery.publish();
    for (const tag of early) publishTag(publication, tag);
    const asked = Array.from({ length: 70 }, (_, index) => gallery.picture(16 + index));
    const ends = await Promise.allSettled(asked);
    const refused = ends.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(4);
    for (const end of refused) expect(end).toMatchObject({ reason: { code: "OVERFLOW" } });
  });

  test("do not wait for their turn without end", async () => {
    const slow = join(folder, "slow");
    writeFileSync(slow, "#!/bin/sh\nexec sleep 1\n");
    chmodSync(slow, 0o755);
    using gallery = new Gallery(slow);
    const publication = gallery.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    const asked = [100, 200, 300].map((width) => gallery.picture(width));
    const ends = Promise.allSettled(asked);
    await Promise.resolve();
    gallery.clock.advance(10_000);
    const codes = (await ends).map((end) => end.status === "rejected" && end.reason.code);
    expect(codes).toEqual(["REJECTED", "REJECTED", "TIMEOUT"]);
    expect(gallery.clock.timers).toBe(0);
  });

  withFfmpeg("that cannot be made are an error, and tried again", async () => {
    using gallery = new Gallery();
    const publication = gallery.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    const before = runs();
    for (let i = 0; i < 3; i++) await expect(gallery.picture()).rejects.toMatchObject({ code: "REJECTED" });
    expect(runs() - before).toBe(3);
  });

  test("are not there without ffmpeg", async () => {
    using gallery = new Gallery(null);
    const publication = gallery.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    await expect(gallery.picture()).rejects.toMatchObject({ code: "NO_FFMPEG" });
  });
});
