import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { YAML } from "bun";
import { authSection } from "../../../src/hooks/settings/auth-section.ts";
import { deliverySection, retrySection } from "../../../src/hooks/settings/delivery-section.ts";
import { filterSection } from "../../../src/hooks/settings/filter-section.ts";
import { hookFileSchema } from "../../../src/hooks/settings/hook-file.ts";
import { jsonSchemaOf } from "../../config/json-schema.ts";
import { sampleFile } from "./sample-file.ts";

const written = join(import.meta.dir, "../../../docs/hooks.schema.json");

const made = jsonSchemaOf(hookFileSchema, {
  title: "hooks file of rtmp-server",
  definitions: { filter: filterSection, auth: authSection, retry: retrySection, delivery: deliverySection },
});

if (process.env.UPDATE_DOCS === "1") {
  writeFileSync(written, JSON.stringify(made));
  Bun.spawnSync([join(import.meta.dir, "../../../node_modules/.bin/biome"), "format", "--write", written]);
}

const accepts = new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false }).compile(
  JSON.parse(readFileSync(written, "utf8")),
);

describe("the JSON Schema of a hooks file", () => {
  test("is the one in docs; UPDATE_DOCS=1 writes it anew", () => {
    expect(JSON.parse(readFileSync(written, "utf8"))).toEqual(JSON.parse(JSON.stringify(made)));
  });

  test("says something about every key", () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [key, inner] of Object.entries(node)) visit(inner, `${path}/${key}`);
      const isNamed = /\/(?:properties|\$defs)\/\w+$/.test(path);
      if (isNamed && !("description" in node) && !("$ref" in node)) bare.push(path);
    };
    visit(made, "");
    expect(bare).toEqual([]);
  });

  const hook = { event_types: ["publish_start"], url: "https://example.com/" };
  const rows: { name: string; file: unknown; isValid: boolean }[] = [
    { name: "the sample", file: YAML.parse(sampleFile), isValid: true },
    { name: "nothing", file: {}, isValid: true },
    {
      name: "one event type as text",
      file: { hooks: { webhooks: [{ ...hook, event_types: "*" }] } },
      isValid: true,
    },
    {
      name: "variables for numbers, durations, words and truths",
      file: {
        hooks: {
          default_config: {
            concurrency: `\${N}`,
            timeout: `\${T:-3s}`,
            egress: `\${E}`,
            retry: { jitter: `\${J}` },
          },
          quality: { cpu_percent: `\${P}`, resident_bytes: `\${S}` },
        },
      },
      isValid: true,
    },
    { name: "yes for true", file: { hooks: { webhooks: [{ ...hook, enabled: "yes" }] } }, isValid: true },
    { name: "an unknown key", file: { hooks: { webhooks: [{ ...hook, urll: "x" }] } }, isValid: false },
    { name: "an unknown key at the top", file: { hook: {} }, isValid: false },
    {
      name: "a webhook without url",
      file: { hooks: { webhooks: [{ event_types: ["x"] }] } },
      isValid: false,
    },
    { name: "a duration without unit", file: { hooks: { default_config: { timeout: 30 } } }, isValid: false },
    { name: "a word of duration", file: { hooks: { default_config: { timeout: "soon" } } }, isValid: false },
    { name: "too much at once", file: { hooks: { default_config: { concurrency: 1001 } } }, isValid: false },
    { name: "an unknown word", file: { hooks: { default_config: { egress: "all" } } }, isValid: false },
    { name: "no event types", file: { hooks: { webhooks: [{ ...hook, event_types: [] }] } }, isValid: false },
    { name: "a list of sections as one", file: { hooks: { webhooks: hook } }, isValid: false },
    {
      name: "an unknown kind of auth",
      file: { hooks: { webhooks: [{ ...hook, auth: { type: "digest" } }] } },
      isValid: false,
    },
    {
      name: "auth without its secret",
      file: { hooks: { webhooks: [{ ...hook, auth: { type: "hmac" } }] } },
      isValid: false,
    },
    { name: "admission", file: { hooks: { admission: [] } }, isValid: false },
  ];
  for (const { name, file, isValid } of rows) {
    test(`${isValid ? "accepts" : "refuses"} ${name}`, () => {
      expect(accepts(file), JSON.stringify(accepts.errors)).toBe(isValid);
    });
  }
});
