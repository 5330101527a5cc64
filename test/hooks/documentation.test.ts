import { expect, test } from "bun:test";
import { join } from "node:path";
import { catalogueTable } from "../../src/hooks/event/catalogue-table.ts";

const page = join(import.meta.dir, "../../docs/hooks.md");
const marks = { begin: "<!-- catalogue -->\n", end: "\n<!-- end of catalogue -->" };

test("docs/hooks.md holds the catalogue as the code has it (UPDATE_DOCS=1 writes it anew)", async () => {
  const text = await Bun.file(page).text();
  const from = text.indexOf(marks.begin) + marks.begin.length;
  const to = text.indexOf(marks.end);
  if (process.env.UPDATE_DOCS) {
    await Bun.write(page, text.substring(0, from) + catalogueTable() + text.substring(to));
    return;
  }
  expect(text.substring(from, to)).toBe(catalogueTable());
});
