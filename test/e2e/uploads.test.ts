import { describe, expect } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { codeOf } from "../../src/base/errors.ts";
import type { RecordingObject } from "../../src/http/api/objects.ts";
import { TempDirectory } from "./harness/directory.ts";
import { complaints, probe, publish } from "./harness/ffmpeg.ts";
import { leaks } from "./harness/leaks.ts";
import { clip, clipSeconds, shortClip } from "./harness/media.ts";
import { ControlApi } from "./harness/pages.ts";
import { S3Server } from "./harness/s3-server.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("ffmpeg", "ffprobe", "node");

/** Half a GOP: what segments may lose at a kill, and where timespans may begin. */
const slackS = 1.2;

interface Entry {
  readonly start: string;
  readonly duration: number;
  readonly url: string;
}

/** A server that moves its recordings to a store, and may be started again. */
class Depot implements AsyncDisposable {
  readonly store: S3Server;
  readonly #directory = new TempDirectory();
  readonly #env: Readonly<Record<string, string>>;
  #server: Server | undefined;

  private constructor(store: S3Server, env: Readonly<Record<string, string>>) {
    this.store = store;
    this.#env = env;
  }

  static async open({ env = {} }: { env?: Readonly<Record<string, string>> } = {}): Promise<Depot> {
    const store = await S3Server.open();
    const depot = new Depot(store, { ...store.env, ...env });
    await depot.start();
    return depot;
  }

  async start(): Promise<Server> {
    const file = this.#directory.file("rtmp-server.yml");
    await Bun.write(
      file,
      `api: yes
apiAddress: 127.0.0.1:0
metrics: yes
metricsAddress: 127.0.0.1:0
playback: yes
playbackAddress: 127.0.0.1:0
paths:
  ~^live/:
    record: yes
    recordSegmentDuration: 2s
    recordPath: ${this.#directory.path}/rec/%path/%Y-%m-%d_%H-%M-%S-%f
    recordUpload: s3://${this.store.bucket}/archive
    recordDeleteAfter: 0s
`,
    );
    const flags = ["--config", file, "--api", "--metrics", "--playback"];
    this.#server = await Server.start({ flags, env: this.#env });
    return this.#server;
  }

