import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, silentLogger } from "../../../src/base/log.ts";
import { systemClock } from "../../../src/base/time.ts";
import type { HookOutcome } from "../../../src/hooks/delivery/hook.ts";
import type { HookEvent } from "../../../src/hooks/event/hook-event.ts";
import { commandOf } from "../../../src/hooks/script/script-command.ts";
import { ShellHook } from "../../../src/hooks/script/shell-hook.ts";
import { hostileTexts } from "../hostile-texts.ts";
import { sampleEvent } from "../sample-event.ts";

const folder = mkdtempSync(join(tmpdir(), "shell-hook-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const pathOf = (name: string): string => join(folder, `${count++}-${name}`);

const scriptOf = (body: string, { head = "#!/bin/sh\n", mode = 0o755 } = {}): string => {
  const path = pathOf("hook.sh");
  writeFileSync(path, head + body);
  chmodSync(path, mode);
  return path;
};

const hookOf = (script: string, { timeoutMs = 10_000, log = silentLogger } = {}): ShellHook =>
  new ShellHook({ id: "shell_3", script, timeoutMs, clock: systemClock, log });

const run = (
  script: string,
  options: { timeoutMs?: number; event?: HookEvent; log?: Logger; signal?: AbortSignal } = {},
): Promise<HookOutcome> =>
  hookOf(script, options).execute(
    options.event ?? sampleEvent(),
    options.signal ?? new AbortController().signal,
  );

const until = async (what: string, isSo: () => boolean): Promise<void> => {
  const end = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`waited 10 s in vain until ${what}`);
    await Bun.sleep(10);
  }
};

const isAlive = (pidFile: string): boolean => {
  const pid = readFileSync(pidFile, "utf8").trim();
  // A zombie that its new parent has not fetched yet is dead all the same.
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
};

const hasPid = (file: string): boolean => existsSync(file) && /\d\n/.test(readFileSync(file, "utf8"));

