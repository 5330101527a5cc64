import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { prettyLine } from "../../src/base/log.ts";

/** What a logger of these options writes to standard error, run in a process of its own. */
const written = (options: string, calls: string): string[] => {
  const source = `import { createLogger } from ${JSON.stringify(join(import.meta.dir, "../../src/base/log.ts"))}; const log = createLogger(${options}); ${calls}`;
  const { stderr } = Bun.spawnSync([process.execPath, "-e", source], {
    env: { ...process.env, NO_COLOR: "1" },
  });
  return stderr.toString().trimEnd().split("\n");
};

describe("a line of another process", () => {
  test("is shown as our own lines are", () => {
    const [json = ""] = written('{ level: "info", format: "json" }', 'log.warn("a b", { x: "c d", n: 1 });');
    expect(Bun.stripANSI(prettyLine(json) ?? "")).toMatch(/^\d\d:\d\d:\d\d warn {2}a b {2}x="c d" n=1$/);
  });

  test("is left to whoever asks where it is none", () => {
    for (const text of [
      "",
      "plain",
      "null",
      "5",
      "{}",
      '{"time":1,"level":"INFO","msg":"a"}',
      '{"time":"2026","level":"LOUD","msg":"a"}',
    ])
      expect(prettyLine(text)).toBeUndefined();
  });
});

describe("a log line", () => {
  test("is JSON in the layout of slog, without undefined fields", () => {
    const [line = ""] = written(
      '{ level: "info", format: "json" }',
      'log.info("publish started", { conn_id: "c1", count: 2, none: undefined, list: ["a", "b"] });',
    );
    const { time, ...rest } = JSON.parse(line);
    expect(rest).toEqual({
      level: "INFO",
      msg: "publish started",
      conn_id: "c1",
      count: 2,
      list: ["a", "b"],
    });
    expect(new Date(time).toISOString()).toBe(time);
  });

  test("is one line of key=value text, with quotes where they are needed", () => {
    const lines = written(
      '{ level: "info", format: "text" }',
      'log.warn("a b", { x: "c d", y: "p=q", z: "", n: "l\\nm", e: "\\u009b", plain: "ok" });',
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^time=\S+ level=WARN msg="a b" x="c d" y="p=q" z="" n="l\\nm" e="\u009b" plain=ok$/,
    );
  });

  test("is left out below its level, and repeated as often as it is said", () => {
    const lines = written(
      '{ level: "warn", format: "text" }',
      'log.debug("d"); log.info("i"); for (let i = 0; i < 9; i++) log.error("same");',
    );
    expect(lines.map((line) => line.replace(/^time=\S+ /, ""))).toEqual(
      Array.from({ length: 9 }, () => "level=ERROR msg=same"),
    );
  });
});
