import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HookEvent } from "../../src/hooks/event/hook-event.ts";
import { needsTool } from "../base/tool.ts";
import { sampleEvent } from "./sample-event.ts";

const scripts = join(import.meta.dir, "../../hooks");

const house = mkdtempSync(join(tmpdir(), "hook-receivers-"));
afterAll(() => rmSync(house, { recursive: true, force: true }));

needsTool("jq")("the event handler takes bare and prefixed events and passes other lines through", () => {
  const line = (changes: Partial<HookEvent>): string => JSON.stringify(sampleEvent(changes));
  const input = [
    line({}),
    `RTMP_EVENT: ${line({ type: "publish_stop", conn_id: "" })}`,
    line({ type: "connection_accept", stream_key: "" }),
    line({ stream_key: "a\n\u001b[31m`touch pwned`$(touch pwned)\\n'\"" }),
    line({ type: "other" }),
    'time=now level=INFO msg="a  log \\n line"',
    "{broken",
    "",
    "17",
    "RTMP_EVENT: nothing",
    "the last line has no end",
  ].join("\n");
  const { stdout, stderr, exitCode } = Bun.spawnSync([join(scripts, "event-handler.sh")], {
    stdin: Buffer.from(input),
    cwd: house,
  });
  expect(stdout.toString().split("\n")).toEqual([
    "stream started: live/test (c000001)",
    "stream stopped: live/test (unknown)",
    "new connection: c000001",
    "stream started: a[31m`touch pwned`$(touch pwned)\\n'\" (c000001)",
    "event other: live/test (c000001)",
    'time=now level=INFO msg="a  log \\n line"',
    "{broken",
    "",
    "17",
    "RTMP_EVENT: nothing",
    "the last line has no end",
    "",
  ]);
  expect({ err: stderr.toString(), exitCode }).toEqual({ err: "", exitCode: 0 });
  expect(readdirSync(house)).not.toContain("pwned");
});

test("the example receiver takes events and refuses what is none", async () => {
  const child = Bun.spawn([process.execPath, join(scripts, "on-publish-webhook-receiver.ts")], {
    env: { ...process.env, PORT: "0" },
    stdout: "pipe",
    timeout: 20_000,
  });
  const reader = child.stdout.getReader();
  let said = "";
  const saidAll = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(said);
      if (found) return found;
      const { value, done } = await reader.read();
      if (done) throw new Error(`the receiver ended after: ${said}`);
      said += Buffer.from(value).toString();
    }
  };
  const [, url = ""] = await saidAll(/events at (\S+)\n/);
  const post = async (body: string): Promise<number> => (await fetch(url, { method: "POST", body })).status;
  expect([
    await post(JSON.stringify(sampleEvent())),
    await post("{}"),
    await post("null"),
    await post("<x>"),
  ]).toEqual([204, 400, 400, 400]);
  await saidAll(/^"publish_start" "live\/test" from "127\.0\.0\.1"$/m);
  child.kill();
  await child.exited;
});
