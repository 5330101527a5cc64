import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearDirectory } from "../../src/hls/disk-shelf.ts";
import { until } from "../record/studio.ts";
import { tagOf } from "../record/tags.ts";
import { readPlaylist } from "./playlist-rules.ts";
import { media } from "./tags.ts";
import { playlistOf, Theatre } from "./theatre.ts";

class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "hls-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".mp4"));

const starting = [tagOf.videoConfig(), tagOf.audioConfig()];

describe("segments on disk", () => {
  test("are what they were in memory, parts too, and go when nobody can know of them", async () => {
    using folder = new Folder();
    {
      using theatre = new Theatre({ alwaysRemux: true, directory: folder.path, segmentCount: 3 });
      const publication = theatre.publish();
      theatre.play(publication, [...starting, ...media({ toMs: 5_500 })]);
      await until(() => filesIn(folder.path).length === 5, "five are written");
      const muxer = theatre.muxer();
      const { segments } = readPlaylist(await playlistOf(muxer));
      const bytes = async (name: string) =>
        Buffer.from(await new Response((await muxer.file(name))!).arrayBuffer());
      for (const { name, parts } of segments) {
        if (name === undefined || parts.length === 0) continue;
        expect(await muxer.file(name)).toHaveProperty("name", expect.stringContaining(folder.path));
        const joined = Buffer.concat(await Promise.all(parts.map((part) => bytes(part.name))));
        expect(joined.equals(await bytes(name))).toBe(true);
      }
      theatre.play(publication, media({ fromMs: 5_520, toMs: 30_000 }));
      // Three are listed; what left the list stays for as long again.
      await until(() => filesIn(folder.path).length < 10, "most are gone");
    }
    await until(() => readdirSync(folder.path).length === 0, "the folder is gone");
  });

  test("stay in memory where the disk does not take them, which is said once", async () => {
    using folder = new Folder();
    const file = join(folder.path, "no-directory");
    writeFileSync(file, "");
    using theatre = new Theatre({ alwaysRemux: true, directory: file });
    theatre.play(theatre.publish(), [...starting, ...media({ toMs: 6_500 })]);
    await until(() => theatre.log.messages("error").length > 0, "the fault is told");
    await Bun.sleep(20);
    expect(theatre.log.messages("error")).toEqual([
      "HLS segments stay in memory, the disk does not take them",
    ]);
    const muxer = theatre.muxer();
    const { segments } = readPlaylist(await playlistOf(muxer));
    expect(await muxer.file(segments[0]!.name!)).toBeInstanceOf(Blob);
  });

  test("stay where they are when the directory is named once more while a stream lies in it", async () => {
    using folder = new Folder();
    using theatre = new Theatre({ alwaysRemux: true, directory: folder.path });
    theatre.play(theatre.publish(), [...starting, ...media({ toMs: 5_500 })]);
    await until(() => filesIn(folder.path).length === 5, "five are written");
    clearDirectory(folder.path);
    expect(filesIn(folder.path).length).toBe(5);
  });

  test("that a server left behind are removed, and nothing else", () => {
    using folder = new Folder();
    const uuid = crypto.randomUUID();
    // No process has this id: it is beyond what Linux gives.
    const gone = [`hls-4999999-${uuid}-1`, `hls-${process.pid}-${uuid}-1`];
    const others = [`hls-${process.ppid}-${uuid}-1`, "hls-old", "photos"];
    for (const name of [...gone, ...others]) mkdirSync(join(folder.path, name));
    clearDirectory(folder.path);
    expect(readdirSync(folder.path).sort()).toEqual(others.sort());
    const missing = join(folder.path, "a/b");
    clearDirectory(missing);
    expect(existsSync(missing)).toBe(true);
  });
});
