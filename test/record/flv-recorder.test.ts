import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { fileMetadataTagSize } from "../../src/flv/file-metadata.ts";
import { type FlvTag, flvHeaderSize, tagType } from "../../src/flv/tag.ts";
import { readVideoHeader } from "../../src/flv/video-header.ts";
import { systemDisk } from "../../src/record/disk.ts";
import { namesIn } from "../../src/record/file-name.ts";
import { FlvRecorder } from "../../src/record/flv-recorder.ts";
import { firstName, openDescriptors, Studio, until } from "./studio.ts";
import { briefOf, publishTag, readTags, seconds, starting, tagOf } from "./tags.ts";

describe("recording a publish", () => {
  test("a file holds what was published, from zero on, with the real facts in front", async () => {
    using studio = new Studio();
    const frames = seconds(3, 5_000);
    await studio.record([...starting, ...frames]);
    const expected = [...starting, ...frames].map((tag) => ({
      ...tag,
      timestamp: Math.max(0, tag.timestamp - 5_000),
    }));
    expect(briefOf(await studio.tags(firstName))).toEqual(briefOf(expected));
    const bytes = await studio.read(firstName);
    expect(bytes[4]).toBe(5);
    const values = await studio.metadata(firstName);
    const facts = [
      "duration",
      "filesize",
      "videocodecid",
      "audiocodecid",
      "hasVideo",
      "hasAudio",
      "audiosamplerate",
      "encoder",
    ];
    expect(facts.map((key) => values.get(key))).toEqual([
      2.81,
      bytes.length,
      7,
      10,
      true,
      true,
      44_100,
      "rtmp-server test",
    ]);
    const file = join(studio.folder, firstName);
    const endId = expect.stringMatching(/^evt_[0-9a-f-]{36}$/);
    expect(studio.recordings).toEqual([
      { kind: "recordingStarted", path: parseStreamPath("live/test"), file, endId },
      {
        kind: "recordingCompleted",
        path: parseStreamPath("live/test"),
        file,
        eventId: endId,
        durationMs: 2_810,
        bytes: bytes.length,
      },
    ]);
    expect(openDescriptors(studio.folder)).toBe(0);
    expect(studio.clock.timers).toBe(0);
  });

  test("the index points to the key frames", async () => {
    using studio = new Studio();
    await studio.record([...starting, ...seconds(4)]);
    const bytes = await studio.read(firstName);
    const index = (await studio.metadata(firstName)).get("keyframes") as Map<string, number[]>;
    expect(index.get("times")).toEqual([0, 0, 1, 2, 3]);
    const positions = index.get("filepositions")!;
    const roles = positions.map((at) => readVideoHeader(bytes.subarray(at + 11))?.role);
    expect(roles).toEqual(["config", "key", "key", "key", "key"]);
    expect(positions.map((at) => bytes[at])).toEqual([9, 9, 9, 9, 9]);
  });

  test("sound alone is recorded at once, and the header says so", async () => {
    using studio = new Studio();
    await studio.record([tagOf.audioConfig(), tagOf.audio(100), tagOf.audio(123)]);
    expect((await studio.read(firstName))[4]).toBe(4);
    expect(briefOf(await studio.tags(firstName))).toEqual(
      briefOf([tagOf.audioConfig(), tagOf.audio(0), tagOf.audio(23)]),
    );
    const values = await studio.metadata(firstName);
    expect([values.get("hasVideo"), values.get("hasAudio"), values.get("width")]).toEqual([
      false,
      true,
      undefined,
    ]);
  });

  test("pictures alone are recorded, and the header says so", async () => {
    using studio = new Studio();
    await studio.record([tagOf.videoConfig(), tagOf.key(0), tagOf.inter(40)]);
    expect((await studio.read(firstName))[4]).toBe(1);
  });

  test("a publish without a frame leaves no file", async () => {
    using studio = new Studio();
    await studio.record(starting);
    await studio.record([]);
    await studio.record([tagOf.videoConfig(), tagOf.inter(0), tagOf.inter(40), tagOf.text(50)]);
    expect([studio.files, studio.recordings]).toEqual([[], []]);
  });

  test("pictures before the first key frame are left out, sound and texts are not", async () => {
    using studio = new Studio();
    await studio.record([
      ...starting,
      tagOf.inter(0),
      tagOf.audio(10),
      tagOf.inter(40),
      tagOf.text(45),
      tagOf.key(80),
    ]);
    const kept = [...starting, tagOf.audio(0), tagOf.text(35), tagOf.key(70)];
    expect(briefOf(await studio.tags(firstName))).toEqual(briefOf(kept));
  });

  test("what is earlier than the first frame stands at zero", async () => {
    using studio = new Studio();
    await studio.record([...starting, tagOf.key(1_000), tagOf.audio(980), tagOf.audio(1_003)]);
    expect(briefOf(await studio.tags(firstName))).toEqual(
      briefOf([...starting, tagOf.key(0), tagOf.audio(0), tagOf.audio(3)]),
    );
  });

  test("times that pass the end of 32 bits go on", async () => {
    using studio = new Studio();
    const start = 2 ** 32 - 400;
    const frames = seconds(1, start).map((tag) => ({ ...tag, timestamp: tag.timestamp >>> 0 }));
    await studio.record([...starting, ...frames]);
    expect((await studio.tags(firstName)).map(({ timestamp }) => timestamp)).toEqual([
      ...[0, 0, 0, 10, 200, 210, 400, 410, 600, 610, 800, 810],
    ]);
  });

  test("a repeated configuration is written once, a new one in its place", async () => {
    using studio = new Studio();
    const changed = {
      ...tagOf.videoConfig(40),
      payload: tagOf.videoConfig().payload.with(-1, 0x81),
    } as FlvTag;
    await studio.record([tagOf.videoConfig(), tagOf.key(0), tagOf.videoConfig(40), changed, tagOf.key(40)]);
    const types = briefOf(await studio.tags(firstName));
    expect(types).toEqual(briefOf([tagOf.videoConfig(), tagOf.key(0), changed, tagOf.key(40)]));
  });

  test("the publisher's metadata fill gaps and are not repeated as a tag", async () => {
    using studio = new Studio();
    // onMetaData with an ECMA array: framerate 25, audiochannels 9.
    const hex =
      "02 000a 6f6e4d65746144617461 08 00000002 0009 6672616d6572617465 00 4039000000000000 000d 617564696f6368616e6e656c73 00 4022000000000000 000009";
    const metadata = {
      type: tagType.script,
      timestamp: 0,
      payload: Buffer.from(hex.replaceAll(" ", ""), "hex"),
    } as unknown as FlvTag;
    await studio.record([metadata, ...starting, tagOf.key(0), metadata, tagOf.audio(10)]);
    const values = await studio.metadata(firstName);
    // What the sound says of itself counts.
    expect([values.get("framerate"), values.get("audiochannels"), values.get("stereo")]).toEqual([
      25,
      2,
      true,
    ]);
    expect((await studio.tags(firstName)).filter(({ type }) => type === tagType.script)).toEqual([]);
  });

  test("the name tells stream and local time; a name that is taken gets a number", async () => {
    using studio = new Studio();
    await studio.record(seconds(1), "a/b");
    await studio.record(seconds(2), "a_b");
    await studio.record(seconds(1), "a/b");
    expect(studio.files).toEqual([
      "out/a_b_20251011_143052.flv",
      "out/a_b_20251011_143052_2.flv",
      "out/a_b_20251011_143052_3.flv",
    ]);
    expect((await studio.metadata("out/a_b_20251011_143052_2.flv")).get("duration")).toBe(1.81);
  });

  test("a publisher that takes over gets a file of its own", async () => {
    using studio = new Studio();
    const first = studio.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(first, tag);
    await until(() => studio.recordings.length === 1, "the first file has its name");
    const next = studio.publish();
    for (const tag of [...starting, ...seconds(2, 70_000)]) publishTag(next, tag);
    publishTag(first, tagOf.key(90_000));
    next.end("client_stop");
    await studio.output.idle();
    const durations = studio.events.flatMap((event) =>
      event.kind === "recordingCompleted" ? [event.durationMs] : [],
    );
    expect(durations.toSorted((a, b) => a - b)).toEqual([810, 1_810]);
    expect((await studio.tags(firstName.replace(".flv", "_2.flv"))).length).toBe(22);
  });

  test("an interrupted recorder goes on in a new file, from a key frame", async () => {
    using studio = new Studio({ segmentMs: 60_000, pattern: "%d" });
    const publication = studio.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    const stream = studio.registry.find(parseStreamPath("live/test"))!;
    const context = {
      encoder: "x",
      disk: systemDisk,
      clock: studio.clock,
    };
    const events = { emit: () => undefined } as never;
    const begun: number[] = [];
    const nameFile = namesIn(join(studio.folder, "late"), ({ segment }) => `file${begun.push(segment)}`);
    const recorder = new FlvRecorder(stream.path, { ...context, events, segmentMs: 0, nameFile });
    stream.attach(recorder);
    recorder.interrupt();
    for (const tag of [tagOf.inter(1_000), ...starting, tagOf.inter(1_040), tagOf.key(1_080)])
      publishTag(publication, tag);
    recorder.end();
    await recorder.idle();
    publication.end("client_stop");
    await studio.output.idle();
    expect(studio.files).toEqual(["late/file1.flv", "late/file2.flv", "out/1.flv"]);
    expect(begun).toEqual([1, 1]);
    expect(briefOf(await studio.tags("late/file2.flv"))).toEqual(briefOf([...starting, tagOf.key(0)]));
    expect((await studio.tags("late/file1.flv")).length).toBe(12);
  });

  test("closing the output finishes what is live and begins nothing more", async () => {
    using studio = new Studio();
    const publication = studio.publish();
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    await studio.output.close();
    for (const tag of seconds(1, 1_000)) publishTag(publication, tag);
    publication.end("server_shutdown");
    await studio.record(seconds(1), "live/other");
    await studio.output.close();
    expect(studio.recordings.map(({ kind }) => kind)).toEqual(["recordingStarted", "recordingCompleted"]);
    expect((await studio.metadata(firstName)).get("duration")).toBe(0.81);
  });

  test("a file that grows is whole up to what was written a second ago", async () => {
    using studio = new Studio();
    const publication = studio.publish();
    for (const tag of [...starting, ...seconds(2)]) publishTag(publication, tag);
    const sizeNow = (): number => statSync(join(studio.folder, firstName)).size;
    await until(() => studio.recordings.length === 1, "the file is there");
    expect(sizeNow()).toBe(0);
    studio.clock.advance(1_000);
    await until(() => sizeNow() > flvHeaderSize + fileMetadataTagSize, "it grows");
    const { tags, pendingBytes } = readTags(await studio.read(firstName));
    expect([tags.length, pendingBytes]).toEqual([23, 4]);
    expect((await studio.metadata(firstName)).get("duration")).toBe(0);
    publication.end("client_stop");
    await studio.output.idle();
  });
});
