import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LogFields, type Logger, silentLogger } from "../../../src/base/log.ts";
import { type Clock, systemClock } from "../../../src/base/time.ts";
import type { Hook, HookOutcome } from "../../../src/hooks/delivery/hook.ts";
import type { HookEvent } from "../../../src/hooks/event/hook-event.ts";
import { makeScriptHook } from "../../../src/hooks/script/script-hook.ts";
import type { ScriptSettings } from "../../../src/hooks/script/script-settings.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { hostileTexts } from "../hostile-texts.ts";
import { attemptOf } from "../sample-attempt.ts";
import { sampleEvent } from "../sample-event.ts";
import {
  contentOf,
  hasPid,
  isAlive,
  ScriptFiles,
  scriptSettings,
  until,
  variablesIn,
} from "./script-files.ts";

const files = new ScriptFiles();
const open: Hook[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((hook) => hook.close?.()));
});
afterAll(() => files[Symbol.dispose]());

interface Options {
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly settings?: Partial<ScriptSettings>;
}

const hookOf = (path: string, options: Options = {}): Hook => {
  const { timeoutMs = 10_000, clock = systemClock, log = silentLogger } = options;
  const settings = scriptSettings(path, { mode: "stream", ...options.settings });
  const hook = makeScriptHook({ id: "shell_5", settings, timeoutMs, clock, log });
  open.push(hook);
  return hook;
};

const send = (hook: Hook, event?: HookEvent, signal = new AbortController().signal): Promise<HookOutcome> =>
  hook.execute(attemptOf(event), signal);

/** Notes what is said at one level. */
const noting = (level: "debug" | "warn"): { log: Logger; lines: [string, LogFields | undefined][] } => {
  const lines: [string, LogFields | undefined][] = [];
  return {
    log: { ...silentLogger, [level]: (message: string, fields?: LogFields) => lines.push([message, fields]) },
    lines,
  };
};

const done: HookOutcome = { kind: "done" };

const linesIn = (file: string): string[] => contentOf(file).split("\n").slice(0, -1);

const seqsIn = (file: string): number[] => linesIn(file).map((line) => (JSON.parse(line) as HookEvent).seq);

describe("a script that reads events line by line", () => {
  test("is started with the first one, once, and reads each in order until the hook is closed", async () => {
    const [pid, trace] = [files.path("pid"), files.path("trace")];
    const hook = hookOf(files.script(`echo $$ >>${pid}\ncat >${trace}\necho end >>${trace}\n`));
    await Bun.sleep(50);
    expect(existsSync(pid)).toBe(false);
    const seqs = Array.from({ length: 1_000 }, (_, index) => index + 1);
    const outcomes = await Promise.all(seqs.map((seq) => send(hook, sampleEvent({ seq }))));
    expect(outcomes.every(({ kind }) => kind === "done")).toBe(true);
    await hook.close?.();
    const lines = linesIn(trace);
    expect(lines.pop()).toBe("end");
    expect(lines.map((line) => (JSON.parse(line) as HookEvent).seq)).toEqual(seqs);
    expect(linesIn(pid)).toHaveLength(1);
    expect(isAlive(pid)).toBe(false);
  });

  test("gets its arguments, directory and variables, and none of an event", async () => {
    const env = files.path("env");
    const body = `env -0 >${env}\npwd -P >>${env}\nprintf '%s\\n' "$@" >>${env}\n`;
    const settings = { args: ["a b"], cwd: "/", env: { OWN: "own" }, envMode: "clean" } as const;
    const hook = hookOf(files.script(`${body}cat >/dev/null\n`), { settings });
    expect(await send(hook)).toEqual(done);
    await hook.close?.();
    const text = readFileSync(env, "utf8");
    expect(text).toEndWith("\0/\na b\n");
    const { PATH: _, ...variables } = variablesIn(text.substring(0, text.lastIndexOf("\0")));
    expect(variables).toMatchObject({ OWN: "own", RTMP_HOOK_ID: "shell_5" });
    expect(Object.keys(variables).filter((name) => /^(RTMP|MTX)_/.test(name))).toEqual(["RTMP_HOOK_ID"]);
  });

  for (const { name, text } of hostileTexts)
    test(`gets ${name} in full on one line and runs none of it`, async () => {
      const trace = files.path("trace");
      const hook = hookOf(files.script(`cd ${files.folder}\ncat >${trace}\n`));
      const event = sampleEvent({ stream_key: text, data: { title: text } });
      expect(await send(hook, event)).toEqual(done);
      expect(await send(hook, sampleEvent())).toEqual(done);
      await hook.close?.();
      expect(linesIn(trace).map((line) => JSON.parse(line) as unknown)).toEqual([event, sampleEvent()]);
      expect(contentOf(trace).match(/[\n\r\u2028\u2029]/g)).toEqual(["\n", "\n"]);
      expect(existsSync(join(files.folder, "pwned"))).toBe(false);
    });

  test("has what it writes logged in pieces of at most 64 KiB, and never has to wait for it", async () => {
    const { log, lines } = noting("debug");
    const hook = hookOf(
      files.script("while read -r line; do echo out; yes x | head -c 300000 >&2; echo end >&2; done\n"),
      { log },
    );
    expect(await send(hook)).toEqual(done);
    await until("all of it is logged", () =>
      lines.some(([, fields]) => String(fields?.stderr).endsWith("end\n")),
    );
    expect(lines.map(([message]) => message)).toContain("hook script wrote");
    expect(lines.map(([, fields]) => fields?.stdout).join("")).toBe("out\n");
    for (const [, fields] of lines) expect(String(fields?.stderr).length).toBeLessThanOrEqual(64 * 1024);
  });
});

