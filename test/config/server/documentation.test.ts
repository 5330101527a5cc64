import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { YAML } from "bun";
import * as v from "valibot";
import { optional } from "../../../src/config/field.ts";
import { section } from "../../../src/config/section.ts";
import { flagNameOf, variableNameOf } from "../../../src/config/server/flag-name.ts";
import { globalGroups, globalSettings } from "../../../src/config/server/global-section.ts";
import { entriesOf, sectionOf } from "../../../src/config/server/list-setting.ts";
import { loadServerConfig } from "../../../src/config/server/load.ts";
import { pathGroups, pathSettings } from "../../../src/config/server/path-section.ts";
import { readableGlobalKeys, readablePathKeys } from "../../../src/config/server/readable-keys.ts";
import { referenceTables } from "../../../src/config/server/reference-table.ts";
import { servedKeys, servedness } from "../../../src/config/server/served.ts";
import { settingFlags } from "../../../src/config/server/setting-flags.ts";
import { authSection } from "../../../src/hooks/settings/auth-section.ts";
import { deliverySection, retrySection } from "../../../src/hooks/settings/delivery-section.ts";
import { filterSection } from "../../../src/hooks/settings/filter-section.ts";
import { hooksSection } from "../../../src/hooks/settings/hook-file.ts";
import { jsonSchemaOf } from "../json-schema.ts";
import { template } from "./samples.ts";

const root = join(import.meta.dir, "../../..");
const page = join(root, "docs/configuration.md");
const schemaFile = join(root, "docs/config.schema.json");
const marks = { begin: "<!-- keys -->\n\n", end: "\n\n<!-- end of keys -->" };

const path = sectionOf("a path", readablePathKeys);
const bare = jsonSchemaOf(
  section("configuration of rtmp-server, in the keys of MediaMTX", {
    ...entriesOf(readableGlobalKeys),
    hooks: optional(hooksSection),
    pathDefaults: optional(path),
    paths: v.exactOptional(v.pipe(v.record(v.string(), v.nullable(path)), v.description("paths, by name"))),
  }),
  {
    title: "configuration file of rtmp-server",
    definitions: {
      path,
      filter: filterSection,
      auth: authSection,
      retry: retrySection,
      delivery: deliverySection,
    },
  },
);

type Properties = Record<string, Record<string, unknown>>;

/** With the flag and the variable of each key in its description. */
const named = (properties: Properties, isOfPath: boolean): Properties =>
  Object.fromEntries(
    Object.entries(properties).map(([key, property]) => {
      const flag = settingFlags.get(flagNameOf(key));
      if (flag?.path.at(-1) !== key || flag.path.length !== (isOfPath ? 2 : 1)) return [key, property];
      const variable = variableNameOf(key, isOfPath);
      const about = `--${flag.option.flag}${isOfPath ? " of every path" : ""}, ${variable}`;
      return [key, { ...property, description: `${property.description} (${about})` }];
    }),
  );

const { properties, $defs, ...rest } = bare as {
  properties: Properties;
  $defs: { path: { properties: Properties } };
};
const made = {
  ...rest,
  properties: named(properties, false),
  $defs: { ...$defs, path: { ...$defs.path, properties: named($defs.path.properties, true) } },
};

if (process.env.UPDATE_DOCS === "1") {
  writeFileSync(schemaFile, JSON.stringify(made));
  Bun.spawnSync([join(root, "node_modules/.bin/biome"), "format", "--write", schemaFile]);
}

const textOfPage = (): string => readFileSync(page, "utf8");

