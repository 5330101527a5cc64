import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import { jsonAnswer, jsonText } from "../resource.ts";
import type { QueryParameter } from "./route.ts";
import { listOf, type Schema, whole } from "./schema.ts";

/** A part of a list. */
export interface Page<Item> {
  /** Of the whole list. */
  readonly itemCount: number;
  readonly pageCount: number;
  readonly items: readonly Item[];
}

const defaultItemsPerPage = 100;

/** The largest number that is taken. */
const maxNumber = 2 ** 31 - 1;

/** What every list takes. */
export const pageParameters: readonly QueryParameter[] = [
  { name: "page", description: "number of the page, from 0", schema: { ...whole, default: 0 } },
  {
    name: "itemsPerPage",
    description: "items on a page",
    schema: { type: "integer", minimum: 1, maximum: maxNumber, default: defaultItemsPerPage },
  },
];

/** Of a {@link Page}. */
export const pageSchema = (items: Schema): Schema => ({
  title: `${items.title}List`,
  type: "object",
  properties: { itemCount: whole, pageCount: whole, items: listOf(items) },
  required: ["itemCount", "pageCount", "items"],
  additionalProperties: false,
});

/** Which items of a list a query asks for: `limit` of them after the first `offset`. @throws ConfigError for what is no number */
export const pageBounds = (query: URLSearchParams): { readonly limit: number; readonly offset: number } => {
  const limit = numberOf(query, { name: "itemsPerPage", fallback: defaultItemsPerPage });
  if (limit === 0) throw new ConfigError("invalid items per page");
  return { limit, offset: numberOf(query, { name: "page", fallback: 0 }) * limit };
};

/** The page of `all` that a query asks for: the first hundred where it asks for none. @throws ConfigError for what is no number */
export const pageOf = <Item>(query: URLSearchParams, all: readonly Item[]): Page<Item> => {
  const { limit, offset } = pageBounds(query);
  const items: Item[] = [];
  for (let index = offset; index < Math.min(offset + limit, all.length); index++)
    items.push(all[index] as Item);
  return { itemCount: all.length, pageCount: Math.ceil(all.length / limit), items };
};

const numberOf = (query: URLSearchParams, { name, fallback }: { name: string; fallback: number }): number => {
  const given = query.get(name) ?? "";
  if (given === "") return fallback;
  const number = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!(number <= maxNumber))
    throw new ConfigError(`${name} ${printable(given)}, expected a whole number from 0 to ${maxNumber}`);
  return number;
};

/** So many objects take a fraction of a millisecond; media wait no longer for an answer, however long a page a client asks for. */
const objectsInOneGo = 100;

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** A list of what items are shown as, as JSON text. What is undefined has gone meanwhile, and is left out. */
export const listText = async <Item>(
  items: readonly Item[],
  show: (item: Item) => object | undefined,
): Promise<string> => {
  const texts: string[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % objectsInOneGo === 0) await turn();
    const shown = show(item);
    if (shown) texts.push(jsonText(shown));
  }
  return `[${texts.join(",")}]`;
};

/** Answers a page of what its items are shown as: see {@link listText}. */
export const pageAnswer = async <Item>(
  { itemCount, pageCount, items }: Page<Item>,
  show: (item: Item) => object | undefined,
): Promise<Response> =>
  jsonAnswer(`{"itemCount":${itemCount},"pageCount":${pageCount},"items":${await listText(items, show)}}`);
