import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, TransportError } from "../../../src/base/errors.ts";
import { type ApiChanges, noChanges } from "../../../src/config/server/api-changes.ts";
import { prepareChanges, readChangeFile } from "../../../src/config/server/change-file.ts";

const folder = mkdtempSync(join(tmpdir(), "change-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

const changes: ApiChanges = {
  global: { logLevel: "debug" },
  pathDefaults: { maxReaders: 3 },
  paths: new Map([
    ["cam", { kind: "patched", keys: { record: true } }],
    ["__proto__", { kind: "replaced", keys: {} }],
    ["old", { kind: "deleted" }],
  ]),
};

describe("a file of changes", () => {
  test("gives back what was written, is for this user alone, and leaves nothing beside it", async () => {
    const path = join(folder, "changes.json");
    expect(readChangeFile(path)).toEqual(noChanges);
    for (const kept of [changes, { ...changes, global: {} }]) {
      await (await prepareChanges(path, kept)).commit();
      expect(readChangeFile(path)).toEqual(kept);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["changes.json"]);
  });

  test("holds what it held until the new one counts, and if that is given up", async () => {
    const path = join(folder, "changes.json");
    await (await prepareChanges(path, changes)).commit();
    const before = readFileSync(path, "utf8");
    const prepared = await prepareChanges(path, noChanges);
    expect(readFileSync(path, "utf8")).toBe(before);
    await prepared.discard();
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(readdirSync(folder)).toEqual(["changes.json"]);
  });

  test("that cannot be written is told", async () => {
    const path = join(folder, "nowhere", "changes.json");
    expect(prepareChanges(path, changes)).rejects.toThrow(TransportError);
  });

  const damaged = [
    "",
    "{",
    '{"global": {"logLevel": "hide',
    "[]",
    "{}",
    '{"global": {}, "pathDefaults": {}}',
    '{"global": {}, "pathDefaults": {}, "paths": []}',
    '{"global": {"paths": {}}, "pathDefaults": {}, "paths": {}}',
    '{"global": {"hooks": {}}, "pathDefaults": {}, "paths": {}}',
    '{"global": {}, "pathDefaults": {}, "paths": {"a": {"kind": "hide", "keys": {}}}}',
    '{"global": {}, "pathDefaults": {}, "paths": {"a": {"kind": "patched"}}}',
    '{"global": {}, "pathDefaults": {}, "paths": {"a": {"kind": "deleted", "keys": {}}}}',
    '{"global": {}, "pathDefaults": {}, "paths": {}, "more": 1}',
  ];
  for (const text of damaged) {
    test(`is refused, by its name and without what is in it: ${text}`, () => {
      const path = join(folder, "damaged.json");
      writeFileSync(path, text);
      expect(() => readChangeFile(path)).toThrow(
        new ConfigError(
          `configPersist: "${path}" is damaged, expected what the server wrote there; remove it to start without changes of the API`,
        ),
      );
      rmSync(path);
    });
  }
});