  get server(): Server {
    if (!this.#server) throw new Error("no server was started");
    return this.#server;
  }

  /** Recordings on the disk, by their names below the record directory. */
  get files(): string[] {
    const folder = join(this.#directory.path, "rec");
    for (;;)
      try {
        return existsSync(folder) ? [...new Glob("**/*.mp4").scanSync(folder)].toSorted() : [];
      } catch (error) {
        // Folders that become empty go while they are looked into.
        if (codeOf(error) !== "ENOENT") throw error;
      }
  }

  /** What was uploaded, by the same names. */
  get objects(): string[] {
    return this.store.keys.map((key) => key.substring("archive/".length));
  }

  /** Deletes the index of a server that is stopped. */
  forget(): void {
    rmSync(join(this.#directory.path, "rec/.rtmp-server-index.db"));
  }

  async list(path: string): Promise<Entry[]> {
    const url = await this.server.pages("playback of recordings");
    const response = await fetch(`${url}/list?path=${path}`);
    return response.status === 200 ? ((await response.json()) as Entry[]) : [];
  }

  /** Plays a timespan into a file. */
  async play({ url }: Entry, format: string): Promise<string> {
    const response = await fetch(`${url}&format=${format}`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    const file = this.#directory.file(`${Bun.randomUUIDv7()}.mp4`);
    await Bun.write(file, await response.bytes());
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _store = this.store;
    using _directory = this.#directory;
    await this.#server?.[Symbol.asyncDispose]();
  }
}

const seconds = (entries: readonly Entry[]): number =>
  entries.reduce((sum, { duration }) => sum + duration, 0);

describe("recordings with recordUpload", () => {
  test("move to the store segment by segment, are listed and played from there, and are deleted there", async () => {
    await using depot = await Depot.open();
    await using publisher = publish(await clip(), depot.server.url("live/cam"));
    await publisher.success();
    const segments = Math.floor(clipSeconds / 2);
    await until(
      () => depot.objects.length,
      (count) => count === segments,
    );
    await until(
      () => depot.files.length,
      (count) => count === 0,
    );
    expect(depot.objects.every((name) => /^live\/cam\/[\d_-]+\.mp4$/.test(name))).toBe(true);
    const entries = await depot.list("live/cam");
    expect(entries.length).toBe(1);
    expect(Math.abs(seconds(entries) - clipSeconds)).toBeLessThan(0.2);
    for (const format of ["fmp4", "mp4"]) {
      const file = await depot.play(entries[0]!, format);
      const { codecs, durationMs } = await probe(file);
      expect(codecs).toEqual(["aac", "h264"]);
      expect(Math.abs(durationMs / 1_000 - clipSeconds)).toBeLessThan(0.2);
      expect(await complaints(file, { ownTimes: true })).toBe("");
    }
    const api = await ControlApi.of(depot.server);
    const recording = await api.must<RecordingObject>("GET", "recordings/get/live/cam");
    expect(recording.segments.length).toBe(segments);
    const start = encodeURIComponent(recording.segments[0]?.start ?? "");
    await api.must("DELETE", `recordings/deletesegment?path=live/cam&start=${start}`);
    expect(depot.objects.length).toBe(segments - 1);
    expect((await depot.list("live/cam")).length).toBe(1);
    // Another process that knows nothing finds them.
    await depot.server[Symbol.asyncDispose]();
    depot.forget();
    await depot.start();
    await until(
      () => depot.list("live/cam"),
      (found) => Math.abs(seconds(found) - (clipSeconds - 2)) < 0.2,
    );
  });

  test("wait for a store that is down, survive a kill, and lose nothing", async () => {
    await using depot = await Depot.open();
    const source = await clip();
    await depot.store.stop();
    {
      await using first = publish(source, depot.server.url("live/a"));
      await depot.server.line({ msg: "recorder closed", stream_key: "live/a" });
      await using second = publish(source, depot.server.url("live/b"));
      await first.success();
      await depot.server.line({ msg: "recorder closed", stream_key: "live/a" }, { nth: clipSeconds / 2 });
      await depot.server.line({ msg: "recording could not be uploaded, it is tried again" });
      expect(depot.objects).toEqual([]);
      // Played from here meanwhile.
      expect(Math.abs(seconds(await depot.list("live/a")) - clipSeconds)).toBeLessThan(0.2);
      depot.server.kill("SIGKILL");
      await depot.server.exit();
      await second.exit();
    }
    const left = depot.files.length;
    expect(left).toBeGreaterThan(clipSeconds / 2);
    await depot.store.start();
    await depot.start();
    await until(
      () => depot.objects.length,
      (count) => count === left,
      30_000,
    );
    await until(
      () => depot.files,
      (files) => files.length === 0,
    );
    expect(Math.abs(seconds(await depot.list("live/a")) - clipSeconds)).toBeLessThan(0.2);
    const [entry] = await depot.list("live/b");
    expect(entry?.duration).toBeGreaterThan(2 - slackS);
    expect(await complaints(await depot.play(entry!, "mp4"), { ownTimes: true })).toBe("");
  });

  test("say what is wrong with the store, and nothing of its secrets", async () => {
    const secrets = ["sesame-store-key", "sesame-store-secret"];
    const [S3_ACCESS_KEY_ID = "", S3_SECRET_ACCESS_KEY = ""] = secrets;
    await using depot = await Depot.open({ env: { S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } });
    await using publisher = publish(await shortClip(), depot.server.url("live/cam"));
    await publisher.success();
    const { error } = await depot.server.line({ msg: "recording could not be uploaded, it is tried again" });
    expect(error).toBe("the store cannot be used: InvalidAccessKeyId");
    expect(await leaks(depot.server, { secrets })).toEqual([]);
    expect(depot.objects).toEqual([]);
  });
});
