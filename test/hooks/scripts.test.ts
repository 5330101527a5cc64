import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { environmentOf, inheritedEnvironment } from "../../src/hooks/event/environment.ts";
import type { HookEvent } from "../../src/hooks/event/hook-event.ts";
import { ShellHook } from "../../src/hooks/script/shell-hook.ts";
import { needsTool } from "../base/tool.ts";
import { hostileTexts } from "./hostile-texts.ts";
import { attemptOf } from "./sample-attempt.ts";
import { sampleEvent } from "./sample-event.ts";
import { scriptSettings } from "./script/script-files.ts";

const scripts = join(import.meta.dir, "../../hooks");
const names = readdirSync(scripts).filter((name) => /^[^.]+(?:\.sh)?$/.test(name));

const house = mkdtempSync(join(tmpdir(), "hook-scripts-"));
afterAll(() => rmSync(house, { recursive: true, force: true }));

/** Stands for ffmpeg: notes its arguments, writes the file, and finishes it when it is asked to end. */
const fakeFfmpeg = (manners: string): string => `#!/bin/bash
printf '%s\\0' "$@" >"$ARGUMENTS"
for file; do :; done
file=\${file#file:}
echo begun >"$file"
${manners}
while :; do sleep 0.05; done
`;
const polite = `trap 'echo whole >>"$file"; exit 0' TERM`;
const rude = "trap '' TERM";

const fakeCurl = `#!/bin/sh
printf '%s\\n' "$@" >"$CURL_ARGUMENTS"
cat >"$CURL_BODY"
exit "\${CURL_STATUS:-0}"
`;

/** A folder of its own with programs on its PATH, and what the scripts are told about it. */
const roomOf = (programs: Record<string, string>, settings: Record<string, string> = {}) => {
  const room = mkdtempSync(join(house, "room-"));
  mkdirSync(join(room, "bin"));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(room, "bin", name), text);
    chmodSync(join(room, "bin", name), 0o755);
  }
  const path = (name: string): string => join(room, name);
  const env = {
    ...inheritedEnvironment(process.env),
    PATH: `${path("bin")}:${process.env.PATH}`,
    RECORD_DIR: path("recordings"),
    ARGUMENTS: path("arguments"),
    CURL_ARGUMENTS: path("curl-arguments"),
    CURL_BODY: path("curl-body"),
    ...settings,
  };
  const run = async (
    script: string,
    event: HookEvent,
  ): Promise<{ out: string; err: string; status: number }> => {
    const child = Bun.spawn([join(scripts, script)], {
      cwd: room,
      env: { ...env, ...environmentOf(event) },
      stdout: Bun.file(path("out")),
      stderr: Bun.file(path("err")),
      timeout: 20_000,
    });
    const status = await child.exited;
    return { out: readFileSync(path("out"), "utf8"), err: readFileSync(path("err"), "utf8"), status };
  };
  const listOf = (folder: string): string[] => (existsSync(path(folder)) ? readdirSync(path(folder)) : []);
  const recordings = (): string[] => listOf("recordings").filter((name) => name.endsWith(".mp4"));
  const pidFiles = (): string[] => listOf("recordings/.run").filter((name) => name.endsWith(".pid"));
  const begun = async (): Promise<string> => {
    for (let i = 0; i < 500 && recordings().length === 0; i++) await Bun.sleep(10);
    return join(room, "recordings", recordings()[0] ?? "none");
  };
  return { room, path, run, recordings, pidFiles, begun };
};

const stopOf = (start: HookEvent): HookEvent => ({
  ...start,
  type: "publish_stop",
  data: { duration_seconds: 300, bytes_received: 15728640 },
});

const argumentsOf = (file: string): string[] => readFileSync(file, "utf8").split("\0").slice(0, -1);

test("the scripts are executable", () => {
  expect(names.sort()).toEqual([
    "cleanup.sh",
    "event-handler.sh",
    "forward-with",
    "gst-worker",
    "mtx-hook",
    "notify-start.sh",
  ]);
  for (const name of names) expect(statSync(join(scripts, name)).mode & 0o111, name).toBe(0o111);
});

needsTool("shellcheck")("shellcheck finds nothing in the scripts", () => {
  const { stdout, exitCode } = Bun.spawnSync(["shellcheck", ...names.map((name) => join(scripts, name))]);
  expect({ out: stdout.toString(), exitCode }).toEqual({ out: "", exitCode: 0 });
});

test("both scripts of a recording make the same file names", () => {
  const functionOf = (name: string): string | undefined =>
    /^file_name\(\) \{\n[^}]+\n\}/m.exec(readFileSync(join(scripts, name), "utf8"))?.[0];
  expect(functionOf("notify-start.sh")).toBeString();
  expect(functionOf("cleanup.sh")).toBe(functionOf("notify-start.sh"));
});