describe("a script", () => {
  test("finds the event in its environment and on standard input, and can end its reading", async () => {
    const [env, stdin] = [pathOf("env"), pathOf("stdin")];
    const outcome = await run(scriptOf(`env -0 >${env}\ncat >${stdin}\necho "$#" >>${stdin}\n`));
    expect(outcome).toEqual({ kind: "done" });
    const variables = Object.fromEntries(
      readFileSync(env, "utf8")
        .split("\0")
        .map((pair) => [pair.substring(0, pair.indexOf("=")), pair.substring(pair.indexOf("=") + 1)]),
    );
    expect(variables).toMatchObject({
      PATH: process.env.PATH,
      RTMP_EVENT_TYPE: "publish_start",
      RTMP_STREAM_KEY: "live/test",
      RTMP_CLIENT_IP: "127.0.0.1",
      RTMP_HOOK_ID: "shell_3",
      RTMP_ATTEMPT: "1",
      MTX_PATH: "live/test",
    });
    expect(readFileSync(stdin, "utf8")).toBe(`${JSON.stringify(sampleEvent())}\n0\n`);
  });

  for (const { name, text } of hostileTexts)
    test(`gets ${name} in full on standard input and runs none of it`, async () => {
      const stdin = pathOf("stdin");
      const event = sampleEvent({ stream_key: text, data: { title: text } });
      const outcome = await run(scriptOf(`cd ${folder}\ncat >${stdin}\n: "$RTMP_STREAM_KEY"\n`), { event });
      expect(outcome).toEqual({ kind: "done" });
      const sent = readFileSync(stdin, "utf8");
      expect(sent.match(/[\n\r\u2028\u2029]/g)).toEqual(["\n"]);
      expect(JSON.parse(sent)).toEqual(event);
      expect(existsSync(join(folder, "pwned"))).toBe(false);
    });

  test("may leave standard input unread, however long the event", async () => {
    const event = sampleEvent({ data: { tracks: Array.from({ length: 100 }, () => "x".repeat(1000)) } });
    expect(await run(scriptOf("exit 0\n"), { event })).toEqual({ kind: "done" });
  });

  const ends = [
    { name: "an exit status", body: "exit 3", error: "exit status 3, expected 0" },
    { name: "a signal", body: "kill -KILL $$", error: "ended by SIGKILL" },
    { name: "a command that is not there", body: "exec /no/such", error: "exit status 127, expected 0" },
  ];
  for (const { name, body, error } of ends)
    test(`fails with ${name}`, async () => {
      expect(await run(scriptOf(`${body}\n`))).toMatchObject({ kind: "failed", error });
    });

  test("fails with the end of what it said on standard error", async () => {
    const outcome = await run(scriptOf("echo out; echo one >&2; echo two >&2; exit 1\n"));
    expect(outcome).toEqual({ kind: "failed", error: "exit status 1, expected 0", detail: "one\ntwo" });
  });

  test("may write megabytes, of which the end is kept", async () => {
    const lines: string[] = [];
    const log: Logger = { ...silentLogger, debug: (_, fields) => lines.push(String(fields?.stdout)) };
    const script = scriptOf(
      "yes 0123456 | head -c 2000000\necho >&2\nyes e | head -c 300000 >&2\necho end\necho last >&2; exit 1\n",
    );
    const outcome = await run(script, { log });
    expect(outcome).toMatchObject({ error: "exit status 1, expected 0" });
    const detail = outcome.kind === "failed" ? outcome.detail : "";
    expect(detail).toEndWith("e\nlast");
    expect(detail!.length).toBeLessThanOrEqual(2000);
    expect(lines.map((line) => [line.length, line.endsWith("0123456\nend\n")])).toEqual([[64 * 1024, true]]);
  });

  test("never keeps the event loop from turning by what it writes", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    const before = process.cpuUsage();
    await run(scriptOf("yes & yes >&2\n"), { timeoutMs: 1000 });
    const used = process.cpuUsage(before);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(50);
    expect((used.user + used.system) / 1000).toBeLessThan(500);
  });
});

describe("a script that does not end", () => {
  test("is stopped with all it has started", async () => {
    const child = pathOf("child");
    const start = performance.now();
    const outcome = await run(scriptOf(`sleep 60 &\necho $! >${child}\nsleep 60\n`), { timeoutMs: 300 });
    expect(outcome).toMatchObject({ kind: "failed", error: "no exit within 300 ms, stopped" });
    expect(performance.now() - start).toBeLessThan(3_000);
    await until("the child is gone", () => !isAlive(child));
  });

  test("is killed with all it has started when it will not be asked", async () => {
    const child = pathOf("child");
    const body = `trap '' TERM\nsh -c 'trap "" TERM; echo $$ >${child}; while :; do sleep 1; done' &\nwhile :; do sleep 1; done\n`;
    const start = performance.now();
    const outcome = await run(scriptOf(body), { timeoutMs: 300 });
    expect(outcome).toMatchObject({ kind: "failed", error: "no exit within 300 ms, stopped" });
    expect(performance.now() - start).toBeWithin(5_000, 7_000);
    await until("the child is gone", () => !isAlive(child));
  }, 20_000);

  test("does not save its children by ending itself", async () => {
    const child = pathOf("child");
    const body = `sh -c 'trap "" TERM; echo $$ >${child}; while :; do sleep 1; done' &\nsleep 60\n`;
    const start = performance.now();
    await run(scriptOf(body), { timeoutMs: 300 });
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(isAlive(child)).toBe(true);
    await until("the child is killed", () => !isAlive(child));
  }, 20_000);

  test("is stopped when the server gives it up", async () => {
    const [child, abort] = [pathOf("child"), new AbortController()];
    const outcome = run(scriptOf(`sleep 60 &\necho $! >${child}\nwait\n`), { signal: abort.signal });
    await until("it runs", () => hasPid(child));
    abort.abort();
    expect(await outcome).toMatchObject({ kind: "failed", error: "stopped, the server gave it up" });
    await until("the child is gone", () => !isAlive(child));
  });

  test("is not even started when the server gave it up before", async () => {
    const trace = pathOf("trace");
    const outcome = await run(scriptOf(`touch ${trace}\n`), { signal: AbortSignal.abort() });
    expect(outcome).toEqual({ kind: "failed", error: "not started, the server gave it up" });
    expect(existsSync(trace)).toBe(false);
  });
});

