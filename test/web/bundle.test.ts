import { expect, test } from "bun:test";
import { bundle, webPrograms } from "../../src/web/bundle.ts";
import { filesPath } from "../../src/web/web-file.ts";

for (const program of webPrograms)
  test(`the ${program} page names only files that it has`, async () => {
    const files = await bundle(program);
    const names = files.map(({ name }) => name);
    const document = files.find(({ name }) => name === "index.html")?.text ?? "";
    const named = [...document.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = ""]) => url);
    expect(named).not.toEqual([]);
    for (const url of named.filter((each) => !each.startsWith("data:")))
      expect(names).toContain(url.replace(filesPath, ""));
    expect(document).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=/);
  });

test("the page of a stream loads less than 60 KB at first, and players when they are wanted", async () => {
  const files = await bundle("player");
  const players = files.filter(({ text }) => Buffer.byteLength(text) > 100_000);
  expect(players).toHaveLength(2);
  const rest = files.filter((file) => !players.includes(file));
  expect(rest.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)).toBeLessThan(60_000);
});

test("the dashboard loads less than 250 KB at first, and what draws plots later", async () => {
  const files = await bundle("dashboard");
  const document = files.find(({ name }) => name === "index.html")!;
  const isFirst = ({ name, text }: { name: string; text: string }): boolean =>
    text === document.text || document.text.includes(name);
  const bytes = files.filter(isFirst).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(250_000);
  const later = files.filter((file) => !isFirst(file));
  expect(later.some(({ text }) => text.includes("u-over"))).toBe(true);
});
