import { formatNumber, type Labels, labelText } from "../../base/exposition.ts";
import type { MtxFilter, ObjectKey } from "./filter.ts";

/** One metric of a block: what stands behind the block's name, and the value of an object. */
export type BlockMetric<Item> =
  | readonly [suffix: string, value: (item: Item) => number]
  /** Several series for each object, told apart by more labels. */
  | { readonly suffix: string; readonly split: (item: Item) => Iterable<readonly [Labels, number]> };

/** A list of objects as MediaMTX's metrics show it. */
export interface Block<Item> {
  /** Its name in `type=`, which all its metrics begin with. */
  readonly type: string;
  readonly title: string;
  readonly labels: (item: Item) => Labels;
  /** Parameters of the query that are about it, with what of an object has to equal their value. */
  readonly filters: Readonly<Partial<Record<ObjectKey, (item: Item) => string>>>;
  readonly metrics: readonly BlockMetric<Item>[];
  /** The same under older names, in a block of their own. */
  readonly deprecated: readonly BlockMetric<Item>[];
  /** Where nothing is in it, it is left out unless it is asked for by its type. */
  readonly isOptional?: boolean;
}

/** A line; `labels` as text. */
const line = (name: string, labels: string, value: number): string =>
  `${name}${labels === "" ? "" : `{${labels}}`} ${formatNumber(value)}\n`;

const itemLines = <Item>(
  { type, labels }: Block<Item>,
  metrics: readonly BlockMetric<Item>[],
  item: Item,
): string => {
  const own = labels(item);
  const ownText = labelText(own);
  let text = "";
  for (const metric of metrics) {
    if (!("split" in metric)) text += line(type + metric[0], ownText, metric[1](item));
    else
      for (const [more, value] of metric.split(item))
        text += line(type + metric.suffix, labelText({ ...own, ...more }), value);
  }
  return text;
};

const titled = (title: string, lines: string): string => `# ${title}\n${lines}\n`;

const filledText = <Item>(block: Block<Item>, items: readonly Item[]): string => {
  const linesOf = (metrics: readonly BlockMetric<Item>[]): string =>
    items.map((item) => itemLines(block, metrics, item)).join("");
  const current = titled(block.title, linesOf(block.metrics));
  if (block.deprecated.length === 0) return current;
  return current + titled(`${block.title} (deprecated)`, linesOf(block.deprecated));
};

/** Each metric once with the value 0. Upstream shows those that are split among the older names here, and dashboards know them there. */
const emptyText = <Item>({ type, title, metrics, deprecated }: Block<Item>): string => {
  const current: string[] = [];
  const late: string[] = [];
  for (const metric of metrics) {
    if ("split" in metric) late.push(line(type + metric.suffix, "", 0));
    else current.push(line(type + metric[0], "", 0));
  }
  const old = deprecated.map((metric) => line(type + ("split" in metric ? metric.suffix : metric[0]), "", 0));
  const text = titled(title, current.join(""));
  return deprecated.length === 0 ? text : text + titled(`${title} (deprecated)`, [...old, ...late].join(""));
};

/**
 * The text of a block, or of that part of it that `filter` asks for. An empty text where nothing of it is wanted, and without `items`,
 * which stands for a server that is off. Values of labels are escaped, which upstream does not do.
 */
export const blockText = <Item>(
  block: Block<Item>,
  items: readonly Item[] | undefined,
  { type, objects }: MtxFilter,
): string => {
  if (!items || (type !== undefined && type !== block.type)) return "";
  const keys = Object.keys(block.filters) as ObjectKey[];
  const isNarrowed = keys.some((key) => objects.has(key));
  if (objects.size > 0 && !isNarrowed) return "";
  const wanted = items.filter((item) =>
    keys.every((key) => !objects.has(key) || block.filters[key]?.(item) === objects.get(key)),
  );
  const isEmpty = (block.isOptional ? wanted : items).length === 0;
  if (!isEmpty) return filledText(block, wanted);
  return isNarrowed || (block.isOptional && type === undefined) ? "" : emptyText(block);
};
