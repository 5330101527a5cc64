import { defineCommand } from "citty";
import { isHelp, orQuit, show } from "../exit.ts";

const usage = `rtmp-server hooks schema: print the JSON Schema of a hooks file

Usage: rtmp-server hooks schema > hooks.schema.json

An editor that knows it explains keys and marks faults. For editors with yaml-language-server, begin the hooks file with
  # yaml-language-server: $schema=./hooks.schema.json
`;

/** The JSON Schema of a hooks file, as text. */
export const hookSchemaText = (): string => {
  // Not a module but a document, which the build puts into the executable.
  const document: unknown = require("../../../docs/hooks.schema.json");
  return JSON.stringify(document, undefined, 2);
};

/** `hooks schema` */
export const schema = defineCommand({
  meta: { name: "schema", description: "print the JSON Schema of a hooks file, for editors" },
  run: ({ rawArgs }) => orQuit(() => show(isHelp(rawArgs) ? usage : hookSchemaText())),
});
