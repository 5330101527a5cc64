import { catalogue, type EventDefinition, type FieldType } from "./catalogue.ts";

const typeNames: Readonly<Record<FieldType, string>> = {
  s: "string",
  i: "integer",
  f: "number",
  b: "boolean",
};

const rowOf = ({ type, class: eventClass, severity, isGraded, trigger, fields }: EventDefinition): string => {
  const payload = fields
    .map(({ name, type: of, meaning }) => `\`${name}\` ${typeNames[of]}: ${meaning}`)
    .join("<br>");
  return `| \`${type}\` | ${eventClass}, ${isGraded ? "by its level" : severity} | ${trigger} | ${payload} |`;
};

/** The catalogue as a Markdown table, for the documentation. */
export const catalogueTable = (): string =>
  ["| event | class, severity | raised when | data |", "|---|---|---|---|", ...catalogue.map(rowOf)].join(
    "\n",
  );
