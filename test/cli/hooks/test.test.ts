import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.ts";
import { receiver } from "./receiver.ts";

const folder = mkdtempSync(join(tmpdir(), "hook-commands-"));
afterAll(() => rmSync(folder, { recursive: true }));

const script = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
};

describe("rtmp-server hooks test", () => {
  test("executes every hook that gets the event, once, and ends with 0 where all worked", async () => {
    using there = receiver(204);
    const file = join(folder, "ran");
    const { exitCode, stdout, stderr } = await run(
      ...["test", "--type", "PublishStart", "--stream", "live/mine"],
      ...["--hook-script", `publish_start=${script("note.sh", `echo "$RTMP_STREAM_KEY" >> ${file}`)}`],
      ...["--hook-script", `publish_stop=${script("never.sh", `echo never >> ${file}`)}`],
      ...["--hook-webhook", `publish_start=${there.url}`, "--hook-retry-max-attempts", "5"],
    );
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(await Bun.file(file).text()).toBe("live/mine\n");
    expect(there.got).toHaveLength(1);
    const { headers, body } = there.got[0]!;
    expect([headers.get("x-rtmp-test"), headers.get("x-rtmp-event")]).toEqual(["true", "publish_start"]);
    const event = JSON.parse(body);
    expect(event).toMatchObject({ type: "publish_start", stream_key: "live/mine", data: { app: "live" } });
    const [head, , ...table] = stdout.trimEnd().split("\n");
    expect(head).toBe(`publish_start of live/mine, ${event.id}`);
    expect(table).toEqual([
      expect.stringMatching(/^HOOK +KIND +RESULT +TIME$/),
      expect.stringMatching(/^shell_0 +shell +worked +\d+m?s$/),
      expect.stringMatching(/^webhook_0 +webhook +worked +\d+m?s$/),
    ]);
  });

  test("says why one failed, what a filter said, and ends with 1", async () => {
    using there = receiver(400);
    const flags = ["--hook-script", `publish_start=${script("bad.sh", "echo oh no >&2; exit 3")}`];
    const failed = await run(
      "test",
      "--type",
      "publish_start",
      "--hook-webhook",
      `publish_start=${there.url}`,
      ...flags,
    );
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toMatch(
      /shell_0 +shell +failed +\d+m?s\n {2}error +exit status 3, expected 0\n {2}detail +oh no\nwebhook_0 +webhook +failed +\d+m?s\n {2}error +status 400 Bad Request\n {2}detail +as you say\n$/,
    );
    const filtered = await run("test", "--type", "publish_start", "--hook-min-severity", "error", ...flags);
    expect(filtered.exitCode).toBe(1);
    expect(filtered.stdout).toEndWith(
      "shell_0  shell  filtered     -\n  filter  min_severity: below_minimum\n",
    );
  });

  test("tells programs the same, and of the hook that was asked for alone", async () => {
    using there = receiver(503);
    const { exitCode, stdout } = await run(
      ...["test", "--type", "media_stop", "--json", "--hook", "webhook_1", "--hook-stdio-format", "json"],
      ...["--hook-webhook", `publish_start=${there.url}`, "--hook-webhook", `*=${there.url}`],
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      event: { type: "media_stop", data: { media_type: "video", gap_ms: 5_000 } },
      hooks: [{ id: "webhook_1", kind: "webhook", verdict: "passed", ok: false, status: 503 }],
    });
    expect(there.got).toHaveLength(1);
  });

  test("writes to standard output what a server would", async () => {
    const { exitCode, stdout } = await run("test", "--type", "server_start", "--hook-stdio-format", "json");
    const [line = "", head, , , row] = stdout.split("\n");
    expect([exitCode, JSON.parse(line).type, head]).toEqual([
      0,
      "server_start",
      expect.stringContaining("server_start, evt_"),
    ]);
    expect(row).toMatch(/^stdio +stdio +worked/);
  });

  const faults: { args: string[]; says: string }[] = [
    { args: [], says: "hooks test needs --type TYPE, such as --type publish_start" },
    {
      args: ["--type", "publish_strat"],
      says: '--type: unknown event type "publish_strat", did you mean publish_start?',
    },
    {
      args: ["--type", "publish_start", "--hook", "stdoi", "--hook-stdio-format", "json"],
      says: '--hook: no hook "stdoi", did you mean stdio?',
    },
  ];
  for (const { args, says } of faults)
    test(`${["test", ...args].join(" ")} ends with exit code 2`, async () => {
      expect(await run("test", ...args)).toEqual({
        exitCode: 2,
        stdout: "",
        stderr: `rtmp-server: ${says}\n`,
      });
    });
});