describe("a script that does not read", () => {
  test("makes events wait up to their timeout, and gets whole lines when it reads again", async () => {
    const [go, trace] = [files.path("go"), files.path("trace")];
    const body = `while [ ! -e ${go} ]; do sleep 0.02; done\ncat >${trace}\n`;
    const hook = hookOf(files.script(body), { timeoutMs: 400 });
    const pad = "x".repeat(10_000);
    const start = performance.now();
    const seqs = Array.from({ length: 100 }, (_, index) => index + 1);
    const outcomes = await Promise.all(seqs.map((seq) => send(hook, sampleEvent({ seq, data: { pad } }))));
    expect(performance.now() - start).toBeWithin(390, 2_000);
    const delivered = seqs.filter((_, index) => outcomes[index]?.kind === "done");
    // The pipe held the first of them; a line is taken whole or not at all.
    expect(delivered.length).toBeWithin(1, 60);
    expect(delivered).toEqual(seqs.slice(0, delivered.length));
    expect(outcomes.at(-1)).toEqual({
      kind: "failed",
      error: "not taken within 400 ms",
      code: "timeout",
      verdict: "retry",
    });
    writeFileSync(go, "");
    expect(await send(hook, sampleEvent({ seq: 101 }))).toEqual(done);
    await hook.close?.();
    const read = seqsIn(trace);
    expect(read).toEqual([...seqs.slice(0, read.length - 1), 101]);
    // Those that were under way came too; those that waited behind them had been withdrawn.
    expect(read.length - 1).toBeWithin(delivered.length, delivered.length + 8);
  });

  test("gives up an event that the server gave up", async () => {
    const hook = hookOf(files.script("sleep 1\n"));
    const pad = "x".repeat(250_000);
    const abort = new AbortController();
    const outcomes = [1, 2, 3, 4].map((seq) => send(hook, sampleEvent({ seq, data: { pad } }), abort.signal));
    await Bun.sleep(100);
    abort.abort();
    const aborted: HookOutcome = { kind: "failed", error: "the server gave it up", verdict: "aborted" };
    expect((await Promise.all(outcomes)).slice(1)).toEqual([aborted, aborted, aborted]);
    expect(await send(hook, sampleEvent(), abort.signal)).toMatchObject({ verdict: "aborted" });
  });

  test("and has closed its standard input is stopped and started again", async () => {
    const { log, lines } = noting("warn");
    const [pid, trace] = [files.path("pid"), files.path("trace")];
    const body = `if [ ! -e ${pid} ]; then read -r a; exec <&-; echo $$ >${pid}; sleep 60; fi\ncat >${trace}\n`;
    const hook = hookOf(files.script(body), { log });
    void send(hook);
    await until("it does not listen", () => hasPid(pid));
    expect(await send(hook)).toMatchObject({ kind: "failed", code: "EPIPE", verdict: "retry" });
    expect(await send(hook, sampleEvent({ seq: 2 }))).toEqual(done);
    expect(isAlive(pid)).toBe(false);
    await hook.close?.();
    expect(seqsIn(trace)).toEqual([2]);
    expect(lines.map(([, fields]) => [fields?.error, fields?.restartMs])).toEqual([
      ["ended by SIGTERM", 1000],
    ]);
  });
});

