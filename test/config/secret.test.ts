import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../src/base/errors.ts";
import { readSecret } from "../../src/config/secret.ts";

const directory = mkdtempSync(join(tmpdir(), "secret-"));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return `file:${join(directory, name)}`;
};

const messageOf = (given: string): string => {
  try {
    return readSecret(given);
  } catch (error) {
    if (error instanceof ConfigError) return `!${error.message}`;
    throw error;
  }
};

describe("a secret", () => {
  symlinkSync(join(directory, "lf"), join(directory, "link"));
  const rows: { name: string; given: string; expected: string }[] = [
    { name: "plain text", given: "hide", expected: "hide" },
    { name: "text like a file", given: "File:/x", expected: "File:/x" },
    { name: "a file", given: file("lf", "hide\n"), expected: "hide" },
    { name: "a file from Windows", given: file("crlf", "hide\r\n"), expected: "hide" },
    { name: "a file without newline", given: file("none", " hide "), expected: " hide " },
    {
      name: "a file of lines, without the last newline",
      given: file("lines", "a\nb\n\n"),
      expected: "a\nb\n",
    },
    { name: "a link", given: `file:${join(directory, "link")}`, expected: "hide" },
    { name: "nothing", given: "", expected: "!empty, expected a secret or file:/path" },
    {
      name: "an empty file",
      given: file("empty", "\n"),
      expected: "!empty, expected a secret or file:/path",
    },
    { name: "a NUL", given: file("nul", "hide\0"), expected: "!a secret with a NUL in it, expected text" },
    {
      name: "a path from here",
      given: "file:x",
      expected: '!file "x", expected an absolute path as in file:/path',
    },
    {
      name: "a directory",
      given: `file:${directory}`,
      expected: `!"${directory}" is no file, expected one that holds a secret`,
    },
    {
      name: "a device",
      given: "file:/dev/zero",
      expected: '!"/dev/zero" is no file, expected one that holds a secret',
    },
    {
      name: "a huge file",
      given: file("huge", "x".repeat(65_537)),
      expected: `!file "${join(directory, "huge")}" has 65537 bytes, expected at most 65536`,
    },
  ];
  for (const { name, given, expected } of rows) {
    test(`may be, or not be: ${name}`, () => {
      expect(messageOf(given)).toBe(expected);
    });
  }

  test("in a file that is not there says which", () => {
    expect(messageOf("file:/no/such")).toStartWith('!file "/no/such" cannot be read: ENOENT');
  });
});
