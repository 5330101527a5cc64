import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { Recordings } from "../../src/archive/recordings.ts";
import { Retention } from "../../src/archive/retention.ts";
import { SegmentIndex } from "../../src/archive/segment-index.ts";
import { StoreListing } from "../../src/archive/store-listing.ts";
import { Uploads } from "../../src/archive/uploads.ts";
import { systemDisk } from "../../src/record/disk.ts";
import { OpenJournal } from "../../src/record/open-journal.ts";
import { EventHub } from "../../src/stream/event.ts";
import { PathStudio } from "../record/path-studio.ts";
import { systemError, until } from "../record/studio.ts";
import { seconds, starting } from "../record/tags.ts";
import { Shelf } from "./shelf.ts";

const source = [...starting, ...seconds(6)];
const conf = { recordUpload: "s3://bucket/my/prefix", recordSegmentDuration: 3_000 };
const name = "live/test";

/** What is there of a process that uploads. */
const setUp = (studio: PathStudio, store: Shelf, events = studio.hub) => {
  const { log, clock } = studio;
  const find = () => ({ conf: studio.conf });
  const records = { paths: { all_others: studio.conf }, ...studio.totals };
  const index = new SegmentIndex({ clock, log, objects: store, isInMemory: true });
  const recordings = new Recordings({ events, index, store, find });
  recordings.configure(records);
  const uploads = new Uploads({ events, clock, log, recordings, index, store, find });
  const listing = new StoreListing({ index, store, clock, log });
  const retention = new Retention({ recordings, index, disk: systemDisk, clock, log, find });
  const count = async (): Promise<number> => (await recordings.get(name)).segments.length;
  const arrived = (): Promise<void> => until(() => uploads.backlog === 0, "all have arrived");
  return { index, recordings, uploads, listing, retention, records, count, arrived };
};

const failures = ({ log }: PathStudio): number =>
  log.lines.filter((line) => line.includes("tried again")).length;

const media = ({ files }: PathStudio): string[] => files.filter((file) => file.endsWith(".mp4"));

describe("segments that are complete", () => {
  test("are uploaded under their names, and deleted here when the store has them for certain", async () => {
    using studio = new PathStudio(conf);
    const store = new Shelf();
    store.fault = systemError("ECONNREFUSED");
    const { recordings, count, arrived } = setUp(studio, store);
    await studio.record(source);
    const files = media(studio);
    const contents = files.map((file) => readFileSync(file));
    await until(() => failures(studio) === 2, "both were tried");
    expect(files.map((file) => recordings.isBusy(file))).toEqual([true, true]);
    store.fault = undefined;
    store.isLossy = true;
    studio.clock.advance(2_000);
    await until(() => failures(studio) === 4, "and again");
    expect(files.map((file) => existsSync(file))).toEqual([true, true]);
    store.isLossy = false;
    studio.clock.advance(4_000);
    await arrived();
    expect(media(studio)).toEqual([]);
    expect(await count()).toBe(2);
    expect([...store.objects.keys()].sort()).toEqual(
      files.map((file) => `bucket/my/prefix/${relative(studio.folder, file)}`),
    );
    for (const [i, file] of files.entries()) {
      const object = store.objects.get(`bucket/my/prefix/${relative(studio.folder, file)}`)!;
      expect(Buffer.compare(object, contents[i]!)).toBe(0);
    }
  });

  test("are read back where the tag of the store is no sum", async () => {
    using studio = new PathStudio(conf);
    const store = new Shelf();
    store.isEncrypted = true;
    const { arrived } = setUp(studio, store);
    await studio.record(source);
    await arrived();
    expect([media(studio), store.objects.size]).toEqual([[], 2]);
  });

  test("are not uploaded twice by a process that was killed before it had deleted them", async () => {
    using studio = new PathStudio(conf);
    const store = new Shelf();
    const first = setUp(studio, store);
    const held: (() => void)[] = [];
    studio.hub.listen((event) => {
      if (event.kind === "recordingStarted") held.push(first.recordings.hold(event.file));
    });
    await studio.record(source);
    await until(
      () => studio.log.lines.filter((line) => line === "recording uploaded").length === 2,
      "uploaded",
    );
    await first.uploads.close();
    expect(media(studio).length).toBe(2);
    const second = setUp(studio, store, new EventHub());
    await second.uploads.resume(second.records);
    await second.arrived();
    expect([media(studio), store.puts]).toEqual([[], 2]);
  });

  test("are uploaded by the next process where this one was killed, wherever it was", async () => {
    using studio = new PathStudio(conf);
    const broken = new Shelf();
    broken.fault = systemError("ECONNREFUSED");
    const first = setUp(studio, broken);
    await studio.record(source);
    await until(() => failures(studio) === 2, "both were tried");
    await first.uploads.close();
    const [gone] = media(studio);
    rmSync(gone!);
    const store = new Shelf();
    const second = setUp(studio, store, new EventHub());
    await second.uploads.resume(second.records);
    await second.arrived();
    await second.uploads.close();
    expect([store.objects.size, media(studio)]).toEqual([1, []]);
    const third = setUp(studio, store, new EventHub());
    await third.uploads.resume(third.records);
    expect(third.uploads.backlog).toBe(0);
  });

  test("are noted as soon as they begin, and left alone while another process writes them", async () => {
    using studio = new PathStudio({ ...conf, recordSegmentDuration: 60_000 });
    const store = new Shelf();
    setUp(studio, store);
    const publication = studio.publish();
    studio.play(publication, source);
    const journal = new OpenJournal(studio.folder, { name: ".rtmp-server-uploads" });
    await until(() => existsSync(`${studio.folder}/.rtmp-server-uploads`), "the first is noted");
    expect((await journal.read()).length).toBe(1);
    const other = new OpenJournal(studio.folder, { name: ".rtmp-server-uploads", pid: process.ppid });
    await other.begin(name, `${studio.folder}/x.mp4`);
    const second = setUp(studio, store, new EventHub());
    await second.uploads.resume(second.records);
    expect(second.uploads.backlog).toBe(1);
    await second.uploads.close();
    publication.end("client_stop");
    await studio.records.idle();
  });

  test("stay here while somebody plays them", async () => {
    using studio = new PathStudio(conf);
    const store = new Shelf();
    const { recordings, arrived, uploads } = setUp(studio, store);
    const held: (() => void)[] = [];
    studio.hub.listen((event) => {
      if (event.kind === "recordingStarted" && held.length === 0) held.push(recordings.hold(event.file));
    });
    await studio.record(source);
    await until(() => store.objects.size === 2 && uploads.backlog === 1, "one is gone");
    expect(media(studio).length).toBe(1);
    held[0]!();
    await arrived();
    expect(media(studio)).toEqual([]);
  });

  test("of paths that ask for nothing stay where they are", async () => {
    using studio = new PathStudio({ ...conf, recordUpload: "" });
    const store = new Shelf();
    const { uploads } = setUp(studio, store);
    await studio.record(source);
    expect([uploads.backlog, store.objects.size, media(studio).length]).toEqual([0, 0, 2]);
  });
});

