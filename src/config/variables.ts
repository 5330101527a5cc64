import { ConfigError } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { type DocumentPath, isMapping } from "./document.ts";

/** Where the values of variables come from. */
export type Environment = Readonly<Record<string, string | undefined>>;

const reference = /\$\$\{|\$\{([^{}]*)\}|\$\{/g;

/**
 * A text with its variables put in: `${NAME}`, `${NAME:-default}` and `${NAME:?what is wrong without it}`; the last two take an empty
 * variable for an unset one. `$${` stands for `${`. What was put in is not looked at again. `onUse` hears of each variable that is
 * asked for.
 * @throws ConfigError for a variable that is not set, and for what is none of these
 */
export const expandVariables = (
  text: string,
  environment: Environment,
  onUse?: (name: string) => void,
): string =>
  text.replace(reference, (found: string, inner: string | undefined) => {
    if (found === "$${") return "${";
    const match = /^([A-Za-z_]\w*)(?::([-?])(.*))?$/s.exec(inner ?? "");
    if (!match)
      throw new ConfigError(
        `${printable(found)}, expected \${NAME}, \${NAME:-default} or \${NAME:?text}; write $\${ for a plain \${`,
      );
    const [, name = "", rule, text = ""] = match;
    onUse?.(name);
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value !== undefined && (value !== "" || rule === undefined)) return value;
    if (rule === "-") return text;
    if (rule === "?") throw new ConfigError(`variable ${name}: ${text === "" ? "not set" : text}`);
    throw new ConfigError(`variable ${name} is not set`);
  });

/** What becomes of a document's value, see {@link expandDocument}. */
export interface Expansion {
  readonly value: unknown;
  /** Names of all variables that were asked for, set or not. */
  readonly variables: ReadonlySet<string>;
  readonly faults: readonly { readonly path: DocumentPath; readonly message: string }[];
}

/** Puts variables into every text of a document's value. Keys stay as they are. */
export const expandDocument = (value: unknown, environment: Environment): Expansion => {
  const variables = new Set<string>();
  const faults: { path: DocumentPath; message: string }[] = [];
  const expand = (part: unknown, path: DocumentPath): unknown => {
    if (Array.isArray(part)) return part.map((item, index) => expand(item, [...path, index]));
    if (isMapping(part))
      return Object.fromEntries(
        Object.entries(part).map(([key, inner]) => [key, expand(inner, [...path, key])]),
      );
    if (typeof part !== "string") return part;
    try {
      return expandVariables(part, environment, (name) => variables.add(name));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push({ path, message: error.message });
      return part;
    }
  };
  return { value: expand(value, []), variables, faults };
};
