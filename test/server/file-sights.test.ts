import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSights } from "../../src/server/file-sights.ts";
import { FakeClock } from "../base/fake-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "rtmp-server-sights-"));
afterAll(() => rmSync(folder, { recursive: true }));

const watched = (...names: string[]) => {
  const clock = new FakeClock();
  let files = names.map((name) => join(folder, name));
  let changes = 0;
  const sights = new FileSights({ files: () => files, changed: () => changes++, clock });
  return {
    /** How many changes were told after another look. */
    look: (): number => {
      clock.advance(2_000);
      return changes;
    },
    sights,
    others: (...names: string[]) => {
      files = names.map((name) => join(folder, name));
    },
    [Symbol.dispose]: () => sights.close(),
  };
};

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

test("a file that is written, appears, goes, or is another one behind its link is told, once each time", () => {
  write("a", "1");
  using watch = watched("a", "link");
  expect(watch.look()).toBe(0);
  write("a", "22");
  expect([watch.look(), watch.look()]).toEqual([1, 1]);
  symlinkSync("a", join(folder, "link"));
  expect(watch.look()).toBe(2);
  write("b", "333");
  unlinkSync(join(folder, "link"));
  symlinkSync("b", join(folder, "link"));
  expect(watch.look()).toBe(3);
  unlinkSync(join(folder, "b"));
  expect([watch.look(), watch.look()]).toEqual([4, 4]);
});

test("other files are no change, but one that was seen before and has changed is, whenever they became others", () => {
  write("c", "1");
  write("d", "1");
  using watch = watched("c");
  write("c", "22");
  watch.others("c", "d");
  watch.sights.settle();
  expect(watch.look()).toBe(1);
  write("d", "22");
  expect(watch.look()).toBe(2);
  watch.others("d");
  watch.sights.settle();
  write("c", "333");
  expect(watch.look()).toBe(2);
});
