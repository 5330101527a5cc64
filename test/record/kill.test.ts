import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import type { RecordConf } from "../../src/record/path-conf.ts";
import { Recovery } from "../../src/record/recovery.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import { needsTool } from "../base/tool.ts";
import { complaintsOf, makeTags, probe } from "./ffmpeg-media.ts";
import { KeptLog, usualConf } from "./path-studio.ts";

// A process that records is killed at a random moment; the next one finishes what it left.

const test = needsTool("ffmpeg");
const timeoutMs = 120_000;
/** More of them take a while. */
const kills = Number(process.env.RECORD_KILLS ?? 4);
const partMs = 500;
/** How far the child may get while its last part is on the way to the disk, in milliseconds of media: it runs at ten times the speed. */
const slackMs = 1_500;

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kill-"));
  if (Bun.which("ffmpeg") !== null) await makeTags(join(folder, "source.flv"), { seconds: 20 });
}, timeoutMs);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lets a child record until it has published so many milliseconds, and kills it. Gives what it published. */
const recordAndKill = async (into: string, format: string, untilMs: number): Promise<number> => {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "kill-child.ts"), join(folder, "source.flv"), into, format],
    { stdout: "pipe", stderr: "inherit", stdin: "ignore" },
  );
  let published = 0;
  let text = "";
  for await (const bytes of child.stdout) {
    text += Buffer.from(bytes).toString("latin1");
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    published = Number(lines.at(-1) ?? published);
    if (published >= untilMs) child.kill("SIGKILL");
  }
  await child.exited;
  return published;
};

const recover = async (into: string, format: RecordConf["recordFormat"]): Promise<DomainEvent[]> => {
  const events = new EventHub();
  const heard: DomainEvent[] = [];
  const conf = { ...usualConf(into), recordFormat: format };
  const recovery = new Recovery({ events, log: new KeptLog(), find: () => ({ conf }), encoder: "test" });
  events.listen((event) => heard.push(event));
  await recovery.recover({ paths: { all_others: conf }, recordMaxTotalSize: 0, recordMinFreeDisk: 0 });
  return heard;
};

describe("a process that is killed while it records", () => {
  for (const [format, count] of [
    ["fmp4", kills],
    ["mpegts", 2],
    ["flv", 1],
  ] as const)
    test(
      `${format}: loses a part at most, and the next one finishes the file and tells of it once`,
      async () => {
        let recovered = 0;
        // It is written once a second of the clock, which is ten of this stream: a segment has to be long enough for that.
        const isFlv = format === "flv";
        for (let kill = 0; kill < count; kill++) {
          const into = join(folder, `${format}-${kill}`);
          // The first comes in the middle of a segment, the others whenever it happens.
          const random = kill === 0 ? 6_500 : 1_500 + Math.random() * 12_000;
          const published = await recordAndKill(into, format, isFlv ? 12_000 : random);
          const heard = await recover(into, format);
          // Between two segments nothing is open, or nothing is in it yet.
          expect(["", "recordingCompleted"]).toContain(heard.map(({ kind }) => kind).join(" "));
          recovered += heard.length;
          expect(await recover(into, format)).toEqual([]);
          const files = [...new Glob("live/test/*").scanSync(into)].sort();
          let total = 0;
          for (const name of files) {
            const file = join(into, name);
            expect(complaintsOf(file)).toBe("");
            total += probe(file).durationS * 1_000;
          }
          expect(published - total).toBeLessThan((isFlv ? 10_000 : partMs) + slackMs);
          const [event] = heard;
          if (event?.kind !== "recordingCompleted") continue;
          expect(Math.abs(probe(event.file).durationS * 1_000 - event.durationMs)).toBeLessThan(250);
          expect(event.bytes).toBe(Bun.file(event.file).size);
        }
        expect(recovered).toBeGreaterThan(0);
      },
      timeoutMs,
    );
});
