import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { pageAnswer, pageOf } from "../../../src/http/api/page.ts";

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a page of a list", () => {
  const rows: { count: number; query: string; pageCount: number; shown: number[] }[] = [
    { count: 0, query: "", pageCount: 0, shown: [] },
    { count: 0, query: "page=3", pageCount: 0, shown: [] },
    { count: 100, query: "", pageCount: 1, shown: items(100) },
    { count: 101, query: "", pageCount: 2, shown: items(100) },
    { count: 101, query: "page=1", pageCount: 2, shown: [100] },
    { count: 5, query: "itemsPerPage=2", pageCount: 3, shown: [0, 1] },
    { count: 5, query: "itemsPerPage=2&page=2", pageCount: 3, shown: [4] },
    { count: 5, query: "itemsPerPage=2&page=3", pageCount: 3, shown: [] },
    { count: 5, query: "itemsPerPage=2147483647", pageCount: 1, shown: items(5) },
    { count: 5, query: "itemsPerPage=2147483647&page=2147483647", pageCount: 1, shown: [] },
    { count: 5, query: "itemsPerPage=&page=", pageCount: 1, shown: items(5) },
  ];
  for (const { count, query, pageCount, shown } of rows)
    test(`of ${count} with ${query || "nothing asked"} has ${shown.length} of ${pageCount} pages`, () => {
      expect(pageOf(new URLSearchParams(query), items(count))).toEqual({
        itemCount: count,
        pageCount,
        items: shown,
      });
    });

  for (const query of [
    "itemsPerPage=0",
    "itemsPerPage=-1",
    "itemsPerPage=2147483648",
    "page=x",
    "page=-1",
    "page=1.0",
    "page=0x1",
    "page=%201",
    "page=99999999999999999999",
  ])
    test(`is refused with ${query}`, () => {
      expect(() => pageOf(new URLSearchParams(query), items(3))).toThrow(ConfigError);
    });

  test("makes only the objects that it shows", async () => {
    const made: number[] = [];
    const page = pageOf(new URLSearchParams("itemsPerPage=2&page=1"), items(1_000));
    const answer = await pageAnswer(page, (item) => {
      made.push(item);
      return { item };
    });
    expect(await answer.json()).toEqual({
      itemCount: 1_000,
      pageCount: 500,
      items: [{ item: 2 }, { item: 3 }],
    });
    expect(made).toEqual([2, 3]);
  });

  test("lets other things happen while it makes many, and leaves out what goes meanwhile", async () => {
    let isGone = false;
    const gone = setImmediate(() => {
      isGone = true;
    });
    const page = pageOf(new URLSearchParams("itemsPerPage=1000"), items(300));
    const answer = await pageAnswer(page, (item) => (isGone && item >= 150 ? undefined : { item }));
    clearImmediate(gone);
    const shown = (await answer.json()) as { items: unknown[] };
    expect(shown.items).toEqual(items(150).map((item) => ({ item })));
  });
});
