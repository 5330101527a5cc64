import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Recordings } from "../../src/archive/recordings.ts";
import { Retention } from "../../src/archive/retention.ts";
import { SegmentIndex } from "../../src/archive/segment-index.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { type Disk, systemDisk } from "../../src/record/disk.ts";
import type { RecordConf } from "../../src/record/path-conf.ts";
import { RecordPath } from "../../src/record/record-path.ts";
import { EventHub } from "../../src/stream/event.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog, usualConf } from "../record/path-studio.ts";
import { Shelf } from "./shelf.ts";

const hourMs = 3_600_000;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "retention-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const setUp = (conf: Partial<RecordConf>, options: { disk?: Disk; totals?: object } = {}) => {
  const clock = new FakeClock();
  const events = new EventHub();
  const log = new KeptLog();
  const own: RecordConf = { ...usualConf(folder), ...conf };
  const find = () => ({ conf: own });
  const store = new Shelf();
  const index = new SegmentIndex({ clock, log, objects: store, isInMemory: true });
  const recordings = new Recordings({ events, index, store, find });
  const retention = new Retention({ recordings, index, clock, log, find, disk: options.disk ?? systemDisk });
  const records = {
    paths: { all_others: own },
    recordMaxTotalSize: 0,
    recordMinFreeDisk: 0,
    ...options.totals,
  };
  /** Makes the recording of a path that began so long ago. */
  const make = (path: string, ageMs: number, bytes = 100): string => {
    const start = (clock.date().getTime() - ageMs) * 1_000;
    const file = new RecordPath(own.recordPath).fileOf({ path, start }, ".mp4");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, new Uint8Array(bytes));
    return file;
  };
  const begin = async () => {
    recordings.configure(records);
    retention.configure(records);
    await retention.run();
  };
  return { clock, events, log, recordings, retention, make, begin };
};

const here = (files: readonly string[]): boolean[] => files.map((file) => existsSync(file));

describe("retention", () => {
  test("segments go when they are too old, and the folders that they leave empty, but for the root", async () => {
    const { make, begin, retention, clock } = setUp({ recordDeleteAfter: hourMs });
    const files = [make("live/old", 2 * hourMs), make("live/a", 2 * hourMs), make("live/a", hourMs / 2)];
    await begin();
    expect(here(files)).toEqual([false, false, true]);
    expect([existsSync(join(folder, "live/old")), existsSync(join(folder, "live/a"))]).toEqual([false, true]);
    clock.advance(hourMs);
    await retention.run();
    expect(here(files)).toEqual([false, false, false]);
    expect([existsSync(join(folder, "live")), existsSync(folder)]).toEqual([false, true]);
    await retention.close();
  });

  test("what is written or held stays until it is not", async () => {
    const { make, begin, retention, recordings, events } = setUp({ recordDeleteAfter: hourMs });
    const files = [make("live/a", 3 * hourMs), make("live/a", 2 * hourMs)];
    const path = parseStreamPath("live/a");
    events.emit({ kind: "recordingStarted", path, file: files[0]! });
    const release = recordings.hold(files[1]!);
    await begin();
    expect(here(files)).toEqual([true, true]);
    events.emit({ kind: "recordingCompleted", path, file: files[0]!, durationMs: 1, bytes: 1 });
    release();
    await retention.run();
    expect(here(files)).toEqual([false, false]);
    await retention.close();
  });

  test("the oldest go where paths, or all together, have too much", async () => {
    const { make, begin, retention } = setUp({ recordMaxSize: 250 }, { totals: { recordMaxTotalSize: 350 } });
    const files = [make("a", 5_000), make("b", 4_000), make("a", 3_000), make("a", 2_000), make("b", 1_000)];
    await begin();
    expect(here(files)).toEqual([false, false, true, true, true]);
    await retention.close();
  });

  test("the oldest go where the disk has too little room", async () => {
    const { make, begin, retention } = setUp(
      {},
      {
        disk: { ...systemDisk, freeBytes: () => Promise.resolve(850) },
        totals: { recordMinFreeDisk: 1_000 },
      },
    );
    const files = [make("a", 5_000), make("b", 4_000), make("a", 3_000)];
    await begin();
    expect(here(files)).toEqual([false, false, true]);
    await retention.close();
  });

  test("files that are no recordings are left alone", async () => {
    const { make, begin, retention } = setUp({ recordDeleteAfter: 1_000 });
    const other = join(folder, "live/a/notes.mp4");
    const old = make("live/a", hourMs);
    writeFileSync(other, "mine");
    await begin();
    expect(here([old, other])).toEqual([false, true]);
    await retention.close();
  });

  test("nothing is looked for where everything is kept", async () => {
    const { begin, clock, make } = setUp({});
    const file = make("a", 1_000 * hourMs);
    await begin();
    clock.advance(hourMs);
    expect([existsSync(file), clock.timers]).toEqual([true, 0]);
  });
});
