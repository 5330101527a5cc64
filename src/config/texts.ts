import * as v from "valibot";
import { ConfigError } from "../base/errors.ts";
import { isMapping } from "./document.ts";
import { type FieldFace, shownValue } from "./field.ts";

/** How the names and values of {@link texts} are read. Both throw ConfigError for what cannot be used. */
export interface TextsOptions {
  /** Checks a name. */
  readonly name: (name: string) => void;
  /** Reads a value; what it gives is kept. */
  readonly value?: (text: string) => string;
  /** How a value is shown to people, where that is not the value itself. */
  readonly shown?: (value: unknown) => unknown;
}

/** A mapping of names that are the operator's own to texts, such as headers or variables. */
export const texts = (doc: string, options: TextsOptions) => {
  const { name, value, shown } = options;
  const face: FieldFace = {
    jsonSchema: { type: "object", additionalProperties: { type: "string" } },
    ...(shown && {
      shown: (given) =>
        isMapping(given)
          ? Object.fromEntries(Object.entries(given).map(([key, text]) => [key, shown(text)]))
          : given,
    }),
  };
  const read = (key: string, given: unknown): [string, string] => {
    name(key);
    if (typeof given !== "string")
      throw new ConfigError(`${shownValue(given)}, expected text${given === null ? "" : " in quotes"}`);
    return [key, value ? value(given) : given];
  };
  return v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(
      isMapping,
      ({ input }) => `${shownValue(input)}, expected a mapping`,
    ),
    v.description(doc),
    v.metadata({ face }),
    v.rawTransform<Readonly<Record<string, unknown>>, Readonly<Record<string, string>>>(
      ({ dataset, addIssue }) => {
        const pairs: [string, string][] = [];
        for (const [key, given] of Object.entries(dataset.value)) {
          try {
            pairs.push(read(key, given));
          } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
            const path = {
              type: "object",
              origin: "value",
              input: { ...dataset.value },
              key,
              value: given,
            } as const;
            addIssue({ message: error.message, path: [path] });
          }
        }
        return Object.fromEntries(pairs);
      },
    ),
  );
};