describe("a recording", () => {
  test("is begun by the one script and finished by the other, as hooks of the server", async () => {
    const { path, recordings, pidFiles, begun } = roomOf({});
    writeFileSync(path("ffmpeg"), fakeFfmpeg(polite), { mode: 0o755 });
    const wrapper = (script: string): string => {
      const file = path(script);
      const env = `PATH=${path("")}:$PATH RECORD_DIR=${path("recordings")} ARGUMENTS=${path("arguments")}`;
      writeFileSync(file, `#!/bin/sh\n${env} exec ${join(scripts, script)}\n`, { mode: 0o755 });
      return file;
    };
    const run = (script: string, event: HookEvent): Promise<unknown> =>
      new ShellHook({
        id: "shell_0",
        settings: scriptSettings(wrapper(script)),
        timeoutMs: 15_000,
        clock: systemClock,
        log: silentLogger,
      }).execute(attemptOf(event), new AbortController().signal);
    expect(await run("notify-start.sh", sampleEvent())).toEqual({ kind: "done" });
    const file = await begun();
    expect(pidFiles()).toEqual(["c000001_live_test.pid"]);
    expect(recordings()[0]).toMatch(/^live_test_\d{8}_\d{6}_c000001\.mp4$/);
    expect(await run("cleanup.sh", stopOf(sampleEvent()))).toEqual({ kind: "done" });
    expect(readFileSync(file, "utf8")).toBe("begun\nwhole\n");
    expect(pidFiles()).toEqual([]);
  });

  test("plays the stream from where it is told to, copies it, and both scripts say what they do", async () => {
    const { path, run, begun } = roomOf(
      { ffmpeg: fakeFfmpeg(polite) },
      { RTMP_URL: "rtmp://10.0.0.1:1936/" },
    );
    const start = await run("notify-start.sh", sampleEvent());
    const file = await begun();
    expect(start).toEqual({
      out: `recording to ${file}\n🔴 LIVE: live/test started, from 127.0.0.1 to live\n`,
      err: "",
      status: 0,
    });
    const given = argumentsOf(path("arguments"));
    expect(given.slice(given.indexOf("-i"), given.indexOf("-i") + 4)).toEqual([
      "-i",
      "rtmp://10.0.0.1:1936/live/test",
      "-c",
      "copy",
    ]);
    expect(given.at(-1)).toBe(`file:${file}`);
    expect(await run("cleanup.sh", stopOf(sampleEvent()))).toEqual({
      out: `recorded ${file}\n⚫ ENDED: live/test after 300 s, 15728640 bytes received\n`,
      err: "",
      status: 0,
    });
  });

  test("that will not end is killed", async () => {
    const { run, begun, pidFiles } = roomOf({ ffmpeg: fakeFfmpeg(rude) }, { STOP_SECONDS: "1" });
    await run("notify-start.sh", sampleEvent());
    const file = await begun();
    const { err, status } = await run("cleanup.sh", stopOf(sampleEvent()));
    expect({ err, status }).toEqual({
      err: `the recording would not end and was killed: ${file}\n`,
      status: 0,
    });
    expect(pidFiles()).toEqual([]);
  });

  test("that is long gone costs nobody else its life", async () => {
    const { path, run, pidFiles } = roomOf({});
    const bystander = Bun.spawn(["sleep", "30"]);
    mkdirSync(path("recordings/.run"), { recursive: true });
    const files = [`${bystander.pid}\n/r/a.mp4\n`, "1; touch pwned\n/r/a.mp4\n", "-1\n/\n", ""];
    for (const text of files) {
      writeFileSync(path("recordings/.run/c000001_live_test.pid"), text);
      expect((await run("cleanup.sh", stopOf(sampleEvent()))).status).toBe(0);
    }
    expect([bystander.exitCode, bystander.signalCode, pidFiles()]).toEqual([null, null, []]);
    bystander.kill();
  });

  for (const { name, text } of hostileTexts)
    test(`of a stream whose name has ${name} stays in its folder and runs nothing`, async () => {
      const programs = { ffmpeg: fakeFfmpeg(polite), curl: fakeCurl };
      const { room, path, run, begun, recordings, pidFiles } = roomOf(programs, {
        DISCORD_WEBHOOK_URL: "http://x/",
      });
      const event = sampleEvent({ stream_key: text, data: { client_ip: text, app: text } });
      const key = text.replace(/\p{Cc}/gu, "").toWellFormed();
      expect(await run("notify-start.sh", event)).toMatchObject({ err: "", status: 0 });
      const file = await begun();
      expect(recordings()[0]).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.mp4$/);
      expect(argumentsOf(path("arguments"))).toContain(`rtmp://localhost:1935/${key}`);
      expect(JSON.parse(readFileSync(path("curl-body"), "utf8"))).toEqual({
        content: `🔴 LIVE: ${key} started, from ${key} to ${key}`,
        allowed_mentions: { parse: [] },
      });
      expect(await run("cleanup.sh", stopOf(event))).toMatchObject({ err: "", status: 0 });
      expect(readFileSync(file, "utf8")).toBe("begun\nwhole\n");
      expect([pidFiles(), readdirSync(room).sort()]).toEqual([
        [],
        ["arguments", "bin", "curl-arguments", "curl-body", "err", "out", "recordings"],
      ]);
    });

  test("is begun even when the channel cannot be told", async () => {
    const programs = { ffmpeg: fakeFfmpeg(polite), curl: fakeCurl };
    const settings = { DISCORD_WEBHOOK_URL: "http://127.0.0.1:9/", CURL_STATUS: "22" };
    const { path, run, begun } = roomOf(programs, settings);
    expect(await run("notify-start.sh", sampleEvent())).toMatchObject({
      err: "the channel was not told\n",
      status: 0,
    });
    expect(readFileSync(path("curl-arguments"), "utf8")).toEndWith("\nhttp://127.0.0.1:9/\n");
    await begun();
    expect((await run("cleanup.sh", stopOf(sampleEvent()))).status).toBe(0);
  });

  test("is not begun outside of a hook", () => {
    const { RTMP_STREAM_KEY: _, ...env } = process.env;
    for (const name of ["notify-start.sh", "cleanup.sh"])
      expect(Bun.spawnSync([join(scripts, name)], { env, cwd: house }).exitCode, name).not.toBe(0);
  });
});
