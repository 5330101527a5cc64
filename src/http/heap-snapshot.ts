/** A heap snapshot in the format of V8, as far as it is looked at here. */
export interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: number[];
  readonly edges: readonly number[];
  readonly strings: string[];
}

/** Kinds of nodes whose name is what stands in them. */
const textTypes: ReadonlySet<string> = new Set([
  "string",
  "concatenated string",
  "sliced string",
  "symbol",
  "regexp",
]);

/** Kinds of edges that have a number where others have a name. */
const numberedTypes: ReadonlySet<string> = new Set(["element", "hidden"]);

/**
 * Takes the texts out of a snapshot, in place: passwords and stream keys are among them. Names of classes, functions and properties stay,
 * and sizes.
 */
export const hideTexts = ({ snapshot, nodes, edges, strings }: HeapSnapshot): void => {
  const { node_fields, node_types, edge_fields, edge_types } = snapshot.meta;
  const used = new Uint8Array(strings.length + 1);
  const hidden = strings.push("(hidden)") - 1;
  used[hidden] = 1;
  const isText = node_types[0].map((type) => textTypes.has(type));
  const [nodeType, nodeName] = [node_fields.indexOf("type"), node_fields.indexOf("name")];
  for (let at = 0; at < nodes.length; at += node_fields.length) {
    if (isText[nodes[at + nodeType] ?? 0]) nodes[at + nodeName] = hidden;
    used[nodes[at + nodeName] ?? 0] = 1;
  }
  const isNumbered = edge_types[0].map((type) => numberedTypes.has(type));
  const [edgeType, edgeName] = [edge_fields.indexOf("type"), edge_fields.indexOf("name_or_index")];
  for (let at = 0; at < edges.length; at += edge_fields.length)
    if (!isNumbered[edges[at + edgeType] ?? 0]) used[edges[at + edgeName] ?? 0] = 1;
  for (let index = 0; index < strings.length; index++) if (!used[index]) strings[index] = "";
};

/** What lies on the heap now, without its texts, in the format of V8. The process stands still meanwhile. */
export const takeHeapSnapshot = (): string => {
  const snapshot = JSON.parse(Bun.generateHeapSnapshot("v8")) as HeapSnapshot;
  hideTexts(snapshot);
  return JSON.stringify(snapshot);
};
