/** A column of a table. */
export interface Column {
  readonly title: string;
  /** `right` for numbers. */
  readonly align?: "left" | "right";
  /** Where the table is too wide, the column may be cut to this width; it is never cut where this is left out. */
  readonly minWidth?: number;
}

/** A line of a table. */
export interface Row {
  readonly cells: readonly string[];
  /** What does not fit into columns: each on lines of its own below, with a label in front that may be empty. */
  readonly notes?: readonly (readonly [label: string, text: string])[];
}

const gap = "  ";
const noteIndent = "  ";

/** Columns of the terminal; 80 where standard output is none. */
export const terminalWidth = (): number => (process.stdout.isTTY ? Math.max(60, process.stdout.columns) : 80);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal must not get from strangers
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** `text` in one line, with nothing in it that a terminal would obey. */
export const plainText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\s*[\r\n]+\s*/g, " ")
    .replace(unprintable, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

const segmenter = new Intl.Segmenter();

/** The start of `text` in at most `width` columns, with `…` where it is cut. */
export const cutTo = (text: string, width: number): string => {
  if (Bun.stringWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of segmenter.segment(text)) {
    if (Bun.stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
};

/** Lines of at most `width` columns, broken at spaces. A word that is longer stays whole, so that it can be copied. */
export const wrapText = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && Bun.stringWidth(`${last} ${word}`) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

const pad = (text: string, width: number, align: Column["align"]): string => {
  const space = " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
  return align === "right" ? space + text : text + space;
};

/** The widths of columns: as their cells need, less where that is too wide together. The widest gives way first. */
const widthsOf = (columns: readonly Column[], rows: readonly Row[], width: number): number[] => {
  const widths = columns.map(({ title }, index) =>
    Math.max(...[title, ...rows.map(({ cells }) => cells[index] ?? "")].map((text) => Bun.stringWidth(text))),
  );
  const spare = (index: number): number =>
    (widths[index] ?? 0) - (columns[index]?.minWidth ?? Number.POSITIVE_INFINITY);
  const total = (): number => widths.reduce((sum, each) => sum + each, 0) + gap.length * (widths.length - 1);
  while (total() > width) {
    const [widest] = [...widths.keys()]
      .filter((index) => spare(index) > 0)
      .sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
};

const noteLines = (notes: NonNullable<Row["notes"]>, labelWidth: number, width: number): string[] => {
  const indent = noteIndent.length + (labelWidth > 0 ? labelWidth + gap.length : 0);
  return notes.flatMap(([label, text]) =>
    wrapText(plainText(text), width - indent).map(
      (line, index) => (noteIndent + (index === 0 ? label : "")).padEnd(indent) + line,
    ),
  );
};

/** A table for a terminal of `width` columns, a head first, without an end of line. No cell can break its frame. */
export const renderTable = (columns: readonly Column[], given: readonly Row[], width: number): string => {
  const rows = given.map((row) => ({ ...row, cells: row.cells.map(plainText) }));
  const widths = widthsOf(columns, rows, width);
  const labelWidth = Math.max(0, ...rows.flatMap(({ notes = [] }) => notes.map(([label]) => label.length)));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) =>
        pad(cutTo(cells[index] ?? "", widths[index] ?? 0), widths[index] ?? 0, align),
      )
      .join(gap)
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    ...rows.flatMap(({ cells, notes = [] }) => [line(cells), ...noteLines(notes, labelWidth, width)]),
  ].join("\n");
};
