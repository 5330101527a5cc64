import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { type Disk, systemDisk } from "../../src/record/disk.ts";
import { readMp4 } from "./mp4-content.ts";
import { PathStudio } from "./path-studio.ts";
import { diskWriting, systemError, until } from "./studio.ts";
import { seconds, starting } from "./tags.ts";

/** Lets a stream go on for some seconds, with time for the disk after each. */
const goOn = async (
  studio: PathStudio,
  publication: ReturnType<PathStudio["publish"]>,
  from: number,
  count: number,
) => {
  for (let i = from; i < from + count; i++) {
    studio.play(publication, seconds(1, i * 1_000), studio.clock.now() - i * 1_000 + 1);
    await studio.records.look();
    await Bun.sleep(5);
  }
};

describe("a recording whose disk fails", () => {
  test("comes back by itself once the disk is well, and the stream notices nothing", async () => {
    let isFull = false;
    const disk = diskWriting((file, bytes, position) =>
      isFull ? Promise.reject(systemError("ENOSPC")) : file.write(bytes, position),
    );
    using studio = new PathStudio({}, { disk });
    const publication = studio.publish();
    studio.play(publication, starting);
    await goOn(studio, publication, 0, 4);
    isFull = true;
    await goOn(studio, publication, 4, 8);
    expect(studio.records.isRecording("live/test")).toBe(false);
    const failures = studio.events.filter(({ kind }) => kind === "recordingFailed").length;
    expect(failures).toBeGreaterThan(0);
    isFull = false;
    await goOn(studio, publication, 12, 14);
    expect(studio.records.isRecording("live/test")).toBe(true);
    publication.end("client_stop");
    await studio.records.idle();
    const lengths = await Promise.all(
      studio.files.map(async (file) => (await readMp4(file)).samples[0]!.length),
    );
    expect(lengths.length).toBe(2);
    expect(lengths[0]).toBeGreaterThanOrEqual(10);
    expect(lengths[1]).toBeGreaterThanOrEqual(15);
    expect(studio.events.filter(({ kind }) => kind === "publishStopped").length).toBe(1);
  });

  test("is tried less often while nothing helps", async () => {
    const disk: Disk = { ...systemDisk, create: () => Promise.reject(systemError("EACCES")) };
    using studio = new PathStudio({}, { disk });
    const publication = studio.publish();
    studio.play(publication, starting);
    await goOn(studio, publication, 0, 60);
    publication.end("client_stop");
    await studio.records.idle();
    const failures = studio.events.filter(({ kind }) => kind === "recordingFailed").length;
    expect(failures).toBeGreaterThan(4);
    expect(failures).toBeLessThan(12);
  });

  for (const format of ["fmp4", "mpegts", "flv"] as const)
    test(`${format}: comes back after its folder was removed`, async () => {
      using studio = new PathStudio({ recordFormat: format, recordSegmentDuration: 2_000 });
      const publication = studio.publish();
      studio.play(publication, starting);
      await goOn(studio, publication, 0, 5);
      rmSync(studio.folder, { recursive: true });
      await goOn(studio, publication, 5, 10);
      publication.end("client_stop");
      await studio.records.idle();
      expect(studio.files.length).toBeGreaterThan(1);
    });
});

describe("a disk that runs short of room", () => {
  test("is written to no more until there is room again, and that is told", async () => {
    let free = 2 ** 30;
    const disk: Disk = { ...systemDisk, freeBytes: () => Promise.resolve(free) };
    using studio = new PathStudio({}, { disk });
    const publication = studio.publish();
    studio.play(publication, starting);
    await goOn(studio, publication, 0, 3);
    free = 1_000_000;
    await goOn(studio, publication, 3, 3);
    expect(studio.records.isRecording("live/test")).toBe(false);
    free = 18_000_000;
    await goOn(studio, publication, 6, 2);
    expect(studio.records.isRecording("live/test")).toBe(false);
    free = 2 ** 30;
    await goOn(studio, publication, 8, 3);
    expect(studio.records.isRecording("live/test")).toBe(true);
    publication.end("client_stop");
    await studio.records.idle();
    expect(studio.events.filter(({ kind }) => kind === "resourceAlert")).toMatchObject([
      { state: "raised", severity: "critical", resource: "disk", value: 1_000_000, unit: "bytes" },
      { state: "cleared", resource: "disk" },
    ]);
    expect(studio.files.length).toBe(2);
    for (const file of studio.files) expect((await readMp4(file)).durationMs).toBeGreaterThan(1_000);
  });
});

test("an alert about room is cleared though nobody publishes any more", async () => {
  let free = 0;
  const disk: Disk = { ...systemDisk, freeBytes: () => Promise.resolve(free) };
  using studio = new PathStudio({}, { disk });
  const publication = studio.publish();
  studio.play(publication, starting);
  await goOn(studio, publication, 0, 2);
  publication.end("client_stop");
  free = 2 ** 30;
  studio.clock.advance(1_000);
  await until(
    () => studio.events.some((event) => event.kind === "resourceAlert" && event.state === "cleared"),
    "it is cleared",
  );
  await until(() => studio.clock.timers === 0, "nothing is looked at any more");
});

describe("what the configuration says", () => {
  test("holds at once, for a stream that goes on", async () => {
    using studio = new PathStudio({ record: false });
    const publication = studio.publish();
    studio.play(publication, [...starting, ...seconds(2)]);
    expect(studio.records.isRecording("live/test")).toBe(false);
    for (const recordFormat of ["fmp4", "mpegts", "flv"] as const) {
      studio.configure({ record: true, recordFormat });
      await goOn(studio, publication, studio.files.length * 5 + 2, 3);
    }
    studio.configure({ record: false });
    await studio.records.idle();
    await until(() => studio.files.length === 3, "there are three files");
    expect(studio.files.map((file) => file.substring(file.lastIndexOf("."))).sort()).toEqual([
      ".flv",
      ".mp4",
      ".ts",
    ]);
    publication.end("client_stop");
  });

  test("is overruled by an operator until it changes", async () => {
    using studio = new PathStudio({ record: false });
    const publication = studio.publish();
    studio.play(publication, starting);
    studio.records.startRecording("live/test");
    await goOn(studio, publication, 0, 3);
    expect(studio.records.isRecording("live/test")).toBe(true);
    studio.records.stopRecording("live/test");
    expect(studio.records.isRecording("live/test")).toBe(false);
    await studio.records.idle();
    expect(studio.files.length).toBe(1);
    expect(() => studio.records.startRecording("live/other")).toThrow(
      expect.objectContaining({ code: "STREAM_NOT_FOUND" }),
    );
    publication.end("client_stop");
  });
});
