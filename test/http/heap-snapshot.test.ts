import { expect, test } from "bun:test";
import { type HeapSnapshot, hideTexts, takeHeapSnapshot } from "../../src/http/heap-snapshot.ts";

test("a snapshot of the heap shows names and sizes, and no text that lies there", () => {
  const secret = `hunter2-${crypto.randomUUID()}`;
  class Vault {
    readonly flat = secret;
    readonly rope = `${secret}${Math.random()}`;
    readonly map = new Map([[`key ${secret}`, 1]]);
    readonly regex = new RegExp(secret);
    readonly symbol = Symbol(secret);
  }
  const vault = new Vault();
  expect(Bun.generateHeapSnapshot("v8")).toContain(secret);
  const text = takeHeapSnapshot();
  expect(text.includes(secret)).toBe(false);
  expect(text).toContain('"Vault"');
  const { snapshot, nodes } = JSON.parse(text) as HeapSnapshot & { snapshot: { node_count: number } };
  expect(nodes.length).toBe(snapshot.node_count * snapshot.meta.node_fields.length);
  expect(vault.flat).toBe(secret);
});

test("a text that names something else, too, goes on naming that", () => {
  const snapshot: HeapSnapshot = {
    snapshot: {
      meta: {
        node_fields: ["type", "name", "id"],
        node_types: [["object", "string"], "string", "number"],
        edge_fields: ["type", "name_or_index", "to_node"],
        edge_types: [["property", "element"], "string_or_number", "node"],
      },
    },
    nodes: [0, 0, 1, 1, 1, 2, 1, 2, 3],
    edges: [0, 1, 3, 1, 2, 6],
    strings: ["Object", "password", "hunter2"],
  };
  hideTexts(snapshot);
  expect(snapshot).toMatchObject({
    nodes: [0, 0, 1, 1, 3, 2, 1, 3, 3],
    strings: ["Object", "password", "", "(hidden)"],
  });
});
