import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { ConfigError } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";

/** Where something stands in a document: keys of mappings and places of list items, from the root. */
export type DocumentPath = readonly (string | number)[];

/** A mapping of a document. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether a value of a document is a mapping, and no list. */
export const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The most text of a document that is read, in bytes. */
export const maxDocumentBytes = 1_048_576;

/** More than any sensible document holds; anchors may not multiply a small text beyond it. */
const maxValues = 50_000;

/** Deeper than any sensible document. */
const maxDepth = 32;

/** The most faults of a text that are told at once. */
const maxFaults = 20;

/** A value that was read. */
interface Part {
  readonly value: unknown;
  /** Where it stands; for what has a key, where that stands. */
  readonly line: number;
  /** How many values are in it, itself too. */
  readonly count: number;
  readonly inner: ReadonlyMap<string | number, Part>;
}

/** A configuration file as plain data, which knows on which line everything stands. */
export class ConfigDocument {
  /** What it is called in errors: the path of the file, as the operator wrote it. */
  readonly name: string;
  /** Mappings, lists, texts, numbers, true, false and null. Parts of it may be the same object, where the document has aliases. */
  readonly value: unknown;
  readonly #root: Part;

  /** Made by {@link parseConfigDocument}. */
  constructor(name: string, root: Part) {
    this.name = name;
    this.value = root.value;
    this.#root = root;
  }

  /** The line, counted from 1, of what is at `path`; of the nearest thing around it where there is nothing. */
  lineOf(path: DocumentPath): number {
    let part = this.#root;
    for (const key of path) {
      const inner = part.inner.get(key);
      if (!inner) break;
      part = inner;
    }
    return part.line;
  }

  /** One line of an error about what is at `path`: `hooks.yaml:12: hooks.webhooks[0].url: …`. */
  faultAt(path: DocumentPath, message: string): string {
    const where = path.length > 0 ? `${formatPath(path)}: ` : "";
    return `${this.name}:${this.lineOf(path)}: ${where}${message}`;
  }
}

