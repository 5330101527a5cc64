import { pathBelow } from "./file-name.ts";
import { formatOffset, localParts, type Microseconds, parseOffset } from "./segment-time.ts";

/** What a template's placeholders are: letters behind a percent sign, and `path`. */
type Field = "path" | "Y" | "m" | "d" | "H" | "M" | "S" | "f" | "z" | "s";

type Token =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "field"; readonly field: Field };

/** What a name of a file tells. */
export interface NamedSegment {
  readonly path: string;
  readonly start: Microseconds;
}

/** One level of folders below the root, or the files in the last: a plain name, or what names have to look like. */
export type Level = { readonly name: string } | { readonly pattern: RegExp };

/** How the time is written: what it looks like. `%path` may be any text, as short as it can be. */
const looks: Readonly<Record<Field, string>> = {
  path: ".+?",
  Y: "\\d{4}",
  m: "\\d{2}",
  d: "\\d{2}",
  H: "\\d{2}",
  M: "\\d{2}",
  S: "\\d{2}",
  f: "\\d{6}",
  z: "Z|[+-]\\d{4}",
  s: "\\d{10}",
};

/** What a recording's name ends with: those of every format, whichever is written now. */
const extensions = "\\.(?:flv|mp4|ts)";

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const isField = (text: string): text is Field => Object.hasOwn(looks, text);

const tokensOf = (template: string): Token[] =>
  template
    .split(/%(path|[YmdHMSfzs])/)
    // What a group of the pattern took stands between what did not match.
    .map(
      (text, index): Token =>
        index % 2 === 1 && isField(text) ? { kind: "field", field: text } : { kind: "text", text },
    )
    .filter((token) => token.kind === "field" || token.text !== "");

const textOf = (field: Field, { path, start }: NamedSegment): string => {
  switch (field) {
    case "path":
      return path;
    case "z":
      return formatOffset(localParts(start).offset);
    case "s":
      return String(Math.floor(start / 1_000_000)).padStart(10, "0");
    default:
      return localParts(start)[field];
  }
};

const format = (tokens: readonly Token[], segment: NamedSegment): string =>
  tokens.map((token) => (token.kind === "text" ? token.text : textOf(token.field, segment))).join("");

/** A regular expression for whole names. A field that comes twice has to say the same twice. */
const patternOf = (tokens: readonly Token[], ending = ""): RegExp => {
  const seen = new Set<Field>();
  const parts = tokens.map((token) => {
    if (token.kind === "text") return escapePattern(token.text);
    if (seen.has(token.field)) return `\\k<${token.field}>`;
    seen.add(token.field);
    return `(?<${token.field}>${looks[token.field]})`;
  });
  return new RegExp(`^${parts.join("")}${ending}$`, "s");
};

const isWithin = (value: number, min: number, max: number): boolean => value >= min && value <= max;

/** The moment that fields tell; undefined where there is none such. */
const timeOf = (fields: Readonly<Record<string, string | undefined>>): Microseconds | undefined => {
  const { s, z, f = "0" } = fields;
  if (s !== undefined) return Number(s) * 1_000_000 + Number(f);
  const [Y = 0, m = 0, d = 0, H = 0, M = 0, S = 0] = [..."YmdHMS"].map((name) => Number(fields[name]));
  const isDay = isWithin(Y, 1970, 9_999) && isWithin(m, 1, 12) && isWithin(d, 1, 31);
  if (!isDay || !isWithin(H, 0, 23) || !isWithin(M, 0, 59) || !isWithin(S, 0, 59)) return undefined;
  const ms =
    z === undefined
      ? new Date(Y, m - 1, d, H, M, S).getTime()
      : Date.UTC(Y, m - 1, d, H, M, S) - parseOffset(z) * 60_000;
  return ms * 1_000 + Number(f);
};

/** Where recordings of paths go: a template such as `./recordings/%path/%Y-%m-%d_%H-%M-%S-%f`, to write by and to read back. */
export class RecordPath {
  /** The folder in front of the first placeholder: nothing is written or read anywhere else. */
  readonly root: string;
  /** Times that are so far apart have different names. */
  readonly step: Microseconds;
  readonly #tokens: readonly Token[];
  readonly #belowRoot: readonly Token[];
  readonly #pattern: RegExp;

  constructor(template: string) {
    const first = /%(?:path|[YmdHMSfzs])/.exec(template)?.index ?? template.length;
    const cut = template.lastIndexOf("/", first) + 1;
    this.root = cut === 0 ? "." : template.substring(0, cut);
    this.step = template.includes("%f") ? 1 : 1_000_000;
    this.#tokens = tokensOf(template);
    this.#belowRoot = tokensOf(template.substring(cut));
    this.#pattern = patternOf(this.#belowRoot, extensions);
  }

  /**
   * The file of a segment, in the words of the template: a relative one stays so.
   * @throws RefusedError BAD_STREAM_NAME where it would lie anywhere but below the root
   */
  fileOf(segment: NamedSegment, extension: string): string {
    pathBelow(this.root, `${format(this.#belowRoot, segment)}${extension}`);
    return `${format(this.#tokens, segment)}${extension}`;
  }

  /** What a file tells by its path below the root, `/` between folders; undefined for files that are no recordings. */
  read(relative: string): NamedSegment | undefined {
    return this.#understand(this.#pattern.exec(relative));
  }

  /** How recordings of one path are found below the root, level by level, and read. */
  search(path: string): {
    readonly levels: readonly Level[];
    read(relative: string): NamedSegment | undefined;
  } {
    const known = this.#belowRoot.map(
      (token): Token =>
        token.kind === "field" && token.field === "path" ? { kind: "text", text: path } : token,
    );
    const pattern = patternOf(known, extensions);
    return {
      levels: levelsOf(known),
      read: (relative) => this.#understand(pattern.exec(relative), path),
    };
  }

  #understand(match: RegExpExecArray | null, path?: string): NamedSegment | undefined {
    if (!match) return undefined;
    const fields = match.groups ?? {};
    const start = timeOf(fields);
    const name = path ?? fields.path;
    return start === undefined || name === undefined ? undefined : { path: name, start };
  }
}

/** Cuts tokens at their slashes. */
const levelsOf = (tokens: readonly Token[]): readonly Level[] => {
  const levels: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "field") {
      levels.at(-1)?.push(token);
      continue;
    }
    for (const [index, text] of token.text.split("/").entries()) {
      if (index > 0) levels.push([]);
      if (text !== "") levels.at(-1)?.push({ kind: "text", text });
    }
  }
  return levels.map((level, index): Level => {
    const isFile = index === levels.length - 1;
    const isPlain = !isFile && level.every(({ kind }) => kind === "text");
    return isPlain
      ? { name: format(level, { path: "", start: 0 }) }
      : { pattern: patternOf(level, isFile ? extensions : "") };
  });
};
