import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Logger, silentLogger } from "../../../src/base/log.ts";
import { systemClock } from "../../../src/base/time.ts";
import type { HookOutcome } from "../../../src/hooks/delivery/hook.ts";
import type { HookEvent } from "../../../src/hooks/event/hook-event.ts";
import { commandOf } from "../../../src/hooks/script/script-command.ts";
import type { ScriptSettings } from "../../../src/hooks/script/script-settings.ts";
import { ShellHook } from "../../../src/hooks/script/shell-hook.ts";
import { hostileTexts } from "../hostile-texts.ts";
import { attemptOf } from "../sample-attempt.ts";
import { sampleEvent } from "../sample-event.ts";
import { hasPid, isAlive, ScriptFiles, scriptSettings, until, variablesIn } from "./script-files.ts";

const files = new ScriptFiles();
afterAll(() => files[Symbol.dispose]());
const { folder } = files;
const pathOf = (name: string): string => files.path(name);
const scriptOf = (...given: Parameters<typeof files.script>): string => files.script(...given);

interface Options {
  readonly timeoutMs?: number;
  readonly log?: Logger;
  readonly settings?: Partial<ScriptSettings>;
}

const hookOf = (
  script: string,
  { timeoutMs = 10_000, log = silentLogger, settings }: Options = {},
): ShellHook =>
  new ShellHook({
    id: "shell_3",
    settings: scriptSettings(script, settings),
    timeoutMs,
    clock: systemClock,
    log,
  });

const run = (
  script: string,
  options: Options & { event?: HookEvent; number?: number; signal?: AbortSignal } = {},
): Promise<HookOutcome> =>
  hookOf(script, options).execute(
    attemptOf(options.event, { number: options.number ?? 1 }),
    options.signal ?? new AbortController().signal,
  );

