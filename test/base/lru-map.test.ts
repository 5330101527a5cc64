import { expect, test } from "bun:test";
import { LruMap } from "../../src/base/lru-map.ts";

test("a bounded map forgets what nobody asked for longest", () => {
  const map = new LruMap<number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.get("a");
  map.set("c", 3);
  expect(["a", "b", "c"].map((key) => map.get(key))).toEqual([1, undefined, 3]);
  map.set("a", 4);
  map.delete("c");
  expect([map.get("a"), map.get("c"), map.size]).toEqual([4, undefined, 1]);
});
