import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { RefusedError } from "../../src/base/errors.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { Archive } from "../archive/archive.ts";
import { Viewer } from "../stream/house.ts";
import { until } from "./studio.ts";
import { briefOf, publishTag, readTags, seconds, starting } from "./tags.ts";

describe("a path that is recorded", () => {
  test("goes by its template, segment by segment, with every frame", async () => {
    using archive = new Archive();
    archive.set({ "live/cam": { recordSegmentDuration: 2_000 } });
    const publication = archive.publish("live/cam");
    const frames = seconds(4);
    for (const tag of [...starting, ...frames]) {
      publishTag(publication, tag);
      archive.house.clock.advance(1);
    }
    publication.end("client_stop");
    await archive.records.idle();
    const files = archive.told("recordingCompleted").toSorted();
    expect(files.length).toBe(2);
    for (const file of files)
      expect(file).toMatch(/^live\/cam\/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{3}000\.flv$/);
    const payloads = await Promise.all(
      files.map(async (file) => {
        const { tags } = readTags(await Bun.file(archive.at(file)).bytes());
        return tags
          .filter((_, index) => index > 2)
          .map(({ payload }) => Buffer.from(payload).toString("hex"));
      }),
    );
    expect(payloads.flat()).toEqual(frames.map(({ payload }) => Buffer.from(payload).toString("hex")));
  });

  test("that begins twice in one moment gets two names, and both are read back", async () => {
    using archive = new Archive();
    for (const template of ["%path/%s", "%path/%Y-%m-%d_%H-%M-%S-%f"]) {
      archive.set({ all_others: { recordPath: archive.at(template) } });
      for (let time = 0; time < 3; time++) {
        const publication = archive.publish(`cam${template.length}`);
        for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
        publication.end("client_stop");
        await archive.records.idle();
      }
      const { segments } = await archive.recordings.get(`cam${template.length}`);
      expect(new Set(segments.map(({ start }) => start)).size).toBe(3);
    }
    expect(archive.told("recordingFailed")).toEqual([]);
  });
});

describe("while a stream goes on", () => {
  const begin = (archive: Archive) => {
    const publication = archive.publish("cam");
    const viewer = new Viewer();
    archive.house.registry.subscribe(parseStreamPath("cam"), viewer);
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    return { publication, viewer };
  };

  test("record: yes and no begin and end a recording, and nobody else notices", async () => {
    using archive = new Archive();
    archive.set({ cam: { record: false } });
    const { publication, viewer } = begin(archive);
    expect(archive.records.isRecording("cam")).toBe(false);
    archive.set({ cam: {} });
    expect(archive.records.isRecording("cam")).toBe(true);
    for (const tag of seconds(1, 1_000)) publishTag(publication, tag);
    archive.set({ cam: { record: false } });
    await archive.records.idle();
    expect(archive.records.isRecording("cam")).toBe(false);
    const [file = ""] = archive.told("recordingCompleted");
    const { tags } = readTags(await Bun.file(archive.at(file)).bytes());
    // It begins with the last key frame, which is in the cache, as for any reader that comes late.
    expect(briefOf(tags.slice(1, 3))).toEqual(briefOf(starting));
    expect(tags.length).toBe(1 + 2 + 20);
    expect(viewer.log.filter((call) => call !== "deliver")).toEqual(["start"]);
    expect(archive.house.kinds().filter((kind) => kind.startsWith("publishStopped"))).toEqual([]);
  });

  test("another template or length begins another file, and any other change does not", async () => {
    using archive = new Archive();
    archive.set({ cam: {} });
    const { publication } = begin(archive);
    archive.set({ cam: {}, other: {} });
    expect(archive.told("recordingCompleted")).toEqual([]);
    archive.set({ cam: { recordPath: archive.at("elsewhere/%path/%s") } });
    for (const tag of seconds(1, 1_000)) publishTag(publication, tag);
    publication.end("client_stop");
    await archive.records.idle();
    const files = archive.told("recordingCompleted");
    expect(files.map((file) => file.startsWith("elsewhere/cam/")).toSorted()).toEqual([false, true]);
  });

  test("an operator begins and ends a recording, whatever is configured, until that changes", async () => {
    using archive = new Archive();
    archive.set({ cam: { record: false } });
    const { publication } = begin(archive);
    archive.records.startRecording("cam");
    archive.records.startRecording("cam");
    archive.set({ cam: { record: false }, other: {} });
    expect(archive.records.isRecording("cam")).toBe(true);
    archive.records.stopRecording("cam");
    archive.records.stopRecording("cam");
    expect(archive.records.isRecording("cam")).toBe(false);
    archive.set({ cam: {} });
    expect(archive.records.isRecording("cam")).toBe(true);
    archive.records.stopRecording("cam");
    publication.end("client_stop");
    begin(archive);
    expect(archive.records.isRecording("cam")).toBe(true);
    await archive.records.close();
    expect(archive.records.isRecording("cam")).toBe(false);
    const files = archive.told("recordingCompleted");
    expect(files.length).toBe(3);
    for (const file of files) expect(existsSync(archive.at(file))).toBe(true);
  });

  test("what is not published is refused", () => {
    using archive = new Archive();
    archive.set({ cam: { record: false } });
    expect(() => archive.records.startRecording("cam")).toThrow(RefusedError);
    expect(() => archive.records.stopRecording("cam")).toThrow("is not published");
  });

  test("a recording that failed can be begun again", async () => {
    using archive = new Archive();
    await Bun.write(archive.at("file"), "x");
    archive.set({ cam: { recordPath: archive.at("file/%path/%s") } });
    begin(archive);
    await until(() => archive.told("recordingFailed").length === 1, "it fails");
    expect(archive.records.isRecording("cam")).toBe(false);
    await Bun.file(archive.at("file")).delete();
    archive.records.startRecording("cam");
    expect(archive.records.isRecording("cam")).toBe(true);
    await archive.records.close();
    expect(archive.told("recordingCompleted").length).toBe(1);
  });
});