/** A path as people write it: `hooks.webhooks[0].url`. */
export const formatPath = (path: DocumentPath): string =>
  path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`;
      return `.${/^[\w-]+$/.test(key) ? key : printable(key)}`;
    })
    .join("")
    .replace(/^\./, "");

/**
 * Reads YAML 1.2, or JSON, which is a part of it. Anchors, aliases and merge keys are understood.
 * @throws ConfigError with a line per fault: what is no YAML, keys that stand twice, tags, and texts that are too long, deep or much
 */
export const parseConfigDocument = (text: string, name: string): ConfigDocument => {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxDocumentBytes)
    throw new ConfigError(`${name}: ${bytes} bytes, expected at most ${maxDocumentBytes}`);
  const lines = new LineCounter();
  // The library looks for keys that stand twice by comparing each with all others, which takes half a minute for a long mapping.
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const reader = new DocumentReader(lines);
  for (const { pos, message } of [...parsed.errors, ...parsed.warnings]) {
    const isVariable = text.startsWith("${", pos[0] - 1);
    reader.refuse(
      pos[0],
      isVariable ? "variable inside of { } or [ ], expected it in quotes" : tidy(message),
    );
  }
  const root = reader.faults.length === 0 ? readRoot(reader, parsed.contents) : undefined;
  if (!root || reader.faults.length > 0) {
    const faults = reader.faults.map(({ line, message }) => `${name}:${line}: ${message}`);
    throw new ConfigError([...new Set(faults)].join("\n"));
  }
  return new ConfigDocument(name, root);
};

const readRoot = (reader: DocumentReader, contents: Node | null): Part | undefined => {
  if (isMap(contents)) return reader.read(contents, 0);
  reader.refuse(contents?.range?.[0] ?? 0, contents ? "expected a mapping" : "empty, expected a mapping");
  return undefined;
};

/** A message of the library in our manner. It may end with a part of the text, which may be a secret. */
const tidy = (message: string): string => {
  const plain = message
    .replace(/: ".*$/s, "")
    .replace(/; please use.*$/s, ", expected one")
    .replace(/\.$/, "");
  return plain.charAt(0).toLowerCase() + plain.substring(1, 200);
};

/** Tags that change nothing about how a value is read here. */
const plainTags = ["str", "int", "float", "bool", "null", "map", "seq"].map(
  (tag) => `tag:yaml.org,2002:${tag}`,
);

/** Turns nodes of the library into plain data, once for each node; aliases share what their anchor gave. */
class DocumentReader {
  readonly faults: { line: number; message: string }[] = [];
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Part>();
  #count = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  /** Notes what is wrong at an offset of the text. One mistake leads to others on its line, which say nothing more. */
  refuse(offset: number, message: string): void {
    const line = this.#lineAt(offset);
    if (this.faults.length < maxFaults && this.faults.at(-1)?.line !== line)
      this.faults.push({ line, message });
  }

  /** What a node says; undefined as its value where that cannot be used, which is a fault already. */
  read(node: Node | null, depth: number): Part {
    const offset = node?.range?.[0] ?? 0;
    if (depth > maxDepth) return this.#refused(offset, `more than ${maxDepth} levels deep`);
    if (isAlias(node)) return this.#readAlias(node, offset);
    if (node?.tag !== undefined && !plainTags.includes(node.tag))
      return this.#refused(offset, `tag ${printable(node.tag)}, expected none`);
    const part = this.#readPlain(node, offset, depth);
    if (node && "anchor" in node && node.anchor) this.#anchors.set(node.anchor, part);
    return part;
  }

  #readPlain(node: Node | null, offset: number, depth: number): Part {
    if (isMap(node)) return this.#readMap(node, offset, depth);
    if (isSeq(node)) return this.#readSeq(node, offset, depth);
    return this.#part(isScalar(node) ? scalarOf(node) : null, offset);
  }

  #readSeq(node: YAMLSeq, offset: number, depth: number): Part {
    const parts = node.items.map((item) => this.read(item as Node | null, depth + 1));
    return this.#part(
      parts.map(({ value }) => value),
      offset,
      new Map(parts.entries()),
    );
  }

  #readMap(node: YAMLMap, offset: number, depth: number): Part {
    const own = new Map<string, Part>();
    const merged: Part[] = [];
    for (const { key, value } of node.items) {
      const keyOffset = isScalar(key) || isAlias(key) ? (key.range?.[0] ?? offset) : offset;
      const part = this.read(value as Node | null, depth + 1);
      if (isMergeKey(key)) merged.push(...this.#mergedParts(part, keyOffset));
      else if (!isScalar(key)) this.refuse(keyOffset, "a key that is no text");
      else {
        const name = String(key.value ?? "");
        const line = this.#lineAt(keyOffset);
        const before = own.get(name)?.line;
        if (before !== undefined)
          this.refuse(keyOffset, `${printable(name)} stands twice, first on line ${before}`);
        own.set(name, { ...part, line });
      }
    }
    const parts = new Map<string | number, Part>(own);
    for (const { inner } of merged)
      for (const [name, part] of inner) if (!parts.has(name)) parts.set(name, part);
    // Object.fromEntries makes own properties, whatever they are called.
    const value = Object.fromEntries([...parts].map(([name, part]) => [name, part.value]));
    return this.#part(value, offset, parts);
  }

  /** What stands behind a `<<`: a mapping, or a list of them, the first of which counts most. */
  #mergedParts(part: Part, offset: number): Part[] {
    const parts = Array.isArray(part.value) ? [...part.inner.values()] : [part];
    if (parts.every(({ value }) => isMapping(value))) return parts;
    this.refuse(offset, "<< expects a mapping, or a list of mappings");
    return [];
  }

  #readAlias(node: Alias, offset: number): Part {
    const part = this.#anchors.get(node.source);
    if (!part) return this.#refused(offset, `no anchor ${printable(node.source)} before this alias`);
    this.#limit(part.count, offset);
    return part;
  }

  #part(value: unknown, offset: number, inner: Part["inner"] = new Map()): Part {
    this.#limit(1, offset);
    let count = 1;
    for (const part of inner.values()) count += part.count;
    return { value, line: this.#lineAt(offset), count, inner };
  }

  #limit(count: number, offset: number): void {
    if (this.#count <= maxValues && this.#count + count > maxValues)
      this.refuse(offset, `more than ${maxValues} values, those of aliases too`);
    this.#count += count;
  }

  #refused(offset: number, message: string): Part {
    this.refuse(offset, message);
    return this.#part(undefined, offset);
  }

  #lineAt(offset: number): number {
    return Math.max(1, this.#lines.linePos(offset).line);
  }
}

const isMergeKey = (key: unknown): boolean => isScalar(key) && key.value === "<<" && key.type === "PLAIN";

const scalarOf = ({ value, source }: Scalar): unknown =>
  value === null || ["string", "number", "boolean"].includes(typeof value)
    ? value
    : (source ?? String(value));
