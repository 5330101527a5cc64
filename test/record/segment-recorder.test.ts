import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fromHex, share, toHex } from "../../src/base/bytes.ts";
import { type FlvTag, tagType } from "../../src/flv/tag.ts";
import { type Mp4Content, readMp4 } from "./mp4-content.ts";
import { PathStudio } from "./path-studio.ts";
import { until } from "./studio.ts";
import { publishTag, seconds, starting, tagOf } from "./tags.ts";

const contents = (studio: PathStudio): Promise<Mp4Content[]> => Promise.all(studio.files.map(readMp4));

const [videoConfig, audioConfig] = starting as [FlvTag, FlvTag];
const isVideo = ({ type }: FlvTag): boolean => type === tagType.video;

/** What a sample of a tag holds: the payload behind the header. */
const dataOf = ({ type, payload }: FlvTag): string => toHex(payload.subarray(type === tagType.video ? 5 : 2));

const otherVideoConfig: FlvTag = {
  type: tagType.video,
  timestamp: 0,
  payload: share(fromHex("17 00 000000 0142c01fffe100046742c01f01000468ce3c80")),
};

describe("segments of parts", () => {
  test("nothing is lost or altered, times are those of the stream, and segments continue each other", async () => {
    using studio = new PathStudio({ recordSegmentDuration: 3_000 });
    const frames = seconds(10, 5_000);
    await studio.record([...starting, ...frames]);
    const files = await contents(studio);
    expect(files.length).toBe(4);
    for (const [kind, track] of [
      [tagType.video, 0],
      [tagType.audio, 1],
    ] as const)
      expect(files.flatMap(({ samples }) => samples[track]!.map(({ data }) => data))).toEqual(
        frames.filter(({ type }) => type === kind).map(dataOf),
      );
    const starts = files.map(({ origin }) => Number(origin!.startNs / 1_000_000n));
    expect(starts).toEqual([0, 3_000, 6_000, 9_000]);
    expect(files.map(({ origin }) => origin!.number)).toEqual([0, 1, 2, 3]);
    expect(new Set(files.map(({ origin }) => toHex(origin!.streamId))).size).toBe(1);
    for (const { samples, durationMs } of files) {
      expect(samples[0]!.map(({ time }) => time % 200)).toEqual(samples[0]!.map(() => 0));
      expect([samples[0]![0]!.time, samples[0]![0]!.isKey]).toEqual([0, true]);
      expect(Math.abs(durationMs - samples[0]!.length * 200)).toBeLessThan(50);
    }
  });

  test("a part is in the file as soon as it is over", async () => {
    using studio = new PathStudio({ recordPartDuration: 1_000 });
    const publication = studio.publish();
    studio.play(publication, [...starting, ...seconds(1)]);
    expect(studio.files).toEqual([]);
    for (const [i, part] of [1, 2, 3].entries()) {
      studio.play(publication, seconds(1, part * 1_000), studio.clock.now() - part * 1_000 + 200);
      await until(
        () => studio.files.length === 1 && Bun.file(studio.files[0]!).size > 900 + i * 200,
        "it is written",
      );
      await until(() => readParts() === i + 1, `part ${i + 1} is whole`);
    }
    publication.end("client_stop");
    await studio.records.idle();
    function readParts(): number {
      const bytes = readFileSync(studio.files[0]!);
      return bytes.toString("latin1").split("moof").length - 1;
    }
  });

  test("a part that grows too large ends early", async () => {
    using studio = new PathStudio({ recordPartDuration: 60_000, recordMaxPartSize: 10_000 });
    const frames = Array.from({ length: 10 }, (_, i) => tagOf.bigKey(i * 100, 4_000));
    await studio.record([videoConfig, ...frames]);
    const [content] = await contents(studio);
    expect([content!.parts, content!.samples[0]!.length]).toEqual([4, 10]);
  });

  test("sound that stops holds nothing back, and one that comes back is where it belongs", async () => {
    using studio = new PathStudio();
    const frames = seconds(12).filter(
      (tag) => isVideo(tag) || tag.timestamp < 2_000 || tag.timestamp > 8_000,
    );
    const publication = studio.publish();
    studio.play(publication, [...starting, ...frames.filter(({ timestamp }) => timestamp < 8_000)]);
    await until(() => studio.files.length === 1, "there is a file");
    await until(
      () => readFileSync(studio.files[0]!).toString("latin1").split("moof").length > 6,
      "pictures are written without sound",
    );
    studio.play(
      publication,
      frames.filter(({ timestamp }) => timestamp >= 8_000),
      studio.clock.now() - 7_800,
    );
    publication.end("client_stop");
    await studio.records.idle();
    const [content] = await contents(studio);
    const sound = content!.samples[1]!;
    const gap = sound.findIndex(({ time }) => time > 3_000);
    expect(Math.abs(sound[gap]!.time - 8_010)).toBeLessThan(12);
  });

  test("a track that turns up late begins another segment, which does not continue the first", async () => {
    using studio = new PathStudio();
    const frames = seconds(8);
    await studio.record([
      videoConfig,
      ...frames.filter((tag) => isVideo(tag) && tag.timestamp < 3_500),
      audioConfig,
      ...frames.filter(({ timestamp }) => timestamp >= 3_500),
    ]);
    const files = await contents(studio);
    expect(files.map(({ formats }) => formats)).toEqual([["avc1"], ["avc1", "mp4a"]]);
    expect(files.map(({ origin }) => origin!.number)).toEqual([0, 0]);
    expect(toHex(files[0]!.origin!.streamId)).not.toBe(toHex(files[1]!.origin!.streamId));
    expect(files.flatMap(({ samples }) => samples[0]!).length).toBe(frames.filter(isVideo).length);
  });

  test("another configuration begins another segment at the next key frame; the same one does nothing", async () => {
    using studio = new PathStudio();
    await studio.record([
      ...starting,
      ...seconds(2),
      videoConfig,
      ...seconds(2, 2_000),
      otherVideoConfig,
      ...seconds(2, 4_000),
    ]);
    const files = await contents(studio);
    expect(files.map(({ samples }) => samples[0]!.length)).toEqual([20, 10]);
    expect(files[1]!.samples[0]![0]!.isKey).toBe(true);
  });

  test("sound alone is recorded, and cut by its time", async () => {
    using studio = new PathStudio({ recordSegmentDuration: 3_000 });
    await studio.record([audioConfig, ...seconds(8).filter((tag) => !isVideo(tag))]);
    const files = await contents(studio);
    expect(files.length).toBe(3);
    expect(files.flatMap(({ samples }) => samples[0]!).length).toBe(40);
  });

  test("pictures before the first key frame are left out", async () => {
    using studio = new PathStudio();
    const publication = studio.publish();
    studio.play(publication, [...starting, tagOf.inter(0), tagOf.inter(40), ...seconds(2, 80)]);
    publication.end("client_stop");
    await studio.records.idle();
    const [content] = await contents(studio);
    expect(content!.samples[0]!.length).toBe(10);
  });

  test("a track that the form cannot hold is left out with one line", async () => {
    using studio = new PathStudio();
    const speex = (timestamp: number): FlvTag => ({
      type: tagType.audio,
      timestamp,
      payload: share(fromHex("b2 0102030405")),
    });
    const frames = seconds(3)
      .filter(isVideo)
      .flatMap((tag) => [tag, speex(tag.timestamp)]);
    await studio.record([videoConfig, ...frames]);
    const [content] = await contents(studio);
    expect(content!.formats).toEqual(["avc1"]);
    expect(studio.log.lines.filter((line) => line.includes("Speex"))).toEqual([
      "a fmp4 recording cannot hold Speex, the track is left out",
    ]);
  });

  test("a pause of a publisher is a gap between two recordings", async () => {
    using studio = new PathStudio();
    await studio.record([...starting, ...seconds(3), ...seconds(3, 23_000)]);
    const files = await contents(studio);
    expect(files.map(({ durationMs }) => durationMs < 4_000)).toEqual([true, true]);
    expect(toHex(files[0]!.origin!.streamId)).not.toBe(toHex(files[1]!.origin!.streamId));
  });

  test("media that runs away from the clock goes on as another recording, named by the clock", async () => {
    using studio = new PathStudio();
    const publication = studio.publish();
    for (const tag of [...starting, ...seconds(12)]) publishTag(publication, tag);
    publication.end("client_stop");
    await studio.records.idle();
    const files = await contents(studio);
    expect(files.map(({ origin }) => origin!.number)).toEqual([0, 0]);
    expect(files.flatMap(({ samples }) => samples[0]!).length).toBe(60);
  });
});
