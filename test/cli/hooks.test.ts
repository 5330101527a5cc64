import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "hooks-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** Runs `rtmp-server hooks …` from source. */
const run = (args: readonly string[], environment: Record<string, string> = {}) => {
  const { exitCode, stdout, stderr } = Bun.spawnSync(
    [process.execPath, join(root, "src/main.ts"), "hooks", ...args],
    { env: { ...process.env, ...environment }, timeout: 20_000 },
  );
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
};

describe("rtmp-server hooks", () => {
  test("alone and with --help says which commands there are, and each says what it does", () => {
    const { exitCode, stdout, stderr } = run([]);
    expect([exitCode, stderr, run(["--help"]).stdout]).toEqual([0, "", stdout]);
    for (const name of ["lint", "migrate", "schema"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\w`, "m"));
      const help = run([name, "--help"]);
      expect([help.exitCode, help.stderr]).toEqual([0, ""]);
      expect(help.stdout).toStartWith(`rtmp-server hooks ${name}: `);
    }
  });

  const faults: { args: string[]; says: string }[] = [
    { args: ["lnt"], says: 'unknown command hooks "lnt", did you mean lint?; see rtmp-server hooks --help' },
    { args: ["lint"], says: "hooks lint needs one file, expected rtmp-server hooks lint FILE" },
    { args: ["lint", "a", "b"], says: "hooks lint needs one file, expected rtmp-server hooks lint FILE" },
    { args: ["lint", "--strict"], says: "hooks lint needs one file, expected rtmp-server hooks lint FILE" },
    {
      args: ["migrate", "--listen", ":1936"],
      says: "no flag here has a place in a hooks file, expected some such as --hook-script, --hook-webhook or --hook-stdio-format",
    },
    {
      args: ["migrate", "--hook-srcipt", "x"],
      says: "unknown flag --hook-srcipt, did you mean --hook-script?; see --help",
    },
  ];
  for (const { args, says } of faults) {
    test(`${args.join(" ")} ends with one line and exit code 2`, () => {
      expect(run(args)).toEqual({ exitCode: 2, stdout: "", stderr: `rtmp-server: ${says}\n` });
    });
  }
});

describe("rtmp-server hooks lint", () => {
  test("prints what is odd and ends with 0", () => {
    const path = write(
      "odd.yaml",
      'hooks:\n  webhooks:\n    - { id: w, event_types: [publish_start], url: "https://h.example.com/" }\n',
    );
    expect(run(["lint", path])).toEqual({
      exitCode: 0,
      stdout: `w: https://h.example.com/ is public and cannot know who sent an event; give it auth\n${path}: 1 hook, 1 warning\n`,
      stderr: "",
    });
  });

  test("says so where there is nothing odd", () => {
    const path = write("good.yaml", "hooks:\n  stdio: { format: json }\n");
    expect(run(["lint", path]).stdout).toBe(`${path}: no hooks and standard output, no warnings\n`);
  });

  test("prints every fault with its line and ends with 2", () => {
    const path = write(
      "bad.yaml",
      "hooks:\n  stdio:\n    fromat: json\n  webhooks:\n    - event_types: [publish_start]\n      url: $" +
        "{HOOK_URL_THAT_IS_NOT_SET}\n",
    );
    const { exitCode, stdout, stderr } = run(["lint", path]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toEqual([
      `rtmp-server: ${path}:3: hooks.stdio.fromat: unknown key, did you mean format?`,
      `rtmp-server: ${path}:6: hooks.webhooks[0].url: variable HOOK_URL_THAT_IS_NOT_SET is not set`,
    ]);
  });
});

describe("rtmp-server hooks migrate", () => {
  test("writes a file that lint takes once its variables are exported", () => {
    const { exitCode, stdout, stderr } = run([
      ...["migrate", "--listen", ":1936", "--hook-webhook", "publish_start=http://127.0.0.1:8080/live"],
      ...["--hook-auth-hmac-secret", "a secret of more than 24 bytes", "--hook-data-dir", "/tmp"],
    ]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).not.toContain("a secret");
    expect(stdout).toContain(
      "# These flags are still needed on the command line:\n#   --listen\n#   --hook-data-dir\n",
    );
    const path = write("migrated.yaml", stdout);
    expect(run(["lint", path]).stderr).toContain("variable HOOK_HMAC_SECRET is not set");
    expect(run(["lint", path], { HOOK_HMAC_SECRET: "a secret of more than 24 bytes" })).toEqual({
      exitCode: 0,
      stdout: `${path}: 1 hook, no warnings\n`,
      stderr: "",
    });
  });

  test("says on standard error what may not be meant", () => {
    const { exitCode, stdout, stderr } = run([
      ...["migrate", "--hook-stdio-format", "json", "--hook-rate-burst", "5", "--hook-config", "hooks.yaml"],
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("  stdio:\n    format: json\n");
    expect(stderr).toBe(
      "rtmp-server: --hook-rate-burst has no use without --hook-rate-limit\n" +
        "rtmp-server: --hook-config: hooks.yaml is not part of what was written; put both into one file\n",
    );
  });
});

describe("rtmp-server hooks schema", () => {
  test("prints the schema of the documentation", () => {
    const { exitCode, stdout } = run(["schema"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(readFileSync(join(root, "docs/hooks.schema.json"), "utf8")),
    );
  });
});
