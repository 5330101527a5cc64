import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { RefusedError } from "../../src/base/errors.ts";
import { formatStart } from "../../src/record/segment-time.ts";
import { until } from "../record/studio.ts";
import { publishTag, seconds, starting } from "../record/tags.ts";
import { Archive } from "./archive.ts";

const write = async (archive: Archive, ...names: string[]): Promise<void> => {
  for (const name of names) {
    mkdirSync(dirname(archive.at(name)), { recursive: true });
    await Bun.write(archive.at(name), name);
  }
};

const startOf = (second: number): string =>
  formatStart(new Date(2025, 9, 11, 14, 30, second).getTime() * 1_000);

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof RefusedError ? error.code : String(error);
};

describe("recordings", () => {
  test("are the files that look like it, of every path that has some, the oldest first", async () => {
    using archive = new Archive();
    archive.set({ all_others: {}, plain: { recordPath: archive.at("flat/%path_%Y%m%d%H%M%S") } });
    await write(
      archive,
      "live/b/2025-10-11_14-30-09-000000.flv",
      "live/b/2025-10-11_14-30-05-000000.mp4",
      "live/b/2025-10-11_14-30-07-000000.ts",
      "live/b/notes.txt",
      "live/b/2025-10-11_14-30-05.flv",
      "live/a/deep/er/2025-10-11_14-30-01-000000.flv",
      "flat/plain_20251011143002.flv",
      "flat/other_20251011143002.flv",
      "live/2025-10-11_14-30-01-000000.txt",
    );
    const expected = [
      { name: "live/a/deep/er", segments: [{ start: startOf(1) }] },
      { name: "live/b", segments: [{ start: startOf(5) }, { start: startOf(7) }, { start: startOf(9) }] },
      { name: "plain", segments: [{ start: startOf(2) }] },
    ];
    expect(await archive.recordings.names()).toEqual(expected.map(({ name }) => name));
    for (const each of expected) {
      const { name, segments } = each;
      expect(await archive.recordings.get(name)).toEqual(each);
      const [first, last] = [segments.at(0)!.start, segments.at(-1)!.start];
      expect(await archive.recordings.overview(name)).toEqual({
        name,
        segments: segments.length,
        first,
        last,
      });
    }
    const none = { name: "live/none", segments: 0, first: null, last: null };
    expect(await archive.recordings.overview("live/none")).toEqual(none);
    expect(await archive.recordings.get("live")).toEqual({ name: "live", segments: [] });
  });

  test("of a folder that is not there are none", async () => {
    using archive = new Archive();
    archive.set({ all_others: { recordPath: archive.at("nowhere/%path/%s") } });
    expect(await archive.recordings.names()).toEqual([]);
    expect((await archive.recordings.get("cam")).segments).toEqual([]);
  });

  test("are asked for by a name that is configured", async () => {
    using archive = new Archive();
    archive.set({ cam: {} });
    expect(await codeOf(archive.recordings.get("other"))).toBe("PATH_NOT_CONFIGURED");
    archive.set({ all_others: {} });
    for (const name of ["", "..", "../x", "a/../../b", "/a", "a/", "a//b", "a\0"])
      expect(await codeOf(archive.recordings.get(name)), name).toBe("BAD_STREAM_NAME");
  });

  test("are not looked for through links, nor above the folder", async () => {
    using archive = new Archive();
    await write(
      archive,
      "outside/cam/2025-10-11_14-30-05-000000.flv",
      "r/real/2025-10-11_14-30-05-000000.flv",
    );
    symlinkSync(archive.at("outside"), archive.at("r/link"));
    symlinkSync(archive.at("outside/cam"), archive.at("r/cam"));
    symlinkSync(
      archive.at("outside/cam/2025-10-11_14-30-05-000000.flv"),
      archive.at("r/real/2025-10-11_14-30-06-000000.flv"),
    );
    archive.set({ all_others: { recordPath: archive.at("r/%path/%Y-%m-%d_%H-%M-%S-%f") } });
    expect(await archive.recordings.names()).toEqual(["real"]);
    for (const name of ["link/cam", "cam"]) {
      expect((await archive.recordings.get(name)).segments).toEqual([]);
      expect(await codeOf(archive.recordings.deleteSegment(name, startOf(5)))).toBe("SEGMENT_NOT_FOUND");
    }
    expect((await archive.recordings.get("real")).segments.length).toBe(1);
    archive.set({
      all_others: { recordPath: `${archive.at("r")}/%path/../../outside/cam/%Y-%m-%d_%H-%M-%S-%f` },
    });
    expect((await archive.recordings.get("real")).segments).toEqual([]);
    expect(readdirSync(archive.at("outside/cam")).length).toBe(1);
  });

  test("beyond a bound are not listed, and it is said", async () => {
    using archive = new Archive({ maxEntries: 3 });
    archive.set({ all_others: {} });
    for (const cam of ["a", "b", "c"]) await write(archive, `${cam}/2025-10-11_14-30-05-000000.flv`);
    expect(await archive.recordings.names()).toEqual([]);
    expect(archive.warnings[0]).toStartWith("too many files, some recordings are not listed");
  });
});

describe("a segment", () => {
  test("is deleted by its start, as it was listed or in another zone", async () => {
    using archive = new Archive();
    archive.set({ all_others: {} });
    const files = ["a/2025-10-11_14-30-05-000000.flv", "a/2025-10-11_14-30-06-500000.mp4"];
    await write(archive, ...files);
    const { segments } = await archive.recordings.get("a");
    await archive.recordings.deleteSegment("a", segments[1]!.start);
    expect(files.map((file) => existsSync(archive.at(file)))).toEqual([true, false]);
    await archive.recordings.deleteSegment("a", new Date(segments[0]!.start).toISOString());
    expect(readdirSync(archive.at("a"))).toEqual([]);
    expect(await codeOf(archive.recordings.deleteSegment("a", startOf(5)))).toBe("SEGMENT_NOT_FOUND");
    expect(await codeOf(archive.recordings.deleteSegment("a", "yesterday"))).toBe("BAD_TIME");
    expect(await codeOf(archive.recordings.deleteSegment("../a", startOf(5)))).toBe("BAD_STREAM_NAME");
  });

  test("is not deleted while it is being written", async () => {
    using archive = new Archive();
    archive.set({ all_others: {} });
    const publication = archive.publish("cam");
    for (const tag of [...starting, ...seconds(1)]) publishTag(publication, tag);
    await until(() => archive.told("recordingStarted").length === 1, "it is there");
    const { segments } = await archive.recordings.get("cam");
    const [{ start } = { start: "" }] = segments;
    expect(await codeOf(archive.recordings.deleteSegment("cam", start))).toBe("SEGMENT_BUSY");
    publication.end("client_stop");
    await archive.records.idle();
    await archive.recordings.deleteSegment("cam", start);
    expect((await archive.recordings.get("cam")).segments).toEqual([]);
  });
});