test("what a script leaves in the background lives on and can go on writing", async () => {
  const [pid, trace, go] = [pathOf("pid"), pathOf("trace"), pathOf("go")];
  const body = `(while [ ! -e ${go} ]; do sleep 0.02; done; yes | head -c 300000; echo late >&2; echo alive >${trace}) &\necho $! >${pid}\n`;
  const start = performance.now();
  expect(await run(scriptOf(body))).toEqual({ kind: "done" });
  expect(performance.now() - start).toBeLessThan(3_000);
  expect(isAlive(pid)).toBe(true);
  writeFileSync(go, "");
  await until("it has written", () => existsSync(trace));
});

describe("a file that cannot be run as it is", () => {
  const told = (): { log: Logger; lines: unknown[] } => {
    const lines: unknown[] = [];
    return {
      log: { ...silentLogger, debug: (message, fields) => lines.push([message, fields?.why]) },
      lines,
    };
  };

  test("is run by a shell when it is not executable, and that is said once", async () => {
    const { log, lines } = told();
    const trace = pathOf("trace");
    const hook = hookOf(scriptOf(`echo "$RTMP_STREAM_KEY" >>${trace}\n`, { mode: 0o644 }), { log });
    const { signal } = new AbortController();
    for (let i = 0; i < 2; i++) expect(await hook.execute(sampleEvent(), signal)).toEqual({ kind: "done" });
    expect(readFileSync(trace, "utf8")).toBe("live/test\nlive/test\n");
    expect(lines).toEqual([
      ["hook script is run by a shell", "it is not executable"],
      ["hook script ended", undefined],
      ["hook script ended", undefined],
    ]);
  });

  test("is run by a shell when its first line names no program", async () => {
    const { log, lines } = told();
    const trace = pathOf("trace");
    const script = scriptOf(`[[ "$0" == *hook.sh ]] && echo bash >${trace}\n`, { head: "" });
    expect(await run(script, { log })).toEqual({ kind: "done" });
    expect(readFileSync(trace, "utf8")).toBe("bash\n");
    expect(lines[0]).toEqual(["hook script is run by a shell", "its first line names no program"]);
  });

  test("fails with its path when it is missing, a folder, or wants a program that is missing", async () => {
    const missing = pathOf("missing.sh");
    const orphan = scriptOf("", { head: "#!/no/such/program\n" });
    expect([await run(missing), await run(orphan), await run(folder), await run(`${orphan}/x`)]).toEqual([
      { kind: "failed", error: `${missing} is not there, or the program its first line names is not` },
      { kind: "failed", error: `${orphan} is not there, or the program its first line names is not` },
      { kind: "failed", error: `${folder} is not a file that may be run or read` },
      { kind: "failed", error: expect.stringContaining(`${orphan}/x cannot be started`) },
    ]);
  });

  test("is run by PowerShell on Windows when it is made for it", () => {
    const powerShell = ["powershell.exe", "-ExecutionPolicy", "Bypass", "-File", "C:\\h\\a.PS1"];
    expect(commandOf("C:\\h\\a.PS1", "win32")).toEqual(powerShell);
    expect(commandOf("C:\\h\\a.exe", "win32")).toEqual(["C:\\h\\a.exe"]);
    expect(commandOf("/h/a.ps1", "linux")).toEqual(["/h/a.ps1"]);
  });
});
