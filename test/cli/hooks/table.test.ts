import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { cutTo, plainText, renderTable, wrapText } from "../../../src/cli/hooks/table.ts";
import { holds } from "../../base/property.ts";

const widthsOf = (text: string): number[] => text.split("\n").map((line) => Bun.stringWidth(line));

describe("a table", () => {
  const columns = [
    { title: "ID", align: "right" },
    { title: "NAME", minWidth: 6 },
    { title: "WHERE", minWidth: 5 },
  ] as const;

  test("has its columns below each other, numbers to the right, and no blanks at the end", () => {
    const rows = [{ cells: ["7", "one", "here"] }, { cells: ["1234", "the second", ""] }];
    expect(renderTable(columns, rows, 80).split("\n")).toEqual([
      "  ID  NAME        WHERE",
      "   7  one         here",
      "1234  the second",
    ]);
  });

  test("cuts the widest column first where it is too wide, and the others never below what they need", () => {
    const rows = [{ cells: ["1", "a name that is rather long", "somewhere else"] }];
    expect(renderTable(columns, rows, 34).split("\n")).toEqual([
      "ID  NAME            WHERE",
      " 1  a name that i…  somewhere else",
    ]);
    expect(renderTable(columns, rows, 10).split("\n")).toEqual(["ID  NAME    WHERE", " 1  a nam…  some…"]);
  });

  test("has notes below a row, their texts below each other and broken at spaces", () => {
    const notes = [
      ["events", "publish_start, publish_stop, play_start"],
      ["to", "http://127.0.0.1/a/very/long/address"],
    ] as const;
    expect(renderTable(columns, [{ cells: ["1", "a", "b"], notes }], 36).split("\n")).toEqual([
      "ID  NAME  WHERE",
      " 1  a     b",
      "  events  publish_start,",
      "          publish_stop, play_start",
      "  to      http://127.0.0.1/a/very/long/address",
    ]);
  });

  test("gives a terminal nothing to obey", () => {
    const evil = "a\x1b[2Jb\r\nc\x9b31m\u202ed";
    const table = renderTable(columns, [{ cells: ["1", evil, ""], notes: [["", evil]] }], 80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(table.split("\n")).toHaveLength(3);
    expect(plainText(evil)).toBe("a\\u001b[2Jb c\\u009b31m\\u202ed");
  });

  test("is as wide as it may be at most, whatever stands in columns that may be cut", () => {
    const free = [
      { title: "A", minWidth: 4 },
      { title: "B", minWidth: 4, align: "right" },
    ] as const;
    const cells = fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
    const property = fc.property(
      fc.array(cells, { maxLength: 5 }),
      fc.integer({ min: 20, max: 90 }),
      (rows, width) => {
        const table = renderTable(
          free,
          rows.map((row) => ({ cells: row })),
          width,
        );
        expect(table.split("\n")).toHaveLength(rows.length + 1);
        expect(Math.max(...widthsOf(table))).toBeLessThanOrEqual(width);
      },
    );
    holds(property);
  });
});

describe("a text", () => {
  test("is cut between the letters that a person sees, by the columns they take", () => {
    expect(
      ["plain", "a longer one", "日本語日本語", "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧"].map((text) => cutTo(text, 6)),
    ).toEqual(["plain", "a lon…", "日本…", "👩‍👩‍👧👩‍👩‍👧…"]);
  });

  test("is wrapped without losing a word", () => {
    const property = fc.property(
      fc.array(fc.stringMatching(/^\S+$/)),
      fc.integer({ min: 5, max: 40 }),
      (words, width) => {
        const text = words.join(" ");
        expect(wrapText(text, width).join(" ")).toBe(text);
        for (const line of wrapText(text, width))
          expect(Bun.stringWidth(line) <= width || !line.includes(" ")).toBe(true);
      },
    );
    holds(property);
  });
});
