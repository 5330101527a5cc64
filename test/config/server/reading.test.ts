import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../../src/base/errors.ts";
import { type ApiChanges, noChanges, type PathChange } from "../../../src/config/server/api-changes.ts";
import { changesBetween, countOf } from "../../../src/config/server/changes-between.ts";
import { type ConfigSource, loadServerConfig, type Reading } from "../../../src/config/server/load.ts";
import { holds } from "../../base/property.ts";

const sourceOf = (text: string, made: ApiChanges = noChanges): ConfigSource<never> => ({
  text,
  name: "f",
  environment: {},
  changes: { made, name: "" },
});

const patched = (keys: PathChange & { kind: "patched" }, name: string): ApiChanges => ({
  ...noChanges,
  paths: new Map([[name, keys]]),
});

/** Names of the paths that are another object than before. */
const madeAnew = (before: ReturnType<typeof loadServerConfig>, now: ReturnType<typeof loadServerConfig>) =>
  Object.keys(now.config.paths).filter((name) => now.config.paths[name] !== before.config.paths[name]);

describe("a configuration that is read after another one", () => {
  const text = `pathDefaults: {maxReaders: 3}\npaths:\n${Array.from({ length: 50 }, (_, i) => `  cam${i}:\n    recordDeleteAfter: ${i + 1}d\n    runOnReady: run ${i}\n`).join("")}`;

  test("makes only the path anew that was changed", () => {
    const before = loadServerConfig(sourceOf(text));
    const changes = patched({ kind: "patched", keys: { maxReaders: 5 } }, "cam7");
    const now = loadServerConfig(sourceOf(text, changes), before.reading);
    expect(madeAnew(before, now)).toEqual(["cam7"]);
    expect(now.config.paths.cam7?.maxReaders).toBe(5);
    const next = loadServerConfig(sourceOf(text, { ...changes, global: { playWait: "1s" } }), now.reading);
    expect(madeAnew(now, next)).toEqual([]);
  });

  test("makes only the path anew that another line of the file is about, and tells the lines of now", () => {
    const before = loadServerConfig(sourceOf(text));
    const now = loadServerConfig(
      sourceOf(`# a comment\n${text.replace("run 7\n", "run x\n")}`),
      before.reading,
    );
    expect(madeAnew(before, now)).toEqual(["cam7"]);
    expect(now.warnings[0]).toStartWith("f:6: paths.cam0.runOnReady: deprecated");
  });

  test("makes all anew where what holds for all is another", () => {
    const before = loadServerConfig(sourceOf(text));
    const now = loadServerConfig(sourceOf(text.replace("maxReaders: 3", "maxReaders: 4")), before.reading);
    expect(madeAnew(before, now)).toHaveLength(50);
    expect(now.config.paths.cam0?.maxReaders).toBe(4);
  });

  test("refuses a path that a key at the top no longer lets be as it is", () => {
    const record = "paths: {cam: {recordPath: /rec/%path/%s}}";
    const before = loadServerConfig(sourceOf(record));
    expect(() => loadServerConfig(sourceOf(`playback: yes\n${record}`), before.reading)).toThrow(
      /expected %f/,
    );
  });

  test("is the same as one that is read by itself, whatever was read before", () => {
    const lines = fc.constantFrom(
      "",
      "    maxReaders: 1\n",
      "    runOnReady: a\n",
      "    runOnReady: a\n    runOnAvailable: b\n",
      "    record: yes\n",
      "    publishUser: joe\n    publishPass: x\n",
      "    rtspTransport: tcp\n",
      "    source: rtmp://h/a\n",
      "    maxReaders: -1\n",
    );
    const key = fc.constantFrom(
      { maxReaders: 9 },
      { runOnAvailable: "c" },
      { record: true },
      { alwaysAvailable: true },
      {},
    );
    const change = fc.oneof(
      key.map((keys): PathChange => ({ kind: "patched", keys })),
      key.map((keys): PathChange => ({ kind: "replaced", keys })),
      fc.constant<PathChange>({ kind: "deleted" }),
    );
    const name = fc.constantFrom("a", "b", "~^c$", "all_others");
    const source = fc
      .record({
        top: fc.constantFrom("", "playback: yes\n", "record: yes\n", "runOnConnect: x\n"),
        defaults: fc.constantFrom("", "pathDefaults: {maxReaders: 7}\n", "pathDefaults: {fallback: /a}\n"),
        paths: fc.dictionary(name, lines),
        changes: fc.dictionary(name, change),
        global: fc.constantFrom({}, { playback: true }),
      })
      .map(({ top, defaults, paths, changes, global }) => {
        const entries = Object.entries(paths).map(([each, body]) => `  ${each}:\n${body}`);
        const made = { ...noChanges, global, paths: new Map(Object.entries(changes)) };
        return sourceOf(`${top}${defaults}paths:\n${entries.join("")}`, made);
      });
    const outcomeOf = (run: () => ReturnType<typeof loadServerConfig>) => {
      try {
        return run();
      } catch (error) {
        if (error instanceof ConfigError) return error.message;
        throw error;
      }
    };
    holds(
      fc.property(fc.array(source, { minLength: 2, maxLength: 5 }), (sources) => {
        let reading: Reading | undefined;
        for (const each of sources) {
          const alone = outcomeOf(() => loadServerConfig(each));
          const after = outcomeOf(() => loadServerConfig(each, reading));
          if (typeof alone === "string" || typeof after === "string") {
            expect(after).toEqual(alone);
            continue;
          }
          expect(after.config).toEqual(alone.config);
          expect([after.warnings, after.asked]).toEqual([alone.warnings, alone.asked]);
          expect(countOf(changesBetween(alone.config, after.config))).toBe(0);
          reading = after.reading;
        }
      }),
      { numRuns: 500 },
    );
  });
});
