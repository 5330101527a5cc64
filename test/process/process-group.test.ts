import { describe, expect, test } from "bun:test";
import { ProcessGroup, type ProcessGroupOptions } from "../../src/process/process-group.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { contentOf, hasPid, isAlive, ScriptFiles, until } from "../hooks/script/script-files.ts";

/** Starts a script that leaves its id in `pid` once it is ready. */
const start = (files: ScriptFiles, body: string, options: Partial<ProcessGroupOptions> = {}) => {
  const clock = new FakeClock();
  const [pid, heard] = [files.path("pid"), files.path("heard")];
  const env = { ...process.env, PID: pid, HEARD: heard };
  const child = Bun.spawn([files.script(body)], { env, detached: true, stdin: "ignore" });
  const group = new ProcessGroup(child, { clock, ...options });
  return { clock, child, group, pid, heard, isReady: () => until("it is ready", () => hasPid(pid)) };
};

const deaf = `trap '' TERM INT; echo $$ >"$PID"; while :; do sleep 0.05; done`;
const polite = (signal: string): string =>
  `trap 'echo ${signal} >"$HEARD"; exit 0' ${signal}; echo $$ >"$PID"; while :; do sleep 0.05; done`;

describe("a group of processes", () => {
  for (const signal of ["TERM", "INT"] as const)
    test(`is asked to end with SIG${signal}${signal === "TERM" ? " where nothing else is wished" : ""}`, async () => {
      using files = new ScriptFiles();
      const options = signal === "TERM" ? {} : { signal: "SIGINT" as const };
      const { group, clock, heard, isReady } = start(files, polite(signal), options);
      await isReady();
      expect(await group.stop()).toBe(true);
      expect([contentOf(heard), group.wasKilled, clock.timers]).toEqual([`${signal}\n`, false, 0]);
    });

  for (const graceMs of [undefined, 700])
    test(`is killed ${graceMs ?? 5_000} ms later`, async () => {
      using files = new ScriptFiles();
      const options = graceMs === undefined ? {} : { graceMs };
      const { group, clock, pid, isReady } = start(files, deaf, options);
      await isReady();
      const stopped = group.stop();
      clock.advance((graceMs ?? 5_000) - 1);
      await Bun.sleep(20);
      expect([isAlive(pid), group.wasKilled]).toEqual([true, false]);
      clock.advance(1);
      expect(await stopped).toBe(true);
      expect([isAlive(pid), group.wasKilled]).toEqual([false, true]);
    });

  test("is waited for as a whole where that is asked, and killed as a whole", async () => {
    using files = new ScriptFiles();
    const { group, clock, child, pid, isReady } = start(
      files,
      `sh -c '${deaf.replaceAll("'", "'\\''")}' & wait`,
    );
    await isReady();
    let isDone = false;
    const stopped = group.stopAll().then((hasEnded) => {
      isDone = true;
      return hasEnded;
    });
    await child.exited;
    clock.advance(4_900);
    await Bun.sleep(20);
    expect([isDone, isAlive(pid)]).toEqual([false, true]);
    clock.advance(100);
    await until("it is gone", () => !isAlive(pid));
    clock.advance(50);
    expect([await stopped, group.wasKilled]).toEqual([true, true]);
  });

  test("that cannot be killed is not waited for", async () => {
    const clock = new FakeClock();
    const signals: string[] = [];
    const leader = {
      pid: 1,
      exited: new Promise<number>(() => undefined),
      kill: (signal: string) => void signals.push(signal),
    };
    const group = new ProcessGroup(leader, { clock, platform: "win32", signal: "SIGINT" });
    const stopped = group.stopAll();
    clock.advance(6_000);
    expect([await stopped, signals]).toEqual([false, ["SIGINT", "SIGKILL"]]);
  });
});