describe("segments in a store", () => {
  test("are deleted with the rest of them by the API, by hand, on their way, and for their age, not for their size", async () => {
    using studio = new PathStudio({ ...conf, recordSegmentDuration: 1_000, recordMaxSize: 1 });
    const store = new Shelf();
    const { recordings, retention, records, arrived, count, index } = setUp(studio, store);
    await studio.record(source);
    await arrived();
    const before = await count();
    expect(before).toBeGreaterThan(4);
    const { segments } = await recordings.get(name);
    await recordings.deleteSegment(name, segments[0]!.start);
    expect([await count(), store.objects.size]).toEqual([before - 1, before - 1]);
    store.fault = systemError("ECONNREFUSED");
    expect(recordings.deleteSegment(name, segments[1]!.start)).rejects.toThrow();
    store.fault = undefined;
    retention.configure(records);
    await retention.run();
    expect(store.objects.size).toBe(before - 1);
    studio.conf = { ...studio.conf, recordDeleteAfter: 3_600_000 };
    retention.configure({ ...records, paths: { all_others: studio.conf } });
    studio.clock.advance(2 * 3_600_000);
    await retention.run();
    expect([await count(), store.objects.size]).toEqual([0, 0]);
    await retention.close();
    index.close();
  });

  test("are found by an index that knows nothing of them, page by page, and forgotten where they are gone", async () => {
    using studio = new PathStudio({ ...conf, recordSegmentDuration: 1_000 });
    const store = new Shelf();
    store.pageSize = 2;
    const first = setUp(studio, store);
    await studio.record(source);
    await first.arrived();
    const spans = await first.recordings.timespans(name);
    expect(spans.length).toBe(1);
    store.objects.set("bucket/my/prefix/live/test/notes.txt", new Uint8Array(3));
    const second = setUp(studio, store, new EventHub());
    second.listing.configure(second.records);
    await second.listing.run();
    expect(await second.count()).toBe(await first.count());
    const end = Date.now() + 10_000;
    while (
      (await second.recordings.timespans(name))[0]?.durationMs !== spans[0]!.durationMs &&
      Date.now() < end
    )
      await Bun.sleep(5);
    expect(await second.recordings.timespans(name)).toEqual(spans);
    const [key] = store.objects.keys();
    store.objects.delete(key!);
    await second.listing.run();
    expect(await second.count()).toBe((await first.count()) - 1);
    await second.listing.close();
  });

  test("that somebody deletes here while they are on their way are not in the store", async () => {
    using studio = new PathStudio(conf);
    const store = new Shelf();
    const { recordings, uploads, count } = setUp(studio, store);
    const put = store.put.bind(store);
    let isDeleted = false;
    store.put = async (place, file) => {
      await put(place, file);
      if (isDeleted) return;
      isDeleted = true;
      const { segments } = await recordings.get(name);
      await recordings.deleteSegment(name, segments[0]!.start);
    };
    await studio.record(source);
    await until(() => {
      studio.clock.advance(2_000);
      return isDeleted && uploads.backlog === 0;
    }, "one has arrived");
    expect([store.objects.size, await count()]).toEqual([1, 1]);
  });
});
