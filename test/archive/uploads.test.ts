import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { Recordings } from "../../src/archive/recordings.ts";
import { SegmentIndex } from "../../src/archive/segment-index.ts";
import type { UploadStore, UploadTarget } from "../../src/archive/upload-store.ts";
import { Uploads } from "../../src/archive/uploads.ts";
import { EventHub } from "../../src/stream/event.ts";
import { PathStudio } from "../record/path-studio.ts";
import { systemError, until } from "../record/studio.ts";
import { seconds, starting } from "../record/tags.ts";

/** A store in memory, which may fail. */
class Shelf implements UploadStore {
  readonly objects = new Map<string, Uint8Array>();
  fault: Error | undefined;
  /** Loses the end of what comes. */
  isLossy = false;

  async put({ bucket, key }: UploadTarget, file: string): Promise<void> {
    if (this.fault) throw this.fault;
    const bytes = await Bun.file(file).bytes();
    this.objects.set(`${bucket}/${key}`, this.isLossy ? bytes.subarray(1) : bytes);
  }

  sizeOf({ bucket, key }: UploadTarget): Promise<number> {
    return Promise.resolve(this.objects.get(`${bucket}/${key}`)!.length);
  }
}

const setUp = (studio: PathStudio, store: UploadStore, events = studio.hub) => {
  const { log, clock } = studio;
  const find = () => ({ conf: studio.conf });
  const index = new SegmentIndex({ clock, log, isInMemory: true });
  const recordings = new Recordings({ events, index, find });
  return { recordings, uploads: new Uploads({ events, clock, log, recordings, store, find }) };
};

const source = [...starting, ...seconds(6)];
const conf = { recordUpload: "s3://bucket/my/prefix", recordSegmentDuration: 3_000 };

describe("segments that are complete", () => {
  test("are uploaded under their names, whole, and stay until then", async () => {
    using studio = new PathStudio(conf);
    const store = new Shelf();
    store.fault = systemError("ECONNREFUSED");
    const { recordings, uploads } = setUp(studio, store);
    await studio.record(source);
    await until(
      () => studio.log.lines.filter((line) => line.includes("tried again")).length === 2,
      "both were tried",
    );
    expect(studio.files.map((file) => recordings.isBusy(file))).toEqual([true, true]);
    store.fault = undefined;
    store.isLossy = true;
    studio.clock.advance(2_000);
    await until(
      () => studio.log.lines.filter((line) => line.includes("tried again")).length === 4,
      "and again",
    );
    expect(studio.files.map((file) => recordings.isBusy(file))).toEqual([true, true]);
    store.isLossy = false;
    studio.clock.advance(4_000);
    await until(() => uploads.backlog === 0, "both have arrived");
    expect(studio.files.map((file) => recordings.isBusy(file))).toEqual([false, false]);
    for (const file of studio.files) {
      const object = store.objects.get(`bucket/my/prefix/${relative(studio.folder, file)}`)!;
      expect(Buffer.compare(object, readFileSync(file))).toBe(0);
    }
  });

  test("are uploaded by the next process where this one did not get to it, and once", async () => {
    using studio = new PathStudio(conf);
    const broken = new Shelf();
    broken.fault = systemError("ECONNREFUSED");
    const first = setUp(studio, broken);
    await studio.record(source);
    await until(
      () => studio.log.lines.filter((line) => line.includes("tried again")).length === 2,
      "both were tried",
    );
    await first.uploads.close();
    const [gone] = studio.files;
    rmSync(gone!);
    const records = { paths: { all_others: studio.conf }, ...studio.totals };
    const store = new Shelf();
    const second = setUp(studio, store, new EventHub());
    await second.uploads.resume(records);
    await until(() => second.uploads.backlog === 0, "what is there has arrived");
    await second.uploads.close();
    expect(store.objects.size).toBe(1);
    const third = setUp(studio, store, new EventHub());
    await third.uploads.resume(records);
    expect(third.uploads.backlog).toBe(0);
  });

  test("of paths that ask for nothing stay where they are", async () => {
    using studio = new PathStudio({ ...conf, recordUpload: "" });
    const store = new Shelf();
    const { uploads } = setUp(studio, store);
    await studio.record(source);
    expect([uploads.backlog, store.objects.size]).toEqual([0, 0]);
  });
});
