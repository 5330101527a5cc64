import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { OpenJournal } from "../../src/record/open-journal.ts";
import { Recovery } from "../../src/record/recovery.ts";
import { repairFile } from "../../src/record/repair.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import { readMp4 } from "./mp4-content.ts";
import { KeptLog, PathStudio, usualConf } from "./path-studio.ts";
import { until } from "./studio.ts";
import { seconds, starting } from "./tags.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recovery-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A recording of some seconds, whole, in a file of that name. */
const recorded = async (recordFormat: "fmp4" | "mpegts" | "flv", name: string): Promise<string> => {
  using studio = new PathStudio({ recordFormat });
  await studio.record([...starting, ...seconds(6)]);
  const file = join(folder, name);
  writeFileSync(file, readFileSync(studio.files[0]!));
  return file;
};

describe("a file that is repaired", () => {
  test("as fragmented MP4 is as long as its whole parts, wherever it was cut", async () => {
    const whole = await readMp4(await recorded("fmp4", "whole.mp4"));
    const bytes = readFileSync(join(folder, "whole.mp4"));
    const header = bytes.indexOf("moof") - 4;
    const file = join(folder, "cut.mp4");
    for (let size = 0; size <= bytes.length; size += 37) {
      writeFileSync(file, bytes);
      truncateSync(file, size);
      const { parts } = size > header ? await readMp4(file) : { parts: 0 };
      const repaired = await repairFile(file, "test");
      if (parts === 0) {
        expect([repaired, existsSync(file)]).toEqual([undefined, false]);
        continue;
      }
      const content = await readMp4(file);
      expect(content).toMatchObject({ parts, end: content.size, durationMs: repaired!.durationMs });
      expect(repaired!.bytes).toBe(content.size);
      expect(content.durationMs).toBeLessThanOrEqual(whole.durationMs);
      expect(content.durationMs).toBeGreaterThan((parts - 1) * 1_000);
    }
  });

  test("is left as it is where it is whole", async () => {
    for (const [format, name] of [
      ["fmp4", "a.mp4"],
      ["mpegts", "a.ts"],
      ["flv", "a.flv"],
    ] as const) {
      const file = await recorded(format, name);
      const before = readFileSync(file);
      await repairFile(file, "rtmp-server test");
      expect(Buffer.compare(readFileSync(file), before), name).toBe(0);
    }
  });

  test("is cut to whole packets, and to whole tags", async () => {
    const ts = await recorded("mpegts", "b.ts");
    const flv = await recorded("flv", "b.flv");
    for (const file of [ts, flv]) truncateSync(file, readFileSync(file).length - 50);
    expect((await repairFile(ts, "test"))!.bytes % 188).toBe(0);
    const repaired = await repairFile(flv, "test");
    expect(repaired!.durationMs).toBeGreaterThan(5_000);
    expect(readFileSync(flv).length).toBe(repaired!.bytes);
  });

  test("that is not there is no failure", async () => {
    expect(await repairFile(join(folder, "none.mp4"), "test")).toBeUndefined();
  });
});

describe("a journal", () => {
  test("tells what is open, lines that were cut aside", async () => {
    const journal = new OpenJournal(join(folder, "new"), { pid: 7 });
    await journal.begin("live/a", "a.mp4");
    await journal.begin("live/b", "b.mp4");
    await journal.end("a.mp4");
    appendFileSync(join(folder, "new/.rtmp-server-open"), '{"begin":"c.mp4","pa');
    expect(await new OpenJournal(join(folder, "new")).read()).toEqual([
      { path: "live/b", file: "b.mp4", pid: 7, endId: undefined },
    ]);
  });

  test("keeps its order, and does not grow for ever", async () => {
    const journal = new OpenJournal(folder, { pid: 7 });
    void journal.begin("live/a", "a.mp4", "evt_1");
    for (let i = 0; i < 6_000; i++) {
      void journal.begin("live/b", `${i}.mp4`);
      void journal.end(`${i}.mp4`);
    }
    await journal.end("none.mp4");
    expect(await journal.read()).toEqual([{ path: "live/a", file: "a.mp4", pid: 7, endId: "evt_1" }]);
    expect(readFileSync(join(folder, ".rtmp-server-open"), "utf8").split("\n").length).toBeLessThan(10_010);
  });
});

