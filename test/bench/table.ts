/** One line of a table about figures of type `F`. Several values share a cell: `1.2 / 3.4`. */
export interface Row<F> {
  readonly label: string;
  readonly values: (figures: F) => readonly number[];
  readonly digits: number;
  /** Whether a quotient of two servers means something here. */
  readonly compared?: true;
}

/** One server's column: the figures of each round. */
export interface Column<F> {
  readonly name: string;
  readonly rounds: readonly F[];
}

/** The middle of the numbers, NaN left out; NaN when there are none. */
export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b);
  const high = sorted[sorted.length >> 1] ?? Number.NaN;
  const low = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (low + high) / 2;
};

const medians = <F>(row: Row<F>, column: Column<F>): readonly number[] => {
  const rounds = column.rounds.map(row.values);
  return (rounds[0] ?? []).map((_, at) => median(rounds.map((values) => values[at] ?? Number.NaN)));
};

const show = (values: readonly number[], digits: number): string =>
  values.map((value) => (Number.isFinite(value) ? value.toFixed(digits) : "-")).join(" / ");

/**
 * The table as text: a line for each row, a column for each server, and for every server but the last the
 * quotient with the last.
 */
export const renderTable = <F>(rows: readonly Row<F>[], columns: readonly Column<F>[]): string => {
  const baseline = columns.at(-1);
  const others = columns.slice(0, -1);
  const head = [
    "",
    ...columns.map(({ name }) => name),
    ...others.map(({ name }) => `${name} : ${baseline?.name}`),
  ];
  const body = rows.map((row) => {
    const cells = columns.map((column) => medians(row, column));
    const base = cells.at(-1) ?? [];
    const quotients = cells
      .slice(0, -1)
      .map((values) => values.map((value, at) => value / (base[at] ?? Number.NaN)));
    return [
      row.label,
      ...cells.map((values) => show(values, row.digits)),
      ...quotients.map((values) => (row.compared ? show(values, 2) : "")),
    ];
  });
  const lines = [head, ...body];
  const widths = head.map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const pad = (cell: string, at: number): string =>
    at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return lines.map((cells) => `  ${cells.map(pad).join("   ")}`.trimEnd()).join("\n");
};
