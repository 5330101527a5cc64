import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { ConfigError, messageOf } from "../../src/base/errors.ts";
import { readTokenFile } from "../../src/config/token-file.ts";
import { TempDirectory } from "../e2e/harness/directory.ts";

describe("a file of tokens", () => {
  test("is an object of texts by stream key", () => {
    using directory = new TempDirectory();
    const file = directory.file("tokens.json");
    writeFileSync(file, '{"live/a": "b=c", "live/ü": "x", "__proto__": "y"}');
    expect([...readTokenFile(file)]).toEqual([
      ["live/a", "b=c"],
      ["live/ü", "x"],
      ["__proto__", "y"],
    ]);
  });

  test("that is none is an error which tells no token", () => {
    using directory = new TempDirectory();
    const file = directory.file("tokens.json");
    const where = `--auth-file: ${JSON.stringify(file)}`;
    const isNone = `${where} is no JSON object, expected {"live/test": "TOKEN"}`;
    const without = (key: string): string =>
      `${where} has no text behind "${key}", expected {"live/test": "TOKEN"}`;
    const rows: [content: string, message: string][] = [
      ["", isNone],
      ['{"live/cam1":"hunter2"', isNone],
      ['["hunter2"]', isNone],
      ['"hunter2"', isNone],
      ["null", isNone],
      ['{"live/cam1":3}', without("live/cam1")],
      ['{"live/cam1":""}', without("live/cam1")],
      ['{"live/cam1":["hunter2"]}', without("live/cam1")],
      ['{"":"hunter2"}', without("")],
    ];
    for (const [content, message] of rows) {
      writeFileSync(file, content);
      expect(() => readTokenFile(file), content).toThrow(new ConfigError(message));
    }
  });

  test("that is not there is an error of the operator's", () => {
    let failure: unknown;
    try {
      readTokenFile("/nowhere/tokens.json");
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(ConfigError);
    expect(messageOf(failure)).toStartWith('--auth-file: "/nowhere/tokens.json" cannot be read: ');
  });
});
