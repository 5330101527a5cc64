import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "hook-commands-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("rtmp-server hooks list", () => {
  const flags = [
    "--hook-webhook",
    "publish_start=http://127.0.0.1:8080/live",
    "--hook-auth-api-key",
    "s3cret-key",
  ];

  test("shows hooks for people and for programs", async () => {
    const table = await run("list", ...flags);
    expect(table).toEqual({
      exitCode: 0,
      stdout:
        "HOOK       KIND     ENABLED  GUARANTEE\nwebhook_0  webhook  yes      none\n" +
        "  events  publish_start\n  target  http://127.0.0.1:8080/live\n",
      stderr: "",
    });
    const { exitCode, stdout } = await run("list", "--json", ...flags);
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      0,
      [
        {
          id: "webhook_0",
          kind: "webhook",
          enabled: true,
          events: ["publish_start"],
          target: "http://127.0.0.1:8080/live",
          filters: [],
          guarantee: "none",
          retry: "none",
        },
      ],
    ]);
  });

  test("takes a hooks file, and says what is wrong with it", async () => {
    const path = join(folder, "hooks.yaml");
    writeFileSync(path, "hooks:\n  stdio: { format: env, filter: { min_severity: error } }\n");
    expect((await run("list", "--hook-config", path)).stdout).toContain("standard output as env");
    writeFileSync(path, "hooks:\n  stdoi: {}\n");
    expect(await run("list", "--hook-config", path)).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: `rtmp-server: ${path}:2: hooks.stdoi: unknown key, did you mean stdio?\n`,
    });
  });
});
