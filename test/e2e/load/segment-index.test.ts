import { describe, expect } from "bun:test";
import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TempDirectory } from "../harness/directory.ts";
import { publish } from "../harness/ffmpeg.ts";
import { shortClip } from "../harness/media.ts";
import { ControlApi } from "../harness/pages.ts";
import { Server } from "../harness/server.ts";
import { needsTools } from "../harness/tools.ts";
import { until } from "../harness/until.ts";

const test = needsTools("ffmpeg");

/** Segments in all: RTMP_TEST_SEGMENTS=100000 takes a minute, and holds answers to their 50 ms. */
const many = Number(process.env.RTMP_TEST_SEGMENTS ?? 4_000);

/** Answers take no longer, in milliseconds; with few segments the machine decides. */
const boundMs = many >= 100_000 ? 50 : 2_000;

const timeoutMs = 600_000;

/** A server with a record directory that outlives it. */
class Archive implements Disposable {
  readonly #directory = new TempDirectory();
  readonly #conf = this.#directory.file("rtmp-server.yml");

  #names = 0;

  get folder(): string {
    return join(this.#directory.path, "rec");
  }

  /** Where the index lies. */
  get index(): string {
    return join(this.folder, ".rtmp-server-index.db");
  }

  async start(): Promise<Server> {
    await Bun.write(
      this.#conf,
      `apiAddress: 127.0.0.1:0
playback: yes
playbackAddress: 127.0.0.1:0
paths:
  all_others:
    record: yes
    recordFormat: flv
    recordPath: ${this.folder}/%path/%s-%f
    recordDeleteAfter: 0s
`,
    );
    return await Server.start({
      flags: ["--config", this.#conf, "--api", "--playback"],
      longestMs: timeoutMs,
    });
  }

  /** Names of a path's files, in order. */
  files(path: string): string[] {
    return readdirSync(join(this.folder, path)).toSorted();
  }

  /** Puts so many copies of a recording of `lengthMs` behind each other. */
  fill(path: string, count: number, copy: { of: string; lengthMs: number }): void {
    mkdirSync(join(this.folder, path), { recursive: true });
    for (let index = 0; index < count; index++)
      this.put(path, 1_700_000_000_000 + index * copy.lengthMs, copy.of);
  }

  /** A file has some ten thousand names at most. */
  put(path: string, atMs: number, of: string): void {
    const original = `${of}.${Math.floor(this.#names / 10_000)}`;
    if (this.#names++ % 10_000 === 0) copyFileSync(of, original);
    const us = String(Math.floor((atMs % 1_000) * 1_000)).padStart(6, "0");
    linkSync(original, join(this.folder, path, `${Math.floor(atMs / 1_000)}-${us}.flv`));
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}

interface Entry {
  readonly start: string;
  readonly duration: number;
}

/** What `/list` gives, and how long that takes at best of three: others use the machine, too. */
const timed = async (url: string, path: string): Promise<{ entries: Entry[]; ms: number }> => {
  let best = Number.POSITIVE_INFINITY;
  let entries: Entry[] = [];
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    const response = await fetch(`${url}/list?path=${path}`);
    const text = await response.text();
    best = Math.min(best, performance.now() - start);
    entries = response.status === 200 ? JSON.parse(text) : [];
  }
  return { entries, ms: best };
};

/** The first answer alone: nothing is warm. */
const first = async (url: string, path: string): Promise<{ entries: Entry[]; ms: number }> => {
  const start = performance.now();
  const response = await fetch(`${url}/list?path=${path}`);
  const text = await response.text();
  return { ms: performance.now() - start, entries: response.status === 200 ? JSON.parse(text) : [] };
};

const recordOne = async (archive: Archive): Promise<{ of: string; lengthMs: number }> => {
  await using server = await archive.start();
  await using publisher = publish(await shortClip(), server.url("model"));
  await publisher.success();
  const { duration_sec } = await server.line({ msg: "recorder closed" });
  const [name = ""] = archive.files("model");
  return { of: join(archive.folder, "model", name), lengthMs: Math.round(Number(duration_sec) * 1_000) };
};

describe("an index of recordings", () => {
  test(
    `answers at once for ${many} segments, after a start and after changes by others too`,
    async () => {
      using archive = new Archive();
      const model = await recordOne(archive);
      archive.fill("big", many / 2, model);
      for (let path = 0; path < 1_000; path++) archive.fill(`many/${path}`, many / 2 / 1_000, model);
      const expected = {
        big: (many / 2) * (model.lengthMs / 1_000),
        one: (many / 2_000) * (model.lengthMs / 1_000),
      };
      const report: Record<string, number> = {};
      {
        await using server = await archive.start();
        const url = await server.pages("playback of recordings");
        const begun = await first(url, "big");
        report.madeAnew = begun.ms;
        expect(begun.entries.length).toBe(1);
        expect(Math.abs(begun.entries[0]!.duration - expected.big)).toBeLessThan(1);
        const api = await ControlApi.of(server);
        const list = await api.must<{ itemCount: number }>("GET", "recordings/list?itemsPerPage=1");
        expect(list.itemCount).toBe(1_002);
        const [big, one] = [await timed(url, "big"), await timed(url, "many/500")];
        expect(Math.abs(one.entries[0]!.duration - expected.one)).toBeLessThan(1);
        Object.assign(report, { big: big.ms, one: one.ms });
        // Once all of it was looked through, a start needs no look into any file.
        await until(
          () => timed(url, "many/999"),
          ({ entries }) => entries.length === 1,
          120_000,
        );
        await server.line({ msg: "recordings were looked through" }, { withinMs: 300_000 });
      }
      {
        await using server = await archive.start();
        const url = await server.pages("playback of recordings");
        const [big, one] = [await first(url, "big"), await first(url, "many/501")];
        Object.assign(report, { bigAtStart: big.ms, oneAtStart: one.ms });
        expect([big.entries.length, one.entries.length]).toEqual([1, 1]);
        expect(Math.abs(big.entries[0]!.duration - expected.big)).toBeLessThan(1);
        const [name = ""] = archive.files("big");
        const added = 1_700_000_000_000 + (many / 2 + 10) * model.lengthMs;
        archive.put("big", added, model.of);
        const afterAdded = await first(url, "big");
        report.bigAfterAdded = afterAdded.ms;
        const both = await until(
          () => timed(url, "big"),
          ({ entries }) => entries.length === 2,
        );
        report.bigWithAdded = both.ms;
        rmSync(join(archive.folder, "big", name));
        report.bigAfterRemoved = (await first(url, "big")).ms;
        await until(
          () => timed(url, "big"),
          ({ entries }) => Date.parse(entries[0]?.start ?? "") > 1_700_000_000_000,
        );
      }
      console.info(
        `/list of ${many} segments, in ms: ${JSON.stringify(report, (_, value) => (typeof value === "number" ? Math.round(value * 10) / 10 : value))}`,
      );
      const { madeAnew: _, ...answers } = report;
      for (const [what, ms] of Object.entries(answers)) expect(ms, what).toBeLessThan(boundMs);
    },
    timeoutMs,
  );

  test("that is damaged is set aside and made anew, with one line in the log", async () => {
    using archive = new Archive();
    const model = await recordOne(archive);
    archive.fill("cam", 20, model);
    {
      await using server = await archive.start();
      const url = await server.pages("playback of recordings");
      expect((await first(url, "cam")).entries.length).toBe(1);
    }
    writeFileSync(
      archive.index,
      "this is no database, though it is as long as its header would be".repeat(200),
    );
    await using server = await archive.start();
    const url = await server.pages("playback of recordings");
    const { entries } = await first(url, "cam");
    expect(Math.abs(entries[0]!.duration - (20 * model.lengthMs) / 1_000)).toBeLessThan(1);
    await server.line({ msg: /set aside/ });
    expect(server.lines.filter(({ msg }) => /index of recordings/.test(msg)).map(({ msg }) => msg)).toEqual([
      "index of recordings is damaged and was set aside, a new one is begun",
    ]);
    const aside = readdirSync(archive.folder).filter((name) => name.includes(".corrupt-"));
    expect(aside.length).toBeGreaterThan(0);
  });
});
