import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { template } from "../config/server/samples.ts";

const root = join(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "check-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

/** Runs `rtmp-server check …` from source, in the folder. */
const run = (args: readonly string[], environment: Record<string, string> = {}) => {
  const { exitCode, stdout, stderr } = Bun.spawnSync(
    [process.execPath, join(root, "src/main.ts"), "check", ...args],
    { cwd: folder, env: { ...process.env, ...environment }, timeout: 20_000 },
  );
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
};

describe("rtmp-server check", () => {
  test("prints what a file amounts to, and what is odd about it beside that", () => {
    const path = write("template.yml", template);
    const { exitCode, stdout, stderr } = run([path], { MTX_RTMPADDRESS: ":1940" });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("\nrtmpAddress: :1940\n");
    expect(stdout).toContain("\n    runOnAvailable: /hooks/mtx-hook ready\n");
    expect(stdout).toContain('\nrtspEncryption: "no"\n');
    expect(stderr).toContain(
      "template.yml:29: pathDefaults.runOnReady: deprecated, expected runOnAvailable\n",
    );
    expect(run([write("printed.yml", stdout)]).stdout).toBe(stdout);
  });

  test("hides secrets, those of hooks too", () => {
    const path = write(
      "secrets.yml",
      `authInternalUsers: [{user: joe, pass: hideA, permissions: [{action: read}]}]
paths: {cam: {source: "rtsp://u:hideB@h/a"}}
hooks:
  webhooks: [{event_types: "*", url: "https://h/", auth: {type: api_key, key: hideC}}]`,
    );
    const { exitCode, stdout, stderr } = run([path]);
    expect(exitCode).toBe(0);
    expect(stdout + stderr).not.toContain("hide");
    expect(stdout).toContain("pass: <redacted>");
    expect(stdout).toContain('key: "***"');
  });

  test("tells every fault with its line, and ends with 2", () => {
    const path = write("bad.yml", "logLevel: loud\nrtmpAdress: :1\npaths:\n  a b:\nhooks:\n  webhook: []\n");
    expect(run([path])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: [
        'bad.yml:1: logLevel: "loud", expected error, warn, info or debug',
        "bad.yml:2: rtmpAdress: unknown key, did you mean rtmpAddress?",
        'bad.yml:4: paths."a b": no name of a path: "a b", expected letters, digits, and any of _ - / .; a regular expression begins with ~',
        "bad.yml:6: hooks.webhook: unknown key, did you mean webhooks?",
      ]
        .map((line) => `rtmp-server: ${line}\n`)
        .join(""),
    });
  });

  test("finds what hooks mean together", () => {
    const path = write(
      "hooks.yml",
      "hooks:\n  scripts:\n    - event_types: publish_strat\n      script: /bin/true\n",
    );
    const { exitCode, stderr } = run([path]);
    expect(exitCode).toBe(2);
    expect(stderr).toStartWith("rtmp-server: hooks.yml:3: hooks.scripts[0].event_types");
  });

  const faults: { args: string[]; says: string }[] = [
    { args: [], says: "check needs one file, expected rtmp-server check FILE" },
    { args: ["a", "b"], says: "check needs one file, expected rtmp-server check FILE" },
    { args: ["--strict"], says: "check needs one file, expected rtmp-server check FILE" },
    { args: ["."], says: '"." is no file, expected YAML or JSON' },
  ];
  for (const { args, says } of faults) {
    test(`${JSON.stringify(args)} ends with one line and 2`, () => {
      expect(run(args)).toEqual({ exitCode: 2, stdout: "", stderr: `rtmp-server: ${says}\n` });
    });
  }

  test("--help says what it does", () => {
    const { exitCode, stdout, stderr } = run(["--help"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toStartWith("rtmp-server check: ");
  });
});