describe("the page about the configuration file", () => {
  test("holds the tables as the code has them (UPDATE_DOCS=1 writes them anew)", () => {
    const text = textOfPage();
    const from = text.indexOf(marks.begin) + marks.begin.length;
    const to = text.indexOf(marks.end);
    if (process.env.UPDATE_DOCS === "1")
      writeFileSync(page, text.substring(0, from) + referenceTables() + text.substring(to));
    else expect(text.substring(from, to)).toBe(referenceTables());
  });

  test("names every key", () => {
    const text = textOfPage();
    const keys = [...Object.keys(readableGlobalKeys), ...Object.keys(readablePathKeys)];
    expect(keys.filter((key) => !new RegExp(`\`(?:paths\\.….)?${key}\``).test(text))).toEqual([]);
  });

  test("shows files that can be used", () => {
    const blocks = [...textOfPage().matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
    expect(blocks.length).toBeGreaterThan(2);
    for (const text of blocks)
      expect(() =>
        loadServerConfig({ text, name: "f", environment: { PANEL_SECRET: "x" }, hooks: hooksSection }),
      ).not.toThrow();
  });

  test("has a group for every key", () => {
    const grouped = (groups: typeof globalGroups): string[] =>
      groups.flatMap(({ settings }) => Object.keys(settings)).sort();
    const unlisted = ["authJWTInHTTPQuery", "fallback"];
    const keysOf = (settings: object): string[] =>
      Object.keys(settings)
        .filter((key) => !unlisted.includes(key))
        .sort();
    expect(grouped(globalGroups)).toEqual(keysOf(globalSettings));
    expect(grouped(pathGroups)).toEqual(keysOf(pathSettings));
  });
});

describe("the list of what is served", () => {
  test("has keys that exist, and none twice", () => {
    const known = [
      ...Object.keys(globalSettings),
      ...Object.keys(pathSettings),
      "hooks",
      "pathDefaults",
      "paths",
      "name",
    ];
    expect([...servedKeys].filter((key) => !known.includes(key))).toEqual([]);
    expect(servedness("webrtcAddress")).toBe("never");
    expect(servedness("rpiCameraWidth")).toBe("never");
    expect(servedness("rtmpAddress")).toBe("served");
  });
});

describe("the JSON Schema of the configuration file", () => {
  const accepts = new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false }).compile(
    JSON.parse(readFileSync(schemaFile, "utf8")),
  );

  test("is the one in docs; UPDATE_DOCS=1 writes it anew", () => {
    expect(JSON.parse(readFileSync(schemaFile, "utf8"))).toEqual(JSON.parse(JSON.stringify(made)));
  });

  test("says something about every key, and how else it is set", () => {
    expect(made.properties.rtmpAddress?.description).toEndWith("(--rtmp-address, MTX_RTMPADDRESS)");
    expect(made.$defs.path.properties.record?.description).toEndWith(
      "(--record of every path, MTX_PATHDEFAULTS_RECORD)",
    );
    const silent: string[] = [];
    const visit = (node: unknown, at: string): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [key, inner] of Object.entries(node)) visit(inner, `${at}/${key}`);
      if (/\/(?:properties|\$defs)\/\w+$/.test(at) && !("description" in node) && !("$ref" in node))
        silent.push(at);
    };
    visit(made, "");
    expect(silent).toEqual([]);
  });

  const rows: { name: string; file: unknown; isValid: boolean }[] = [
    { name: "the template", file: YAML.parse(template), isValid: true },
    { name: "nothing", file: {}, isValid: true },
    { name: "a path of nothing", file: { paths: { all_others: null } }, isValid: true },
    { name: "an encryption without quotes", file: { rtspEncryption: false }, isValid: true },
    { name: "yes for true", file: { rtmp: "yes" }, isValid: true },
    { name: "a duration of days", file: { pathDefaults: { recordDeleteAfter: "7d18h" } }, isValid: true },
    { name: "one text for a list", file: { apiAllowOrigins: "*" }, isValid: true },
    { name: "an old key", file: { pathDefaults: { runOnReady: "x" } }, isValid: true },
    { name: "hooks", file: { hooks: { stdio: { format: "json" } } }, isValid: true },
    { name: "an unknown key", file: { rtmpAdress: ":1" }, isValid: false },
    { name: "an unknown key of a path", file: { paths: { a: { recrod: true } } }, isValid: false },
    { name: "an unknown key of a user", file: { authInternalUsers: [{ users: "a" }] }, isValid: false },
    { name: "a duration without unit", file: { readTimeout: 10 }, isValid: false },
    { name: "an unknown word", file: { logLevel: "trace" }, isValid: false },
    { name: "a queue of 500", file: { writeQueueSize: 500 }, isValid: false },
  ];
  for (const { name, file, isValid } of rows) {
    test(`${isValid ? "accepts" : "refuses"} ${name}`, () => {
      expect(accepts(file), JSON.stringify(accepts.errors)).toBe(isValid);
    });
  }
});
