/** What rows are ordered by. */
export interface Order<Column extends string> {
  readonly column: Column;
  readonly isDescending: boolean;
}

/** The order after a click on the head of a column: the other way round where it was ordered by it already. */
export const orderAfter = <Column extends string>(
  before: Order<Column>,
  { column, isDescendingFirst }: { column: Column; isDescendingFirst: boolean },
): Order<Column> => ({
  column,
  isDescending: before.column === column ? !before.isDescending : isDescendingFirst,
});

/** Numbers in texts count as numbers: `cam2` comes before `cam10`, on every machine. */
const collator = new Intl.Collator("en", { numeric: true });

const compare = (a: string | number, b: string | number): number =>
  typeof a === "string" && typeof b === "string" ? collator.compare(a, b) : a < b ? -1 : a > b ? 1 : 0;

/** Rows in order. Those that are equal stay as they were. */
export const sorted = <Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string | number,
  isDescending: boolean,
): readonly Row[] => {
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(keyOf(a), keyOf(b)));
};

/** Rows of which a text holds all the words that were typed, whatever their case. */
export const matching = <Row>(
  rows: readonly Row[],
  textOf: (row: Row) => string,
  typed: string,
): readonly Row[] => {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = textOf(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
};

/** One page of rows, and which one it is: the last one where there are not as many. */
export const pageOf = <Row>(
  rows: readonly Row[],
  { page, size }: { page: number; size: number },
): { readonly rows: readonly Row[]; readonly page: number; readonly pages: number } => {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const shown = Math.min(page, pages - 1);
  return { rows: rows.slice(shown * size, (shown + 1) * size), page: shown, pages };
};
