import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blocks, ownMetrics } from "./every-metric.ts";

const page = join(import.meta.dir, "../../docs/metrics.md");

/** A part of the page that the code knows better. */
const marked = (name: string): { begin: string; end: string } => ({
  begin: `<!-- ${name} -->\n`,
  end: `<!-- end of ${name} -->`,
});

const code = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(", ");

const blockTable = (): string => {
  const rows = blocks().flatMap(({ title, metrics }) =>
    metrics.map(({ name, labels }) => `| ${title} | \`${name}\` | ${code(labels)} |`),
  );
  return `\n| block | metric | labels |\n|---|---|---|\n${rows.join("\n")}\n\n`;
};

const ownTables = async (): Promise<string> => {
  const tables = (await ownMetrics()).map(([title, metrics]) => {
    const rows = metrics.map(
      ({ name, kind, labels, help }) => `| \`${name}\` | ${kind} | ${code(labels)} | ${help} |`,
    );
    return `### ${title}\n\n| metric | type | labels | |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  });
  return `\n${tables.join("\n")}\n`;
};

const check = (name: string, expected: string): void => {
  const text = readFileSync(page, "utf8");
  const { begin, end } = marked(name);
  expect(text).toContain(begin);
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (process.env.UPDATE_DOCS === "1")
    writeFileSync(page, text.substring(0, from) + expected + text.substring(to));
  else expect(text.substring(from, to)).toBe(expected);
};

describe("the page about metrics", () => {
  test("has MediaMTX's names as the code has them (UPDATE_DOCS=1 writes them anew)", () => {
    check("blocks", blockTable());
  });

  test("has our own metrics with type, labels and meaning as the code has them", async () => {
    check("metrics", await ownTables());
  });

  test("names no metric that there is not", async () => {
    const known = new Set([
      ...blocks().flatMap(({ metrics }) => metrics.map(({ name }) => name)),
      ...(await ownMetrics()).flatMap(([, metrics]) => metrics.map(({ name }) => name)),
    ]);
    const named = [
      ...readFileSync(page, "utf8").matchAll(/`((?:rt[ms]ps?|process|paths|forward_dests)_[a-z_]+)`/g),
    ];
    expect(named.length).toBeGreaterThan(50);
    expect(named.map(([, name = ""]) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  test("says of each of our own what it is, in words for a table, and with a name that fits its type", async () => {
    for (const [, metrics] of await ownMetrics()) {
      for (const { name, kind, help } of metrics) {
        expect(help, name).toMatch(/^[A-Z0-9][^|\n]{10,}$/);
        expect(help, name).not.toEndWith(".");
        expect(name.endsWith("_total"), `${name} is a ${kind}`).toBe(kind === "counter");
      }
    }
  });
});