describe("a script that ends", () => {
  test("fails what was being written, with the end of what it said, and is started again for the rest", async () => {
    const [first, trace] = [files.path("first"), files.path("trace")];
    const body = `if [ ! -e ${first} ]; then touch ${first}; sleep 0.3; echo oops >&2; exit 3; fi\ncat >>${trace}\n`;
    const hook = hookOf(files.script(body));
    const pad = "x".repeat(250_000);
    const outcomes = await Promise.all(
      [1, 2, 3].map((seq) => send(hook, sampleEvent({ seq, data: { pad } }))),
    );
    const failure = { kind: "failed", error: "exit status 3, expected 0", code: "exit", verdict: "retry" };
    expect(outcomes[0]).toEqual({ ...failure, detail: "oops" } as HookOutcome);
    expect(outcomes.slice(1)).toEqual([done, done]);
    await hook.close?.();
    expect(seqsIn(trace)).toEqual([2, 3]);
  });

  const ends = [
    { name: "well", body: "head -n 1 >/dev/null", error: "exit status 0" },
    {
      name: "with a status that is final for one event",
      body: "read -r a; exit 65",
      error: "exit status 65, expected 0",
    },
    { name: "by a signal", body: "read -r a; kill -KILL $$", error: "ended by SIGKILL" },
  ];
  for (const { name, body, error } of ends)
    test(`${name} is started again after 1 s, and a delivered event stays delivered`, async () => {
      const { log, lines } = noting("warn");
      const hook = hookOf(files.script(`${body}\n`), { log });
      expect(await send(hook)).toEqual(done);
      await until("it has ended", () => lines.length > 0);
      expect(lines[0]?.[1]).toMatchObject({ error, restartMs: 1000 });
      const start = performance.now();
      expect(await send(hook)).toEqual(done);
      expect(performance.now() - start).toBeWithin(700, 3_000);
    });

  test("over and over waits up to 30 s, and 1 s again once it has lived for a minute", async () => {
    const { log, lines } = noting("warn");
    const clock = new FakeClock();
    const [trace, stay] = [files.path("trace"), files.path("stay")];
    const script = files.script(`echo $$ >>${trace}\n[ -e ${stay} ] && read -r a\nexit 1\n`);
    const hook = hookOf(script, { log, clock, timeoutMs: 10_000_000 });
    void send(hook);
    const delays = [1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1000);
    for (const [index, delay] of delays.entries()) {
      // The rest for its last output goes by the same clock.
      await until("it has ended", () => {
        if (lines.length <= index) clock.advance(100);
        return lines.length > index;
      });
      if (index === delays.length - 1) writeFileSync(stay, "");
      const starts = linesIn(trace).length;
      clock.advance(delay - 1);
      await Bun.sleep(20);
      expect(linesIn(trace)).toHaveLength(starts);
      clock.advance(1);
      await until("it is started again", () => linesIn(trace).length > starts);
    }
    clock.advance(60_000);
    void send(hook);
    void send(hook);
    await until("it has ended", () => {
      if (lines.length <= delays.length) clock.advance(100);
      return lines.length > delays.length;
    });
    expect(lines.map(([, fields]) => fields?.restartMs)).toEqual([...delays, 1000]);
    await hook.close?.();
  });

  test("cannot be started fails what waits, and works once it can", async () => {
    const missing = files.path("missing.sh");
    const hook = hookOf(missing, { timeoutMs: 5_000 });
    const error = `${missing} is not there, or the program its first line names is not`;
    const failure: HookOutcome = { kind: "failed", error, code: "ENOENT", verdict: "retry" };
    expect(await Promise.all([send(hook), send(hook)])).toEqual([failure, failure]);
    const trace = files.path("trace");
    writeFileSync(missing, `#!/bin/sh\ncat >${trace}\n`, { mode: 0o755 });
    expect(await send(hook)).toEqual(done);
    await hook.close?.();
    expect(seqsIn(trace)).toEqual([1]);
  });
});