describe("a script", () => {
  test("finds the event in its environment and on standard input, and can end its reading", async () => {
    const [env, stdin] = [pathOf("env"), pathOf("stdin")];
    const outcome = await run(scriptOf(`env -0 >${env}\ncat >${stdin}\necho "$#" >>${stdin}\n`));
    expect(outcome).toEqual({ kind: "done" });
    const variables = variablesIn(readFileSync(env, "utf8"));
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
    {
      name: "an exit status",
      body: "exit 3",
      error: "exit status 3, expected 0",
      code: "exit",
      verdict: "retry",
    },
    { name: "a signal", body: "kill -KILL $$", error: "ended by SIGKILL", code: "signal", verdict: "retry" },
    {
      name: "a command that is not there, for good",
      body: "exec /no/such",
      error: "exit status 127, expected 0",
      code: "exit",
      verdict: "never",
    },
    {
      name: "a command that cannot be run, for good",
      body: "exec /etc/passwd",
      error: "exit status 126, expected 0",
      code: "exit",
      verdict: "never",
    },
    {
      name: "the status that says the data is wrong, for good",
      body: "exit 65",
      error: "exit status 65, expected 0",
      code: "exit",
      verdict: "never",
    },
  ];
  for (const { name, body, ...failure } of ends)
    test(`fails with ${name}`, async () => {
      expect(await run(scriptOf(`${body}\n`))).toMatchObject({ kind: "failed", ...failure });
    });

  test("fails with the end of what it said on standard error", async () => {
    const outcome = await run(scriptOf("echo out; echo one >&2; echo two >&2; exit 1\n"));
    expect(outcome).toEqual({
      kind: "failed",
      error: "exit status 1, expected 0",
      code: "exit",
      verdict: "retry",
      detail: "one\ntwo",
    });
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

describe("a script as it was asked for", () => {
  test("gets its arguments as they are, each as one word", async () => {
    const trace = pathOf("trace");
    const args = ["one two", "", "$HOME", "`touch pwned`", "--", "-x", "it's\na line"];
    const script = scriptOf(`for word; do printf '%s\\0' "$word"; done >${trace}\n`);
    expect(await run(script, { settings: { args } })).toEqual({ kind: "done" });
    expect(readFileSync(trace, "utf8").split("\0").slice(0, -1)).toEqual(args);
  });

  test("is told which attempt it is, and gets the body byte for byte", async () => {
    const trace = pathOf("trace");
    const script = scriptOf(`printf %s "$RTMP_ATTEMPT:$RTMP_EVENT_TYPE:" >${trace}; cat >>${trace}\n`);
    const attempt = attemptOf(sampleEvent(), { number: 7, body: '{"type":"x" }' });
    expect(await hookOf(script).execute(attempt, new AbortController().signal)).toEqual({ kind: "done" });
    expect(readFileSync(trace, "utf8")).toBe('7:publish_start:{"type":"x" }\n');
  });

  test("has variables of its own, over which those of the event go, and none that is withheld", async () => {
    const env = pathOf("env");
    process.env.HOOK_SECRET = "hunter2";
    process.env.HOOK_OPEN = "open";
    try {
      const settings = {
        env: { OWN: "it's $HOME", RTMP_STREAM_KEY: "mine", HOOK_OPEN: "mine" },
        withheld: ["HOOK_SECRET"],
      };
      expect(await run(scriptOf(`env -0 >${env}\n`), { settings })).toEqual({ kind: "done" });
    } finally {
      delete process.env.HOOK_SECRET;
      delete process.env.HOOK_OPEN;
    }
    const variables = variablesIn(readFileSync(env, "utf8"));
    expect(variables).toMatchObject({ OWN: "it's $HOME", RTMP_STREAM_KEY: "live/test", HOOK_OPEN: "mine" });
    expect(Object.keys(variables)).not.toContain("HOOK_SECRET");
    expect(Object.values(variables)).not.toContain("hunter2");
  });

  test("with a clean environment has next to nothing of the server's", async () => {
    const env = pathOf("env");
    process.env.HOOK_OPEN = "open";
    try {
      const settings = { env: { OWN: "own" }, envMode: "clean", withheld: ["HOME"] } as const;
      expect(await run(scriptOf(`env -0 >${env}\n`), { settings })).toEqual({ kind: "done" });
    } finally {
      delete process.env.HOOK_OPEN;
    }
    const names = Object.keys(variablesIn(readFileSync(env, "utf8"))).filter(
      (name) => !/^(RTMP|MTX)_/.test(name),
    );
    const ofShell = ["PWD", "OLDPWD", "SHLVL", "_"];
    const inherited = ["PATH", "LANG", "TZ", "TMPDIR"].filter((name) => process.env[name] !== undefined);
    expect(names.filter((name) => !ofShell.includes(name)).sort()).toEqual([...inherited, "OWN"].sort());
  });

  test("runs in its directory, or says that there is none", async () => {
    const trace = pathOf("trace");
    const script = scriptOf(`pwd -P >${trace}\n`);
    expect(await run(script, { settings: { cwd: "/" } })).toEqual({ kind: "done" });
    expect(readFileSync(trace, "utf8")).toBe("/\n");
    const [missing, file] = [pathOf("missing"), scriptOf("")];
    const failure = { kind: "failed", verdict: "retry" } as const;
    expect([
      await run(script, { settings: { cwd: missing } }),
      await run(script, { settings: { cwd: file } }),
    ]).toEqual([
      {
        ...failure,
        code: "ENOENT",
        error: `${script} cannot be started in ${missing}, which is no directory`,
      },
      { ...failure, code: "ENOTDIR", error: `${script} cannot be started in ${file}, which is no directory` },
    ]);
  });

  test("that cannot have so many variables never will", async () => {
    const settings = { env: { HUGE: "x".repeat(3_000_000) } };
    expect(await run(scriptOf(""), { settings })).toMatchObject({ code: "E2BIG", verdict: "never" });
  });

  const isRoot = process.getuid?.() === 0;
  test.if(isRoot)("runs as another user and group, without the groups of the server", async () => {
    const trace = pathOf("trace");
    const script = scriptOf("id -u >&2; id -g >&2; id -G >&2; exit 1\n");
    const asBoth = await run(script, { settings: { uid: 65534, gid: 65533 } });
    expect(asBoth).toMatchObject({ detail: "65534\n65533\n65533" });
    const asUser = await run(script, { settings: { uid: 65534 } });
    expect(asUser).toMatchObject({ detail: `65534\n${process.getgid?.()}\n${process.getgid?.()}` });
    const denied = await run(scriptOf(`echo x >${trace}\n`), { settings: { uid: 65534, gid: 65534 } });
    expect(denied).toMatchObject({ kind: "failed", detail: expect.stringContaining("denied") });
  });

  test.if(isRoot)("is stopped when it takes too long, as another user too", async () => {
    const outcome = await run(scriptOf("sleep 60\n"), {
      timeoutMs: 200,
      settings: { uid: 65534, gid: 65534 },
    });
    expect(outcome).toMatchObject({ code: "timeout" });
  });

  test("says whom it cannot be run as where that is not permitted", async () => {
    const program = join(import.meta.dir, "identity-child.ts");
    const script = scriptOf("exit 0\n");
    // Somebody who is not root, in a process of its own: a process gives root up for good.
    const child = Bun.spawn([process.execPath, program, script], {
      stdout: "pipe",
      stderr: "inherit",
      env: { ...process.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
      ...(isRoot ? { uid: 65534, gid: 65534 } : {}),
    });
    const outcomes = JSON.parse(await new Response(child.stdout).text()) as unknown;
    const failure = { kind: "failed", code: "EPERM", verdict: "retry" };
    expect(outcomes).toEqual([
      { ...failure, error: `${script} cannot be started as user 0, which only root may do` },
      { ...failure, error: `${script} cannot be started as group 0, which only root may do` },
      { ...failure, error: `${script} cannot be started as user 0 and group 0, which only root may do` },
    ]);
  }, 20_000);
});

describe("a script that does not end", () => {
  const timedOut: HookOutcome = {
    kind: "failed",
    error: "no exit within 300 ms, stopped",
    code: "timeout",
    verdict: "retry",
  };

  test("is stopped with all it has started", async () => {
    const child = pathOf("child");
    const start = performance.now();
    const outcome = await run(scriptOf(`sleep 60 &\necho $! >${child}\nsleep 60\n`), { timeoutMs: 300 });
    expect(outcome).toEqual(timedOut);
    expect(performance.now() - start).toBeLessThan(3_000);
    await until("the child is gone", () => !isAlive(child));
  });

  test("is killed with all it has started when it will not be asked", async () => {
    const child = pathOf("child");
    const body = `trap '' TERM\nsh -c 'trap "" TERM; echo $$ >${child}; while :; do sleep 1; done' &\nwhile :; do sleep 1; done\n`;
    const start = performance.now();
    const outcome = await run(scriptOf(body), { timeoutMs: 300 });
    expect(outcome).toEqual(timedOut);
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
    expect(await outcome).toEqual({
      kind: "failed",
      error: "stopped, the server gave it up",
      verdict: "aborted",
    });
    await until("the child is gone", () => !isAlive(child));
  });

  test("is not even started when the server gave it up before", async () => {
    const trace = pathOf("trace");
    const outcome = await run(scriptOf(`touch ${trace}\n`), { signal: AbortSignal.abort() });
    expect(outcome).toEqual({
      kind: "failed",
      error: "not started, the server gave it up",
      verdict: "aborted",
    });
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
    for (let i = 0; i < 2; i++) expect(await hook.execute(attemptOf(), signal)).toEqual({ kind: "done" });
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
    const failure = { kind: "failed", verdict: "retry" } as const;
    expect([await run(missing), await run(orphan), await run(folder), await run(`${orphan}/x`)]).toEqual([
      {
        ...failure,
        code: "ENOENT",
        error: `${missing} is not there, or the program its first line names is not`,
      },
      {
        ...failure,
        code: "ENOENT",
        error: `${orphan} is not there, or the program its first line names is not`,
      },
      { ...failure, code: "EACCES", error: `${folder} is not a file that may be run or read` },
      { ...failure, code: "ENOTDIR", error: expect.stringContaining(`${orphan}/x cannot be started`) },
    ]);
  });

  test("gets its arguments from the shell that runs it, too", async () => {
    const trace = pathOf("trace");
    const settings = { args: ["one two", "$(touch pwned)"] };
    const script = scriptOf(`printf '%s\\n' "$@" >${trace}\n`, { head: "" });
    expect(await run(script, { settings })).toEqual({ kind: "done" });
    expect(readFileSync(trace, "utf8")).toBe("one two\n$(touch pwned)\n");
  });

  test("is run by PowerShell on Windows when it is made for it", () => {
    const powerShell = ["powershell.exe", "-ExecutionPolicy", "Bypass", "-File", "C:\\h\\a.PS1"];
    expect(commandOf("C:\\h\\a.PS1", "win32")).toEqual(powerShell);
    expect(commandOf("C:\\h\\a.exe", "win32")).toEqual(["C:\\h\\a.exe"]);
    expect(commandOf("/h/a.ps1", "linux")).toEqual(["/h/a.ps1"]);
  });
});
