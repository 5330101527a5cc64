import { describe, expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { RecordingObject } from "../../src/http/api/objects.ts";
import { TempDirectory } from "./harness/directory.ts";
import { complaints, FfmpegPlayer, probe, publish } from "./harness/ffmpeg.ts";
import { clip, shortClip } from "./harness/media.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { ControlApi, eventually } from "./harness/pages.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg");

const whole = { firstVideo: 0, firstAudio: 0, faults: [] };

/** A server whose paths below `live/` can be recorded into a directory. */
class Studio implements AsyncDisposable {
  readonly server: Server;
  readonly api: ControlApi;
  readonly #directory: TempDirectory;

  private constructor(server: Server, api: ControlApi, directory: TempDirectory) {
    this.server = server;
    this.api = api;
    this.#directory = directory;
  }

  /** `conf` are keys of the path. */
  static async open(conf = ""): Promise<Studio> {
    const directory = new TempDirectory();
    const file = directory.file("rtmp-server.yml");
    await Bun.write(
      file,
      `apiAddress: 127.0.0.1:0
paths:
  ~^live/:
    recordFormat: flv
    recordPath: ${directory.path}/rec/%path/%Y-%m-%d_%H-%M-%S-%f
    ${conf}
`,
    );
    const server = await Server.start({ flags: ["--config", file, "--api"] });
    return new Studio(server, await ControlApi.of(server), directory);
  }

  folder(path: string): string {
    return join(this.#directory.path, "rec", path);
  }

  /** Files of a path, the oldest first. */
  files(path: string): string[] {
    const folder = this.folder(path);
    return existsSync(folder)
      ? readdirSync(folder)
          .toSorted()
          .map((name) => join(folder, name))
      : [];
  }

  recording(path: string): Promise<RecordingObject> {
    return this.api.must("GET", `recordings/get/${path}`);
  }

  closed(nth = 1) {
    return this.server.line({ msg: "recorder closed" }, { nth });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.server[Symbol.asyncDispose]();
    } finally {
      this.#directory[Symbol.dispose]();
    }
  }
}

describe("a path with record: yes", () => {
  test("is recorded whole, under the name of its template, and listed by the API", async () => {
    const source = await shortClip();
    await using studio = await Studio.open("record: yes");
    await using publisher = publish(source, studio.server.url("live/a/b"));
    await publisher.success();
    await studio.closed();
    const [file = "", ...more] = studio.files("live/a/b");
    expect(more).toEqual([]);
    expect(file).toMatch(/rec\/live\/a\/b\/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{6}\.flv$/);
    expect(compare(await packetsOf(file), await packetsOf(source))).toEqual(whole);
    expect((await probe(file)).codecs).toEqual(["aac", "h264"]);
    expect(await complaints(file, { ownTimes: true })).toBe("");
    const list = await studio.api.must<{ items: RecordingObject[] }>("GET", "recordings/list");
    expect(list).toMatchObject({ itemCount: 1, pageCount: 1, items: [{ name: "live/a/b" }] });
    expect(await studio.recording("live/a/b")).toEqual(list.items[0] as RecordingObject);
    const { start = "" } = list.items[0]?.segments[0] ?? {};
    expect(Math.abs(Date.parse(start) - Date.now())).toBeLessThan(10_000);
  });

  test("is cut into segments that hold every frame once; one that is deleted is gone, from list and disk", async () => {
    const source = await clip();
    await using studio = await Studio.open("record: yes\n    recordSegmentDuration: 2s");
    await using publisher = publish(source, studio.server.url("live/seg"));
    await studio.server.line({ msg: "recorder initialized" }, { nth: 2 });
    {
      // What is being written is not deleted.
      const { segments } = await studio.recording("live/seg");
      const last = encodeURIComponent(segments.at(-1)?.start ?? "");
      const busy = await studio.api.ask("DELETE", `recordings/deletesegment?path=live/seg&start=${last}`);
      expect(busy).toMatchObject({ status: 409, body: { status: "error" } });
    }
    await publisher.success();
    const files = studio.files("live/seg");
    await studio.closed(files.length);
    expect(files.length).toBe(4);
    const packets = (await Promise.all(files.map((file) => packetsOf(file)))).flat();
    const bodies = (all: typeof packets, flow: number): string[] =>
      all.filter((packet) => packet.flow === flow).map(({ body }) => body);
    const expected = await packetsOf(source);
    for (const flow of [0, 1]) expect(bodies(packets, flow)).toEqual(bodies(expected, flow));

    const { segments } = await studio.recording("live/seg");
    expect(segments.length).toBe(4);
    const second = segments[1]?.start ?? "";
    await studio.api.must(
      "DELETE",
      `recordings/deletesegment?path=live/seg&start=${encodeURIComponent(second)}`,
    );
    expect(studio.files("live/seg")).toEqual(files.filter((_, index) => index !== 1));
    expect((await studio.recording("live/seg")).segments).toEqual(segments.filter((_, index) => index !== 1));
    for (const query of [
      `path=live/seg&start=${encodeURIComponent(second)}`,
      "path=live/seg&start=yesterday",
      "path=../etc&start=2026-01-01T00:00:00Z",
      "start=2026-01-01T00:00:00Z",
    ])
      expect((await studio.api.ask("DELETE", `recordings/deletesegment?${query}`)).status).toBe(400);
  });
});

describe("the recording of a live stream", () => {
  test("begins and ends with the API and with the configuration; its publisher and its readers do not notice", async () => {
    const source = await clip();
    await using studio = await Studio.open();
    const { server, api } = studio;
    const url = server.url("live/on");
    expect(await api.ask("POST", "paths/record/start/live/on")).toMatchObject({ status: 404 });
    await using player = new FfmpegPlayer(url);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(source, url);
    await server.line({ msg: "stream available", stream_key: "live/on" });
    expect(studio.files("live/on")).toEqual([]);

    await api.must("POST", "paths/record/start/live/on");
    await api.must("POST", "paths/record/start/live/on");
    await server.line({ msg: "recorder initialized" });
    await Bun.sleep(1_000);
    await api.must("POST", "paths/record/stop/live/on");
    await studio.closed(1);

    const conf = "config/paths/patch/~%5Elive%2F";
    await api.must("PATCH", conf, { record: true });
    await server.line({ msg: "recorder initialized" }, { nth: 2 });
    await Bun.sleep(1_000);
    // Another directory: it goes on in another file.
    const recordPath = `${studio.folder("moved")}/%path/%s-%f`;
    await api.must("PATCH", conf, { recordPath });
    await studio.closed(2);
    await server.line({ msg: "recorder initialized" }, { nth: 3 });
    // What does not concern it leaves it alone.
    await api.must("PATCH", conf, { maxReaders: 50 });
    await Bun.sleep(1_000);
    await api.must("PATCH", conf, { record: false });
    await studio.closed(3);
    await publisher.success();
    expect(server.matching({ msg: "recorder initialized" }).length).toBe(3);

    const expected = await packetsOf(source);
    expect(compare(await player.packets(), expected)).toEqual(whole);
    const files = [...studio.files("live/on"), ...studio.files("moved/live/on")];
    expect(files.length).toBe(3);
    for (const file of files) {
      expect(compare(await packetsOf(file), expected, { mayEndEarly: true }).faults).toEqual([]);
      expect(await complaints(file, { ownTimes: true })).toBe("");
    }
    // It is looked for where recordings go now.
    expect((await studio.recording("live/on")).segments.length).toBe(1);
  });

  test("that an operator stopped begins again with the next publish, where the configuration says so", async () => {
    const source = await shortClip();
    await using studio = await Studio.open("record: yes");
    const { server, api } = studio;
    {
      await using publisher = publish(source, server.url("live/again"));
      await server.line({ msg: "recorder initialized" });
      await api.must("POST", "paths/record/stop/live/again");
      await studio.closed(1);
      await publisher.success();
    }
    await using publisher = publish(source, server.url("live/again"));
    await publisher.success();
    await studio.closed(2);
    expect(studio.files("live/again").length).toBe(2);
  });

  test("runs the commands of its segments, with file and length", async () => {
    const directory = new TempDirectory();
    using _directory = directory;
    const out = directory.file("out");
    const line = (word: string): string =>
      `sh -c 'echo ${word} $MTX_PATH "$MTX_SEGMENT_PATH" $MTX_SEGMENT_DURATION >> ${out}'`;
    await using studio = await Studio.open(
      `record: yes
    runOnRecordSegmentCreate: ${line("create")}
    runOnRecordSegmentComplete: ${line("complete")}`,
    );
    await using publisher = publish(await shortClip(), studio.server.url("live/cmd"));
    await publisher.success();
    await studio.closed();
    await studio.server.line({ msg: "runOnRecordSegmentComplete command launched" });
    const [file = ""] = studio.files("live/cmd");
    const text = await eventually(
      async () => {
        const written = existsSync(out) ? await Bun.file(out).text() : "";
        return written.includes("complete") ? written : undefined;
      },
      { what: "both commands" },
    );
    expect(text).toMatch(
      new RegExp(`^create live/cmd ${file}\\ncomplete live/cmd ${file} (?:2\\.9\\d*|3|3\\.0\\d*)\\n$`),
    );
  });
});
