import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import fc from "fast-check";
import { lookInto } from "../../src/archive/facts.ts";
import { localMedium } from "../../src/archive/medium.ts";
import { TransportError, WireError } from "../../src/base/errors.ts";
import { openSource } from "../../src/playback/open-source.ts";
import { RandomFile } from "../../src/record/random-file.ts";
import { repairFile } from "../../src/record/repair.ts";
import { PathStudio } from "../record/path-studio.ts";
import { seconds, starting } from "../record/tags.ts";

// Files whose bytes were changed at random: whatever is in them, the server says so and goes on.

let folder = "";
const files: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "corrupt-"));
  for (const recordFormat of ["fmp4", "mpegts", "flv"] as const) {
    using studio = new PathStudio({ recordFormat });
    await studio.record([...starting, ...seconds(5)]);
    const file = join(folder, `whole${extname(studio.files[0]!)}`);
    writeFileSync(file, readFileSync(studio.files[0]!));
    files.push(file);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is wrong with a file may be told; what is wrong with us may not happen. */
const isTold = (error: unknown): boolean =>
  error instanceof WireError ||
  error instanceof TransportError ||
  (error instanceof Error && "errno" in error);

const tolerate = async <Value>(work: Promise<Value>): Promise<Value | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (!isTold(error)) throw error;
    return undefined;
  }
};

const playAll = async (file: string): Promise<number> => {
  const source = await openSource(localMedium(file));
  let bytes = 0;
  for await (const runs of source.parts())
    for (const run of runs) {
      const data = await run.read(0, run.samples.length);
      bytes += data.length;
    }
  return bytes;
};

describe("a corrupt file", () => {
  for (const ending of [".mp4", ".ts", ".flv"])
    test(`${ending} is read as far as it goes, or refused in words`, async () => {
      const whole = readFileSync(files.find((file) => file.endsWith(ending))!);
      const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 12,
      });
      let played = 0;
      await fc.assert(
        fc.asyncProperty(changes, fc.nat(whole.length), async (edits, size) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of edits) bytes[at] = value;
          const file = join(folder, `changed${ending}`);
          writeFileSync(file, bytes.subarray(0, size % 2 === 0 ? whole.length : size));
          const opened = await RandomFile.open(file);
          await tolerate(lookInto(opened)).finally(() => opened.close());
          played += (await tolerate(playAll(file))) ?? 0;
          await tolerate(repairFile(file, "test"));
        }),
        { numRuns: 150 },
      );
      expect(played).toBeGreaterThan(0);
    }, 60_000);

  test("of FLV whose end leads to in front of its beginning has no length", async () => {
    const bytes = readFileSync(files.find((file) => file.endsWith(".flv"))!);
    bytes.writeUInt32BE(2 ** 31, bytes.length - 4);
    // Nor does it say one.
    bytes[24] = 0;
    const file = join(folder, "end.flv");
    writeFileSync(file, bytes);
    const opened = await RandomFile.open(file);
    const facts = await tolerate(lookInto(opened)).finally(() => opened.close());
    expect(facts?.durationMs).toBe(0);
  });
});
