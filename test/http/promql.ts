import { parser } from "@prometheus-io/lezer-promql";

type Tree = ReturnType<typeof parser.parse>;
type Node = Tree["topNode"];

/** What an expression reads. */
export interface ParsedQuery {
  /** Each selector: the metric, and the labels that it compares. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** Labels that results are grouped or joined by. */
  readonly grouping: readonly string[];
}

const kinds = (node: Node, kind: string): Node[] => {
  const found: Node[] = [];
  const cursor = node.cursor();
  const end = node.to;
  do {
    if (cursor.from >= end && cursor.from !== node.from) break;
    if (cursor.name === kind) found.push(cursor.node);
  } while (cursor.next());
  return found;
};

/** Reads PromQL by the grammar of Prometheus. @throws Error with the place where it ends to be any */
export const parseQuery = (query: string): ParsedQuery => {
  const tree = parser.parse(query);
  const textOf = ({ from, to }: { from: number; to: number }): string => query.substring(from, to);
  const cursor = tree.cursor();
  do
    if (cursor.type.isError)
      throw new Error(`no PromQL at ${cursor.from}: ${JSON.stringify(query.substring(cursor.from))}`);
  while (cursor.next());
  const selectors = kinds(tree.topNode, "VectorSelector").map((selector) => {
    const name = selector.getChild("Identifier");
    if (!name) throw new Error(`a selector without a metric: ${textOf(selector)}`);
    return { metric: textOf(name), labels: kinds(selector, "LabelName").map(textOf) };
  });
  const grouping = kinds(tree.topNode, "GroupingLabels").flatMap((list) =>
    kinds(list, "LabelName").map(textOf),
  );
  return { selectors, grouping };
};