describe("recovery", () => {
  const setUp = (options: { whenSafe?: (proceed: () => void) => void } = {}) => {
    const conf = usualConf(folder);
    const hub = new EventHub();
    const events: DomainEvent[] = [];
    const log = new KeptLog();
    const recovery = new Recovery({
      events: hub,
      log,
      find: () => ({ conf }),
      encoder: "test",
      isAlive: (pid) => pid === 1,
      ...options,
    });
    hub.listen((event) => events.push(event));
    const recover = () =>
      recovery.recover({ paths: { all_others: conf }, recordMaxTotalSize: 0, recordMinFreeDisk: 0 });
    return { hub, events, log, recovery, recover };
  };

  test("leaves alone what another process writes, and what this one does", async () => {
    const file = await recorded("fmp4", "x.mp4");
    await new OpenJournal(folder, { pid: 1 }).begin("live/a", file);
    const { recover, events, hub } = setUp();
    hub.emit({ kind: "recordingStarted", path: parseStreamPath("live/b"), file: join(folder, "y.mp4") });
    await recover();
    expect(events.map(({ kind }) => kind)).toEqual(["recordingStarted"]);
  });

  test("tells of each once, and says which could not be finished", async () => {
    const file = await recorded("fmp4", "x.mp4");
    truncateSync(file, readFileSync(file).length - 3);
    const broken = join(folder, "broken.mp4");
    writeFileSync(
      broken,
      Buffer.concat([readFileSync(file).subarray(0, 28), Buffer.from("0000000c6d6f6f7600000000", "hex")]),
    );
    const journal = new OpenJournal(folder, { pid: 99 });
    await journal.begin("live/a", file);
    await journal.begin("live/b", broken);
    const first = setUp();
    await first.recover();
    expect(first.events).toMatchObject([{ kind: "recordingCompleted", path: "live/a", file }]);
    const second = setUp();
    await second.recover();
    expect(second.events).toEqual([]);
  });

  test("tells an end again, as the same event, where a crash came before anybody could be sure of it", async () => {
    const file = await recorded("fmp4", "x.mp4");
    const path = parseStreamPath("live/a");
    const whole = { kind: "recordingCompleted", path, file, durationMs: 1, bytes: 1 } as const;
    const crashing = { whenSafe: () => undefined };
    const first = setUp(crashing);
    first.hub.emit({ kind: "recordingStarted", path, file, endId: "evt_end" });
    first.hub.emit({ ...whole, eventId: "evt_end" });
    // Of another process, for those that come now.
    const journal = new OpenJournal(folder);
    await until(() => existsSync(join(folder, ".rtmp-server-open")), "the beginning is noted");
    const second = setUp(crashing);
    void second.recover();
    await until(() => second.events.length === 1, "it is told");
    let proceed = (): void => undefined;
    const third = setUp({
      whenSafe: (next) => {
        proceed = next;
      },
    });
    const done = third.recover();
    await until(() => third.events.length === 1, "it is told again");
    for (const { events } of [second, third])
      expect(events).toMatchObject([{ kind: "recordingCompleted", file, eventId: "evt_end" }]);
    expect((await journal.read()).length).toBe(1);
    proceed();
    await done;
    const fourth = setUp();
    await fourth.recover();
    expect(fourth.events).toEqual([]);
  });

  test("cuts a file that failed to what is whole, and touches none that this process did not begin", async () => {
    const file = await recorded("fmp4", "x.mp4");
    const other = join(folder, "other.mp4");
    writeFileSync(other, "somebody else's");
    truncateSync(file, readFileSync(file).length - 3);
    const { hub, recovery } = setUp();
    const path = parseStreamPath("live/a");
    hub.emit({ kind: "recordingStarted", path, file });
    hub.emit({ kind: "recordingFailed", path, file, error: "the disk is full" });
    hub.emit({ kind: "recordingFailed", path, file: other, error: "taken" });
    await recovery.idle();
    const content = await readMp4(file);
    expect([content.end, content.durationMs > 4_000]).toEqual([content.size, true]);
    expect(readFileSync(other, "utf8")).toBe("somebody else's");
  });
});
