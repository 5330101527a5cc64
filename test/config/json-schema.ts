import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { FieldFace } from "../../src/config/field.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** Text with a variable in it, which stands for a value of any type. */
const withVariable = { type: "string", pattern: "\\$\\{" };

/** Whether any text fits anyway. */
const takesText = ({ type, pattern, format }: JsonSchema): boolean =>
  type === "object" || (type === "string" && pattern === undefined && format === undefined);

const jsonOf = ({ jsonSchema }: FieldFace): JsonSchema =>
  takesText(jsonSchema) || "not" in jsonSchema ? jsonSchema : { anyOf: [jsonSchema, withVariable] };

/**
 * What editors check a document by: the JSON Schema of what a schema of ours reads, before variables are put in. `definitions` are parts
 * that are used several times, by name.
 */
export const jsonSchemaOf = (
  schema: v.GenericSchema,
  { title, definitions }: { title: string; definitions: Readonly<Record<string, v.GenericSchema>> },
): JsonSchema => {
  const converted = toJsonSchema(schema, {
    typeMode: "input",
    // Checks that span several keys have no counterpart.
    errorMode: "ignore",
    definitions: { ...definitions },
    ignoreActions: ["readonly"],
    overrideAction: ({ valibotAction, jsonSchema }) => {
      if (!("metadata" in valibotAction)) return undefined;
      const { face } = valibotAction.metadata as { face?: FieldFace };
      const { face: _, ...rest } = jsonSchema as JsonSchema;
      return face ? { ...rest, ...jsonOf(face) } : undefined;
    },
  });
  const { $schema, ...rest } = converted;
  return { $schema, title, ...rest };
};
