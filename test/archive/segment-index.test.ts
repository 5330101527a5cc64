import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { indexFile, SegmentIndex } from "../../src/archive/segment-index.ts";
import { PathStudio } from "../record/path-studio.ts";
import { until } from "../record/studio.ts";
import { seconds, starting } from "../record/tags.ts";
import { Shelf } from "./shelf.ts";

const name = "live/test";

/** A studio with some recordings, and indices of them that lie on the disk. */
class Reading implements AsyncDisposable {
  readonly studio = new PathStudio({ recordSegmentDuration: 3_000, recordFormat: "flv" });
  readonly #indices: SegmentIndex[] = [];

  get template(): string {
    return this.studio.conf.recordPath;
  }

  get file(): string {
    return join(this.studio.folder, indexFile);
  }

  record(): Promise<void> {
    return this.studio.record([...starting, ...seconds(9)]);
  }

  open(): SegmentIndex {
    const { clock, log } = this.studio;
    const index = new SegmentIndex({ clock, log, objects: new Shelf() });
    this.#indices.push(index);
    return index;
  }

  async spans(index: SegmentIndex): Promise<number[]> {
    return [...(await index.timespans({ template: this.template, name, fromMs: 0, toMs: 1e15 }))];
  }

  /** Waits until an index knows everything. */
  async know(index: SegmentIndex): Promise<void> {
    const past = this.studio.log.lines.length;
    index.watch([this.template]);
    await Bun.sleep(0);
    this.studio.clock.advance(5_000);
    await until(
      () => this.studio.log.lines.slice(past).includes("recordings were looked through"),
      "all was looked through",
    );
  }

  get media(): string[] {
    return this.studio.files.filter((file) => file.endsWith(".flv"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const index of this.#indices) index.close();
    await Bun.sleep(0);
    this.studio[Symbol.dispose]();
  }
}

describe("an index", () => {
  test("makes nothing where nothing was recorded", async () => {
    await using reading = new Reading();
    rmSync(reading.studio.folder, { recursive: true });
    const index = reading.open();
    index.watch([reading.template]);
    expect(await index.names(reading.template)).toEqual([]);
    expect(await reading.spans(index)).toEqual([]);
    expect(existsSync(reading.studio.folder)).toBe(false);
    mkdirSync(reading.studio.folder);
    await reading.record();
    await until(() => existsSync(reading.media[0] ?? ""), "there is a recording");
    expect((await reading.spans(index)).length).toBe(2);
  });

  test("answers from its database after a start, and finds what others did meanwhile", async () => {
    await using reading = new Reading();
    await reading.record();
    const first = reading.open();
    await reading.know(first);
    const before = await reading.spans(first);
    first.close();
    const database = new Database(reading.file);
    // What the database says is believed where the files have not changed since.
    database.run("UPDATE segments SET duration = duration + 5000");
    database.close();
    const second = reading.open();
    expect((await reading.spans(second))[1]).toBe(before[1]! + 5_000);
    second.close();
    // Others write over one, remove one, and add one.
    const [one, two, three] = reading.media;
    writeFileSync(one!, "no recording any more");
    copyFileSync(three!, join(dirname(three!), "2030-01-01_00-00-00-000000.flv"));
    rmSync(two!);
    const third = reading.open();
    await reading.know(third);
    const spans = await reading.spans(third);
    expect(spans.length).toBe(4);
    expect(spans[2]).toBe(new Date(2030, 0, 1).getTime());
    expect(reading.studio.log.lines).toContain("recording cannot be played, it is left out");
  });

  test("lives in memory where no database can be kept, and says so once", async () => {
    await using reading = new Reading();
    await reading.record();
    mkdirSync(reading.file);
    const index = reading.open();
    expect((await reading.spans(index)).length).toBe(2);
    expect((await reading.spans(index)).length).toBe(2);
    expect(reading.studio.log.lines.filter((line) => line.includes("cannot be kept on disk")).length).toBe(1);
    expect(readdirSync(reading.file)).toEqual([]);
  });

  test("sets a database aside that turns out to be damaged, and makes it anew while it answers", async () => {
    await using reading = new Reading();
    await reading.record();
    const first = reading.open();
    await reading.know(first);
    const before = await reading.spans(first);
    first.close();
    const bytes = await Bun.file(reading.file).bytes();
    // All pages but the first, which has the layout.
    bytes.fill(0xa5, 4_096);
    await Bun.write(reading.file, bytes);
    const second = reading.open();
    expect(await reading.spans(second)).toEqual(before);
    expect(reading.studio.log.lines.filter((line) => line.includes("index of recordings"))).toEqual([
      "index of recordings fails, it is made anew",
      "index of recordings is damaged and was set aside, a new one is begun",
    ]);
    expect(readdirSync(reading.studio.folder).some((file) => file.includes(".corrupt-"))).toBe(true);
    await reading.know(second);
    second.close();
    expect(await reading.spans(reading.open())).toEqual(before);
  });

  test("of another layout is emptied", async () => {
    await using reading = new Reading();
    await reading.record();
    const first = reading.open();
    const before = await reading.spans(first);
    first.close();
    const database = new Database(reading.file);
    database.run("DROP TABLE segments");
    database.run("PRAGMA user_version = 999");
    database.close();
    expect(await reading.spans(reading.open())).toEqual(before);
  });

  test("says why a root cannot be read", async () => {
    if (process.getuid?.() === 0) return;
    await using reading = new Reading();
    await reading.record();
    chmodSync(reading.studio.folder, 0o000);
    const index = reading.open();
    expect(index.names(reading.template)).rejects.toMatchObject({ code: "DISK" });
    chmodSync(reading.studio.folder, 0o700);
  });
});
