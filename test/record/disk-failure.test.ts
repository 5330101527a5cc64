import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { scanFlv } from "../../src/flv/scan.ts";
import { flvHeaderSize } from "../../src/flv/tag.ts";
import { systemDisk } from "../../src/record/disk.ts";
import { FlvRecorder } from "../../src/record/flv-recorder.ts";
import { Batch } from "../../src/stream/batch.ts";
import { diskWriting, firstName, openDescriptors, Studio, systemError, until } from "./studio.ts";
import { publishTag, seconds, starting, tagOf } from "./tags.ts";

describe("a disk that fails", () => {
  test("a full disk ends the recording with one line, the stream and what was written stay, the next publish tries again", async () => {
    let room = 600_000;
    const disk = diskWriting((file, bytes, position) => {
      if (position + bytes.length > room) return Promise.reject(systemError("ENOSPC"));
      return file.write(bytes, position);
    });
    using studio = new Studio({ disk });
    const publication = studio.publish();
    for (const tag of starting) publishTag(publication, tag);
    for (let i = 0; i < 20; i++) publishTag(publication, tagOf.bigKey(i * 1_000, 100_000));
    await until(() => studio.failures.length > 0, "the failure is told");
    for (const tag of seconds(3, 20_000)) publishTag(publication, tag);
    publication.end("client_stop");
    await studio.output.idle();
    expect(studio.failures).toEqual(["the disk is full, free some space or record elsewhere (ENOSPC)"]);
    expect(studio.recordings.map(({ kind }) => kind)).toEqual(["recordingStarted", "recordingFailed"]);
    const stopped = studio.events.find(({ kind }) => kind === "publishStopped");
    expect(stopped).toMatchObject({ videoPackets: 36, audioPackets: 16 });
    const bytes = await studio.read(firstName);
    const { tags } = scanFlv((at, length) => bytes.subarray(at, at + length), bytes.length);
    expect(tags).toBeGreaterThan(3);
    room = 1e9;
    await studio.record([...starting, ...seconds(1)]);
    expect(studio.recordings.map(({ kind }) => kind).slice(2)).toEqual([
      "recordingStarted",
      "recordingCompleted",
    ]);
    expect(openDescriptors(studio.folder)).toBe(0);
  });

  test("after a failure no further segment of this publish is begun", async () => {
    const disk = diskWriting(() => Promise.reject(systemError("ENOSPC")));
    using studio = new Studio({ disk, segmentMs: 2_000, pattern: "%d" });
    const publication = studio.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    studio.clock.advance(1_000);
    await until(() => studio.failures.length > 0, "the failure is told");
    for (const tag of seconds(9, 1_000)) publishTag(publication, tag);
    publication.end("client_stop");
    await studio.output.idle();
    expect(studio.recordings.map(({ kind }) => kind)).toEqual(["recordingStarted", "recordingFailed"]);
  });

  test("a disk that is full from the start leaves no file", async () => {
    const disk = diskWriting(() => Promise.reject(systemError("ENOSPC")));
    using studio = new Studio({ disk });
    await studio.record([...starting, ...seconds(1)]);
    expect([studio.files, studio.failures.length]).toEqual([[], 1]);
  });

  test("a disk that fills up while the file is finished is told", async () => {
    const disk = diskWriting((file, bytes, position) =>
      position === flvHeaderSize ? Promise.reject(systemError("EIO")) : file.write(bytes, position),
    );
    using studio = new Studio({ disk });
    await studio.record([...starting, ...seconds(1)]);
    expect(studio.failures).toEqual(["the disk reports a fault (EIO)"]);
    expect((await studio.tags(firstName)).length).toBe(12);
  });

  test("a disk that hangs costs the recording and not the stream", async () => {
    const stuck = Promise.withResolvers<void>();
    const disk = diskWriting(async (file, bytes, position) => {
      await stuck.promise;
      return file.write(bytes, position);
    });
    using studio = new Studio({ disk, maxWaitingBytes: 1_000_000 });
    const publication = studio.publish();
    for (const tag of starting) publishTag(publication, tag);
    for (let i = 0; i < 30; i++) publishTag(publication, tagOf.bigKey(i * 1_000, 100_000));
    publication.end("client_stop");
    await until(() => studio.failures.length > 0, "the failure is told");
    expect(studio.failures[0]).toStartWith("the disk cannot keep up: ");
    stuck.resolve();
    await studio.output.idle();
    expect(openDescriptors(studio.folder)).toBe(0);
  });

  test("a directory that cannot be made is told, with the file that was to be", async () => {
    using studio = new Studio({ directory: "file/below" });
    writeFileSync(join(studio.folder, "file"), "");
    await studio.record([...starting, ...seconds(1)]);
    expect(studio.recordings).toEqual([
      {
        kind: "recordingFailed",
        path: parseStreamPath("live/test"),
        file: join(studio.folder, "file/below/live_test_20251011_143052.flv"),
        error: "a part of the path is a file, expected a folder (ENOTDIR)",
      },
    ]);
  });

  test("a read-only directory is told", async () => {
    const disk = { ...systemDisk, create: () => Promise.reject(systemError("EROFS")) };
    using studio = new Studio({ disk });
    await studio.record([...starting, ...seconds(1)]);
    expect(studio.failures).toEqual(["the file system is read-only, record elsewhere (EROFS)"]);
  });

  test("a directory removed under a recording is told; one removed before is made again", async () => {
    using studio = new Studio();
    mkdirSync(join(studio.folder, "out"));
    rmSync(join(studio.folder, "out"), { recursive: true });
    const publication = studio.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    await until(() => studio.files.length === 1, "the file is there");
    rmSync(join(studio.folder, "out"), { recursive: true });
    publication.end("client_stop");
    await studio.output.idle();
    expect(studio.failures).toEqual(["the file was moved or removed while it grew"]);
  });

  test("a fault of ours in the middle of a batch is told and closes the file", async () => {
    using studio = new Studio();
    const publication = studio.publish();
    for (const tag of [...starting, tagOf.key(0)]) publishTag(publication, tag);
    // No FLV tag can hold this; a session never brings one.
    publishTag(publication, tagOf.bigKey(40, 2 ** 24));
    publishTag(publication, tagOf.key(80));
    publication.end("client_stop");
    await studio.output.idle();
    expect(studio.failures).toEqual(["tag payload 16777216 bytes, expected at most 16777215"]);
    expect(openDescriptors(studio.folder)).toBe(0);
  });

  test("a fault before there is a file is told too", () => {
    using studio = new Studio();
    const told: string[] = [];
    const events = {
      emit: (event: { kind: string; error?: string }) => told.push(`${event.kind} ${event.error}`),
    } as never;
    const context = { encoder: "x", disk: systemDisk, clock: studio.clock, events };
    const recorder = new FlvRecorder(parseStreamPath("a"), { ...context, segmentMs: 0, nameFile: () => "x" });
    recorder.fail(new TypeError("oops"));
    recorder.deliver(new Batch([]));
    recorder.end();
    expect(told).toEqual(["recordingFailed oops"]);
  });
});
