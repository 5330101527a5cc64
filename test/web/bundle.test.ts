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
