import { expect, test } from "bun:test";
import { matching, orderAfter, pageOf, sorted } from "../../../../../src/web/pages/dashboard/model/table.ts";

test("a head orders by its column, and the other way round when it is clicked again", () => {
  const byName = { column: "name", isDescending: false };
  const byRate = orderAfter(byName, { column: "rate", isDescendingFirst: true });
  expect(byRate).toEqual({ column: "rate", isDescending: true });
  expect(orderAfter(byRate, { column: "rate", isDescendingFirst: true })).toEqual({
    column: "rate",
    isDescending: false,
  });
});

test("rows that are equal stay as they were, whichever way", () => {
  const rows = [
    { name: "a", rate: 1 },
    { name: "b", rate: 2 },
    { name: "c", rate: 1 },
  ];
  const names = (isDescending: boolean) =>
    sorted(rows, ({ rate }) => rate, isDescending).map(({ name }) => name);
  expect([names(false), names(true)]).toEqual([
    ["a", "c", "b"],
    ["b", "a", "c"],
  ]);
});

test("numbers in names count as numbers", () => {
  const names = ["cam10", "cam2", "Cam1", "cam1"];
  expect(sorted(names, (name) => name, false)).toEqual(["cam1", "Cam1", "cam2", "cam10"]);
});

test("rows match that hold all words, whatever their case and order", () => {
  const rows = ["live/Studio one", "live/studio two", "cam"];
  expect(matching(rows, (row) => row, "")).toEqual(rows);
  expect(matching(rows, (row) => row, " STUDIO live ")).toEqual(["live/Studio one", "live/studio two"]);
  expect(matching(rows, (row) => row, "studio three")).toEqual([]);
});

test("a page that is not there is the last one", () => {
  const rows = [1, 2, 3, 4, 5];
  expect(pageOf(rows, { page: 1, size: 2 })).toEqual({ rows: [3, 4], page: 1, pages: 3 });
  expect(pageOf(rows, { page: 9, size: 2 })).toEqual({ rows: [5], page: 2, pages: 3 });
  expect(pageOf([], { page: 0, size: 2 })).toEqual({ rows: [], page: 0, pages: 1 });
});
