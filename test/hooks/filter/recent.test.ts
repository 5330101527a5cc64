import { expect, test } from "bun:test";
import { Recent } from "../../../src/hooks/filter/recent.ts";

test("what was set since the last but one ageing is remembered", () => {
  const recent = new Recent<number>(10);
  recent.set("a", 1);
  recent.age();
  recent.set("b", 2);
  expect([recent.get("a"), recent.get("b")]).toEqual([1, 2]);
  recent.set("a", 3);
  recent.age();
  expect([recent.get("a"), recent.get("b")]).toEqual([3, 2]);
  recent.age();
  expect([recent.get("a"), recent.get("b"), recent.size]).toEqual([undefined, undefined, 0]);
});

test("a generation that is full ages by itself, and a key that is set again does not fill it", () => {
  const recent = new Recent<number>(2);
  for (let index = 0; index < 10; index++) recent.set("a", index);
  recent.set("b", 1);
  recent.set("a", 10);
  expect([recent.size, recent.get("a")]).toEqual([2, 10]);
  recent.set("c", 1);
  expect([recent.size, recent.get("a"), recent.get("b"), recent.get("c")]).toEqual([3, 10, 1, 1]);
  for (let index = 0; index < 1_000; index++) recent.set(String(index), index);
  expect(recent.size).toBeLessThanOrEqual(4);
});

test("what is deleted is gone from both generations", () => {
  const recent = new Recent<number>(10);
  recent.set("a", 1);
  recent.age();
  recent.set("a", 2);
  expect([recent.delete("a"), recent.get("a"), recent.delete("a")]).toEqual([true, undefined, false]);
});
