import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastWords, OutputFile, removeOldFiles } from "../../../src/orchestrator/process/output-file.ts";

const within = (use: (directory: string) => void): void => {
  const directory = mkdtempSync(join(tmpdir(), "rtmp-output-"));
  try {
    use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

describe("the file that a process writes into", () => {
  test("begins anew when it is too long, while the process goes on", () =>
    within((directory) => {
      const output = new OutputFile(join(directory, "x/a.log"), 10);
      const descriptor = output.open();
      writeSync(descriptor, "0123456789");
      output.turn();
      expect(output.size).toBe(10);
      writeSync(descriptor, "ab");
      output.turn();
      writeSync(descriptor, "cd");
      closeSync(descriptor);
      expect([readFileSync(`${output.path}.1`, "utf8"), readFileSync(output.path, "utf8")]).toEqual([
        "23456789ab",
        "cd",
      ]);
    }));

  test("begins anew where its older part cannot be kept, as on a full disk", () =>
    within((directory) => {
      const output = new OutputFile(join(directory, "a.log"), 10);
      closeSync(output.open());
      appendFileSync(output.path, "x".repeat(1_000));
      mkdirSync(`${output.path}.1`);
      expect(() => output.turn()).toThrow("EISDIR");
      expect(output.size).toBe(0);
    }));

  test("tells its end, of one start alone", () =>
    within((directory) => {
      const output = new OutputFile(join(directory, "a.log"), 1_000_000);
      expect([output.size, output.tail()]).toEqual([0, ""]);
      closeSync(output.open());
      appendFileSync(output.path, "before\n");
      const from = output.size;
      appendFileSync(output.path, `${"x".repeat(10_000)}\nlast\n`);
      expect(output.tail(from)).toEndWith("x\nlast\n");
      expect(output.tail(from).length).toBe(4_096);
      expect(output.tail(output.size)).toBe("");
      expect(output.tail(1e9).length).toBe(4_096);
    }));
});

test("files that nobody has written into for long are removed, but for those that are in use", () =>
  within((directory) => {
    const paths = ["old.log", "x/old.log", "x/used.log", "new.log"].map((name) => join(directory, name));
    for (const path of paths) closeSync(new OutputFile(path, 1).open());
    for (const path of paths.filter((each) => !each.endsWith("new.log"))) utimesSync(path, 1, 1);
    const use = join(directory, "x/used.log");
    removeOldFiles(directory, { before: 100_000, kept: new Set([use]) });
    expect(paths.map((path) => existsSync(path))).toEqual([false, false, true, true]);
    mkdirSync(join(directory, "y/empty"), { recursive: true });
    removeOldFiles(directory, { before: 100_000, kept: new Set([use]) });
    expect(readdirSync(directory).sort()).toEqual(["new.log", "x", "y"]);
    removeOldFiles(directory, { before: 100_000, kept: new Set() });
    expect(readdirSync(directory)).toEqual(["new.log"]);
    removeOldFiles(join(directory, "none"), { before: 1, kept: new Set() });
  }));

describe("the last words of a program", () => {
  const rows: { name: string; text: string; words: string; secrets?: string[] }[] = [
    { name: "nothing", text: " \n\n", words: "" },
    { name: "the last line", text: "one\ntwo\n\n", words: "two" },
    { name: "a line of progress", text: "frame=1\rframe=2\r", words: "frame=2" },
    {
      name: "a line of a log in JSON",
      text: '{"level":"ERROR","msg":"forward ended","error":"refused"}',
      words: "forward ended: refused",
    },
    { name: "JSON that is none of a log", text: '{"a":1}', words: '{"a":1}' },
    { name: "half of JSON", text: '{"msg":"a', words: '{"msg":"a' },
    {
      name: "a URL with credentials",
      text: "rtmp://u:p@host/app?key=1: failed",
      words: "rtmp://***@host/app?*** failed",
    },
    {
      name: "a secret",
      text: "cannot use pass=geheim",
      words: "cannot use ***",
      secrets: ["pass=geheim", "a"],
    },
    { name: "a long line", text: "y".repeat(1_000), words: `${"y".repeat(300)}…` },
  ];
  for (const { name, text, words, secrets } of rows)
    test(`are ${name}`, () => {
      expect(lastWords(text, secrets)).toBe(words);
    });
});
