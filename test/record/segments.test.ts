import { describe, expect, test } from "bun:test";
import { toHex } from "../../src/base/bytes.ts";
import { tagType } from "../../src/flv/tag.ts";
import { readVideoHeader } from "../../src/flv/video-header.ts";
import { Studio } from "./studio.ts";
import { briefOf, publishTag, second, seconds, starting, tagOf } from "./tags.ts";

describe("segments", () => {
  const pattern = "%s/%d";
  const files = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `out/live_test/${i + 1}.flv`);

  test("each begins at a key frame with what a decoder needs, and no packet is lost or altered", async () => {
    using studio = new Studio({ segmentMs: 2_000, pattern });
    const frames = seconds(7, 3_000);
    await studio.record([...starting, ...frames]);
    expect(studio.files).toEqual(files(4));
    const payloads: string[] = [];
    for (const [i, file] of files(4).entries()) {
      const tags = await studio.tags(file);
      expect(briefOf(tags.slice(0, 2))).toEqual(briefOf(starting));
      expect([tags[2]!.timestamp, readVideoHeader(tags[2]!.payload)?.role]).toEqual([0, "key"]);
      const values = await studio.metadata(file);
      expect([values.get("duration"), values.get("filesize")]).toEqual([
        i < 3 ? 1.81 : 0.81,
        (await studio.read(file)).length,
      ]);
      payloads.push(...tags.slice(2).map(({ payload }) => toHex(payload)));
    }
    expect(payloads).toEqual(frames.map(({ payload }) => toHex(payload)));
    expect(studio.recordings.filter(({ kind }) => kind === "recordingCompleted").length).toBe(4);
  });

  test("sound a little behind the key frame does not cut at every key frame", async () => {
    using studio = new Studio({ segmentMs: 2_000, pattern });
    const late = seconds(8, 100).map((tag) =>
      tag.type === tagType.audio ? { ...tag, timestamp: tag.timestamp - 60 } : tag,
    );
    await studio.record([...starting, ...late]);
    expect(studio.files).toEqual(files(4));
  });

  test("a segment lasts until a key frame comes", async () => {
    using studio = new Studio({ segmentMs: 2_000, pattern });
    const frames = seconds(6).map((tag) =>
      readVideoHeader(tag.payload)?.role === "key" && tag.timestamp % 3_000 !== 0
        ? tagOf.inter(tag.timestamp)
        : tag,
    );
    await studio.record([...starting, ...frames]);
    const durations = await Promise.all(
      files(2).map(async (file) => (await studio.metadata(file)).get("duration")),
    );
    expect([studio.files, durations]).toEqual([files(2), [2.81, 2.81]]);
  });

  test("sound alone is cut at any frame", async () => {
    using studio = new Studio({ segmentMs: 1_000, pattern });
    const frames = Array.from({ length: 30 }, (_, i) =>
      tagOf.audio(i * 100, i.toString(16).padStart(2, "0")),
    );
    await studio.record([tagOf.audioConfig(), ...frames]);
    expect(studio.files).toEqual(files(3));
    for (const file of files(3)) {
      const tags = await studio.tags(file);
      expect(tags.map(({ timestamp }) => timestamp)).toEqual([
        0,
        ...Array.from({ length: 10 }, (_, i) => i * 100),
      ]);
      expect(toHex(tags[0]!.payload)).toBe("af001210");
    }
  });

  test("where the picture stops the sound is cut, and the picture returns with a key frame", async () => {
    using studio = new Studio({ segmentMs: 2_000, pattern });
    const sound = Array.from({ length: 120 }, (_, i) => tagOf.audio(1_000 + i * 100));
    await studio.record([...starting, ...seconds(1), ...sound, tagOf.inter(13_000), ...second(13_100)]);
    expect(studio.files.length).toBe(3);
    const last = await studio.tags(files(3)[2]!);
    const pictures = last
      .filter(({ type }) => type === tagType.video)
      .map(({ payload }) => readVideoHeader(payload)?.role);
    expect(pictures).toEqual(["config", "key", "frame", "frame", "frame", "frame"]);
  });

  test("numbers begin with 1 for each publish and names carry the time of their opening", async () => {
    using studio = new Studio({ segmentMs: 2_000, pattern: "%s_%T_seg%03d" });
    for (let run = 0; run < 2; run++) {
      const publication = studio.publish();
      for (const tag of [...starting, ...seconds(4)]) {
        publishTag(publication, tag);
        if (readVideoHeader(tag.payload)?.role === "key") studio.clock.advance(1_000);
      }
      publication.end("client_stop");
      await studio.output.idle();
    }
    expect(studio.files).toEqual([
      "out/live_test_20251011_143052_seg001.flv",
      "out/live_test_20251011_143054_seg002.flv",
      "out/live_test_20251011_143056_seg001.flv",
      "out/live_test_20251011_143058_seg002.flv",
    ]);
  });

  test("a pattern without a number overwrites nothing", async () => {
    using studio = new Studio({ segmentMs: 1_000, pattern: "same" });
    await studio.record([...starting, ...seconds(3)]);
    expect(studio.files).toEqual(["out/same.flv", "out/same_2.flv", "out/same_3.flv"]);
  });
});
