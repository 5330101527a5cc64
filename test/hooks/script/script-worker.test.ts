import { afterAll, describe, expect, test } from "bun:test";
import type { HookOutcome } from "../../../src/hooks/delivery/hook.ts";
import { contentOf, isAlive, ScriptFiles, until } from "./script-files.ts";
import type { Task } from "./script-worker.ts";

const files = new ScriptFiles();
const worker = new Worker(new URL("./script-worker.ts", import.meta.url).href);
afterAll(() => {
  worker.terminate();
  files[Symbol.dispose]();
});

const perform = (task: Task): Promise<HookOutcome> =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<HookOutcome>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(task);
  });

describe("in a thread of its own", () => {
  test("a script reads the event and ends", async () => {
    const trace = files.path("trace");
    const script = files.script(`cat >${trace}\nenv >>${trace}\necho bad >&2\nexit 4\n`);
    expect(await perform({ script, mode: "oneshot", timeoutMs: 5_000 })).toEqual({
      kind: "failed",
      error: "exit status 4, expected 0",
      code: "exit",
      verdict: "retry",
      detail: "bad",
    });
    expect(contentOf(trace)).toMatch(/^\{"type":"publish_start",.*\}\n/);
    expect(contentOf(trace)).toContain("RTMP_STREAM_KEY=live/test\n");
  });

  test("a script that takes too long is stopped with all it has started", async () => {
    const child = files.path("child");
    const script = files.script(`sleep 60 &\necho $! >${child}\nsleep 60\n`);
    expect(await perform({ script, mode: "oneshot", timeoutMs: 300 })).toMatchObject({ code: "timeout" });
    await until("the child is gone", () => !isAlive(child));
  });

  test("what a script leaves in the background lives on", async () => {
    const pid = files.path("pid");
    const script = files.script(`sleep 60 >/dev/null 2>&1 &\necho $! >${pid}\n`);
    expect(await perform({ script, mode: "oneshot", timeoutMs: 5_000 })).toEqual({ kind: "done" });
    expect(isAlive(pid)).toBe(true);
    process.kill(Number(contentOf(pid)));
  });

  test("a script that reads line by line is fed and closed", async () => {
    const trace = files.path("trace");
    const script = files.script(`cat >${trace}\necho end >>${trace}\n`);
    expect(await perform({ script, mode: "stream", timeoutMs: 5_000 })).toEqual({ kind: "done" });
    expect(contentOf(trace)).toMatch(/^\{.*\}\nend\n$/);
  });
});
