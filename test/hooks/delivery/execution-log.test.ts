import { describe, expect, test } from "bun:test";
import { type Logger, silentLogger } from "../../../src/base/log.ts";
import { type EndedExecution, ExecutionLog } from "../../../src/hooks/delivery/execution-log.ts";
import { done, EngineBench, refused } from "./engine-bench.ts";

const journal = (): { log: ExecutionLog; lines: [keyof Logger, string, object | undefined][] } => {
  const lines: [keyof Logger, string, object | undefined][] = [];
  const to =
    (level: keyof Logger): Logger["info"] =>
    (message, fields) =>
      void lines.push([level, message, fields]);
  const logger: Logger = { debug: to("debug"), info: to("info"), warn: to("warn"), error: to("error") };
  return { log: new ExecutionLog({ ...silentLogger, ...logger }), lines };
};

const bench = new EngineBench();
const ended = (changes: Partial<EndedExecution>): EndedExecution => ({
  hook: bench.hook("a"),
  delivery: bench.make(["a"])[0]!,
  outcome: done,
  durationMs: 12.4,
  now: 0,
  isOutage: false,
  ...changes,
});

describe("the log of executions", () => {
  test("has one line for each: at debug where it worked, as an error with its reason where not", () => {
    const { log, lines } = journal();
    log.ended(ended({}));
    log.ended(
      ended({
        outcome: { ...refused, kind: "failed", error: "exit status 1", detail: "why", verdict: "retry" },
      }),
    );
    log.ended(ended({ outcome: { kind: "failed", error: "aborted", verdict: "aborted" } }));
    const fields = {
      hook_type: "webhook",
      hook_id: "a",
      event_type: "publish_start",
      stream_key: "live/a",
      duration_ms: 12,
    };
    expect(lines).toEqual([
      ["debug", "Hook executed", fields],
      ["error", "Hook execution failed", { ...fields, error: "exit status 1", detail: "why" }],
      ["debug", "Hook execution failed", { ...fields, error: "aborted", detail: undefined }],
    ]);
  });

  test("tells of an outage every 10 s at most", () => {
    const { log, lines } = journal();
    for (let now = 0; now < 30_000; now += 100)
      log.ended(ended({ outcome: refused, isOutage: now > 0, now }));
    expect(lines.filter(([level]) => level === "error").length).toBe(3);
    expect(lines.length).toBe(300);
  });

  test("counts the events that were dropped since the last line about them", () => {
    const { log, lines } = journal();
    const [delivery] = bench.make(["a"]);
    for (let now = 0; now <= 10_000; now += 1_000) log.dropped(delivery!, { reason: "overflow", now });
    const fields = { hook_id: "a", event_type: "publish_start", stream_key: "live/a", reason: "overflow" };
    expect(lines).toEqual([
      ["warn", "Hook dropped an event", { ...fields, count: 1 }],
      ["warn", "Hook dropped an event", { ...fields, count: 10 }],
    ]);
  });
});
