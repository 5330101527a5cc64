import * as v from "valibot";
import { ConfigError } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { type ConfigDocument, type DocumentPath, isMapping } from "./document.ts";
import { type Environment, expandDocument } from "./variables.ts";

/** What {@link checkDocument} gives. */
export interface CheckedDocument<Value> {
  readonly value: Value;
  /** Names of the environment's variables that the document uses. */
  readonly variables: ReadonlySet<string>;
}

/**
 * Puts variables into a document and reads it by its schema.
 * @throws ConfigError with a line for each fault, in the order of the document. Values that came from variables are not in it.
 */
export const checkDocument = <Value>(
  document: ConfigDocument,
  schema: v.GenericSchema<unknown, Value>,
  environment: Environment,
): CheckedDocument<Value> => {
  const { value, variables, faults } = expandDocument(document.value, environment);
  const read = readValue(schema, value, document.value);
  const broken = new Set(faults.map(({ path }) => JSON.stringify(path)));
  const all = [...faults, ...read.faults.filter(({ path }) => !broken.has(JSON.stringify(path)))];
  if (all.length > 0 || !read.isTyped) throw new ConfigError(tell(document, all));
  return { value: read.value as Value, variables };
};

/** What a schema makes of a value, and what it says against it. */
export interface ReadValue {
  /** Whether there is nothing against it. */
  readonly isTyped: boolean;
  /** What the schema gives; of what it refuses, anything. */
  readonly value: unknown;
  readonly faults: readonly { readonly path: DocumentPath; readonly message: string }[];
}

/** Reads a value by its schema. Faults show it as it is in `written`, before variables were put in. */
export const readValue = (schema: v.GenericSchema, value: unknown, written: unknown = value): ReadValue => {
  const result = v.safeParse(schema, value, { message: plainMessage });
  const faults = (result.issues ?? []).map((issue) => {
    const path = (issue.path ?? []).map(({ key }) => key as string | number);
    return { path, message: withoutVariables(issue.message, at(written, path), at(value, path)) };
  });
  return { isTyped: result.success, value: result.output, faults };
};

const tell = (
  document: ConfigDocument,
  faults: readonly { path: DocumentPath; message: string }[],
): string => {
  const sorted = faults.toSorted((a, b) => document.lineOf(a.path) - document.lineOf(b.path));
  return [...new Set(sorted.map(({ path, message }) => document.faultAt(path, message)))].join("\n");
};

/** What valibot would say in its own words. */
const plainMessage = (issue: v.BaseIssue<unknown>): string =>
  issue.path?.at(-1)?.origin === "key" ? "missing" : `${issue.received}, expected ${issue.expected}`;

/** Shows a value as it stands in the document, not as variables made it. */
const withoutVariables = (message: string, written: unknown, expanded: unknown): string => {
  if (typeof written !== "string" || typeof expanded !== "string" || written === expanded) return message;
  return message
    .replaceAll(printable(expanded), printable(written))
    .replaceAll(JSON.stringify(expanded), JSON.stringify(written));
};

const at = (value: unknown, path: DocumentPath): unknown => {
  let part = value;
  for (const key of path) {
    if (Array.isArray(part)) part = part[Number(key)];
    else part = isMapping(part) && Object.hasOwn(part, key) ? part[key] : undefined;
  }
  return part;
};
