import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { YAML } from "bun";
import { readFlags } from "../../../src/config/flags.ts";
import { orchestratorOptions } from "../../../src/orchestrator/settings/flags.ts";
import {
  loadOrchestratorConfig,
  orchestratorSection,
  readOrchestratorConfig,
} from "../../../src/orchestrator/settings/load.ts";
import { placedKeys } from "../../../src/orchestrator/settings/places-of-keys.ts";
import { referenceTables } from "../../../src/orchestrator/settings/reference-table.ts";
import { jsonSchemaOf } from "../../config/json-schema.ts";
import { commandLinesOf, shellWords } from "../../shell-words.ts";

const root = join(import.meta.dir, "../../..");
const page = join(root, "docs/orchestrator.md");
const schemaFile = join(root, "docs/orchestrator.schema.json");
const example = join(root, "docs/examples/orchestrator.yaml");
const marks = { begin: "<!-- keys -->\n\n", end: "\n\n<!-- end of keys -->" };

const made = jsonSchemaOf(orchestratorSection, {
  title: "configuration file of rtmp-server orchestrate",
  definitions: {},
});

if (process.env.UPDATE_DOCS === "1") {
  writeFileSync(schemaFile, JSON.stringify(made));
  Bun.spawnSync([join(root, "node_modules/.bin/biome"), "format", "--write", schemaFile]);
}

const environment = { STREAM_KEY: "k", HOOK_SECRET: "s" };

describe("the page about the orchestrator", () => {
  test("holds the tables as the code has them (UPDATE_DOCS=1 writes them anew)", () => {
    const text = readFileSync(page, "utf8");
    const from = text.indexOf(marks.begin) + marks.begin.length;
    const to = text.indexOf(marks.end);
    expect(to).toBeGreaterThan(from - 1);
    if (process.env.UPDATE_DOCS === "1")
      writeFileSync(page, text.substring(0, from) + referenceTables() + text.substring(to));
    else expect(text.substring(from, to)).toBe(referenceTables());
  });

  test("shows files that can be used, as does the example", () => {
    const blocks = [...readFileSync(page, "utf8").matchAll(/^```yaml\n([\s\S]*?)^```$/gm)];
    expect(blocks.length).toBeGreaterThan(1);
    for (const text of [...blocks.map(([, block = ""]) => block), readFileSync(example, "utf8")])
      expect(() => loadOrchestratorConfig({ file: { text, name: "f" }, environment })).not.toThrow();
  });
});

test("every page shows command lines that can be used", () => {
  const lines = [page, join(root, "README.md")]
    .flatMap((file) => commandLinesOf(readFileSync(file, "utf8")))
    .filter((line) => line.startsWith("orchestrate ") && !line.includes("orchestrator.yaml"));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) {
    const typed = readFlags(shellWords(line).slice(1), orchestratorOptions);
    expect(() => readOrchestratorConfig(typed, environment), line).not.toThrow();
  }
});

describe("the JSON Schema of its file", () => {
  const accepts = new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false }).compile(
    JSON.parse(readFileSync(schemaFile, "utf8")),
  );

  test("is the one in docs; UPDATE_DOCS=1 writes it anew", () => {
    expect(JSON.parse(readFileSync(schemaFile, "utf8"))).toEqual(JSON.parse(JSON.stringify(made)));
  });

  test("knows and explains every key", () => {
    type Node = { readonly properties?: Readonly<Record<string, Node>>; readonly description?: string };
    for (const { path } of placedKeys) {
      const node = path.reduce<Node | undefined>(
        (part, key) => part?.properties?.[String(key)],
        made as Node,
      );
      expect(node?.description, path.join(".")).toBeString();
    }
  });

  test("accepts the example, and refuses what the program refuses", () => {
    expect(accepts(YAML.parse(readFileSync(example, "utf8"))), JSON.stringify(accepts.errors)).toBe(true);
    for (const file of [
      { adress: ":1" },
      { grace: 30 },
      { worker: { comand: "x" } },
      { forward: [{ stream: "*" }] },
    ])
      expect(accepts(file)).toBe(false);
  });
});
