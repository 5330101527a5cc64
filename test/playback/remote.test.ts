import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { RemoteFile } from "../../src/archive/remote-file.ts";
import { StoreListing } from "../../src/archive/store-listing.ts";
import { TransportError } from "../../src/base/errors.ts";
import type { RecordConf } from "../../src/record/path-conf.ts";
import { Shelf } from "../archive/shelf.ts";
import { seconds, starting } from "../record/tags.ts";
import { later, Theatre } from "./theatre.ts";

const source = [...starting, ...seconds(10)];
const bucket = "bucket";

/** Puts all files of a theatre into its store, deletes them here, and has the index hear of it. */
const moveAway = async ({ studio, store, index }: Theatre): Promise<void> => {
  for (const file of studio.files.filter((name) => /\.(?:mp4|ts|flv)$/.test(name))) {
    store.objects.set(`${bucket}/${relative(studio.folder, file)}`, readFileSync(file));
    const own = { template: studio.conf.recordPath, name: "live/test", file };
    await index.stored({ ...own, remote: `s3://${bucket}/${relative(studio.folder, file)}` });
    rmSync(file);
  }
};

describe("recordings in a store", () => {
  for (const recordFormat of ["fmp4", "mpegts", "flv"] satisfies RecordConf["recordFormat"][])
    for (const format of ["fmp4", "mp4"])
      test(`in ${recordFormat} are listed and played as ${format} byte by byte as they were here`, async () => {
        using theatre = new Theatre({ recordFormat, recordSegmentDuration: 3_000 });
        await theatre.studio.record(source);
        const [entry, ...more] = await theatre.list();
        expect(more).toEqual([]);
        const query = { path: "live/test", start: later(entry!.start, 1_500), duration: "6", format };
        const here = await (await theatre.fetch("/get", query)).bytes();
        await moveAway(theatre);
        expect(theatre.studio.files.length).toBe(0);
        expect(await theatre.list()).toEqual([entry!]);
        const response = await theatre.fetch("/get", query);
        expect([response.status, Buffer.compare(await response.bytes(), here)]).toEqual([200, 0]);
        const range = await theatre.fetch("/get", query, { headers: { Range: "bytes=500-799" } });
        expect(Buffer.compare(await range.bytes(), here.subarray(500, 800))).toBe(0);
      });

  test("are not played while the store does not answer, which is said", async () => {
    using theatre = new Theatre({ recordSegmentDuration: 3_000 });
    await theatre.studio.record(source);
    const [entry] = await theatre.list();
    await moveAway(theatre);
    theatre.store.fault = new TransportError("REJECTED", "the store cannot be used: ConnectionRefused");
    const down = await fetch(entry!.url);
    expect([down.status, (await down.json()) as unknown]).toEqual([
      502,
      { status: "error", error: "the store cannot be used: ConnectionRefused" },
    ]);
    theatre.store.fault = undefined;
    theatre.store.objects.clear();
    const gone = await fetch(entry!.url);
    expect([gone.status, (await gone.json()) as unknown]).toEqual([
      502,
      { status: "error", error: "the recording is not in the store any more" },
    ]);
  });

  test("that are found in the store alone are played, too", async () => {
    using theatre = new Theatre({ recordSegmentDuration: 3_000, recordUpload: `s3://${bucket}/` });
    await theatre.studio.record(source);
    const [entry] = await theatre.list();
    await moveAway(theatre);
    using other = new Theatre({ recordUpload: `s3://${bucket}/` });
    for (const [key, bytes] of theatre.store.objects) other.store.objects.set(key, bytes);
    const { index, store, studio } = other;
    const listing = new StoreListing({ index, store, clock: studio.clock, log: studio.log });
    listing.configure({ paths: { all_others: studio.conf }, ...studio.totals });
    await listing.run();
    const found = async () => (await other.fetch("/list", { path: "live/test" })).status === 200;
    const end = Date.now() + 10_000;
    while (!(await found()) && Date.now() < end) await Bun.sleep(10);
    const [again] = await other.list();
    expect({ ...again, url: "" }).toEqual({ ...entry!, url: "" });
    expect((await fetch(again!.url)).status).toBe(200);
    await listing.close();
  });
});

describe("an object that is read here and there", () => {
  test("gives its bytes, reads ahead of whoever goes through it, and keeps a few blocks", async () => {
    const store = new Shelf();
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const whole = Buffer.concat(Array.from({ length: 200 }, () => bytes));
    const place = { bucket, key: "a.mp4" };
    store.objects.set(`${bucket}/a.mp4`, whole);
    let reads = 0;
    const read = store.read.bind(store);
    store.read = (...range) => {
      reads++;
      return read(...range);
    };
    const file = await RemoteFile.open(store, place);
    expect([file.path, file.size]).toEqual([`s3://${bucket}/a.mp4`, whole.length]);
    expect(Buffer.compare(await file.read(0, 4_096), whole.subarray(0, 4_096))).toBe(0);
    expect(reads).toBe(1);
    for (let at = 0; at < whole.length; at += 500_000)
      expect(Buffer.compare(await file.read(at, 700_000), whole.subarray(at, at + 700_000))).toBe(0);
    expect(reads).toBe(Math.ceil(whole.length / 2 ** 20));
    expect(await file.read(whole.length, 10)).toEqual(new Uint8Array(0));
    store.fault = new Error("down");
    expect(file.read(0, 10)).rejects.toThrow("down");
    store.fault = undefined;
    expect((await file.read(0, 10)).length).toBe(10);
    await file.close();
  });
});