describe("closing the hook", () => {
  test("does nothing for a script that was never started, and ends what comes", async () => {
    const trace = files.path("trace");
    const hook = hookOf(files.script(`touch ${trace}\n`));
    await hook.close?.();
    expect(await send(hook)).toMatchObject({ kind: "failed", verdict: "aborted" });
    expect(existsSync(trace)).toBe(false);
  });

  test("ends a script that is just being started", async () => {
    const trace = files.path("trace");
    const hook = hookOf(files.script(`cat >${trace}\necho end >>${trace}\n`));
    const outcome = send(hook);
    await hook.close?.();
    expect(await outcome).toEqual({ kind: "failed", error: "the server gave it up", verdict: "aborted" });
    expect(contentOf(trace)).toBe("end\n");
  });

  test("lets a slow reader have all that was delivered", async () => {
    const trace = files.path("trace");
    const hook = hookOf(files.script(`sleep 0.5\ncat >${trace}\n`));
    const pad = "x".repeat(10_000);
    const outcomes = [1, 2, 3, 4, 5].map((seq) => send(hook, sampleEvent({ seq, data: { pad } })));
    expect(await Promise.all(outcomes)).toEqual([done, done, done, done, done]);
    await hook.close?.();
    expect(seqsIn(trace)).toEqual([1, 2, 3, 4, 5]);
  });

  test("wakes what waits for the script to be started again", async () => {
    const { log, lines } = noting("warn");
    const hook = hookOf(files.script("exit 1\n"), { log });
    await send(hook);
    await until("it has ended", () => lines.length > 0);
    const waiting = send(hook);
    const start = performance.now();
    await hook.close?.();
    expect(await waiting).toEqual({ kind: "failed", error: "the server gave it up", verdict: "aborted" });
    expect(performance.now() - start).toBeLessThan(500);
  });

  test("leaves alone what the script has left in the background, when it ends in time", async () => {
    const pid = files.path("pid");
    const hook = hookOf(files.script(`sleep 60 >/dev/null 2>&1 &\necho $! >${pid}\ncat >/dev/null\n`));
    expect(await send(hook)).toEqual(done);
    await hook.close?.();
    expect(isAlive(pid)).toBe(true);
    process.kill(Number(contentOf(pid)));
  });

  test("asks a script that goes on after 5 s, and kills it with all it has started after 5 more", async () => {
    const [child, asked] = [files.path("child"), files.path("asked")];
    const stubborn = `trap "" TERM; echo $$ >${child}; while :; do sleep 0.1; done`;
    const body = `trap 'touch ${asked}' TERM\nsh -c '${stubborn}' &\nwhile :; do sleep 0.1; done\n`;
    const clock = new FakeClock();
    const hook = hookOf(files.script(body), { clock });
    void send(hook);
    await until("it runs", () => hasPid(child));
    const closed = hook.close?.();
    clock.advance(4_999);
    await Bun.sleep(200);
    expect(existsSync(asked)).toBe(false);
    clock.advance(1);
    await until("it is asked", () => existsSync(asked));
    clock.advance(4_999);
    await Bun.sleep(200);
    expect(isAlive(child)).toBe(true);
    clock.advance(1);
    await until("the child is gone", () => !isAlive(child));
    // The rest for its last output goes by the same clock.
    const rest = setInterval(() => clock.advance(50), 10);
    await closed;
    clearInterval(rest);
  }, 20_000);
});
