/**
 * A server that does nothing but raise events, for tests of what becomes of it when nobody reads them: 20 MB in a second, one
 * in ten of them no telemetry, then a second of silence but for one event in the end. It leaves its report in a file.
 *
 *   bun stdio-child.ts REPORT [stdout|stderr|both]
 */
import { writeFileSync } from "node:fs";
import { type Logger, silentLogger } from "../../../src/base/log.ts";
import { StdioHook, type StdioStream } from "../../../src/hooks/stdio/stdio-hook.ts";
import { attemptOf } from "../sample-attempt.ts";
import { sampleEvent } from "../sample-event.ts";

/** What the child found. */
export interface Report {
  readonly emitted: number;
  readonly dropped: number;
  /** The longest time between two turns of the event loop, in milliseconds. */
  readonly longestPauseMs: number;
  readonly grownBytes: number;
  readonly log: readonly string[];
}

const pad = "x".repeat(2_000);

const run = async (file: string, stream: StdioStream): Promise<void> => {
  const lines: string[] = [];
  const note = (message: string): unknown => lines.push(message);
  const log: Logger = { ...silentLogger, warn: note, info: note };
  const hook = new StdioHook({ format: "json", stream, isTelemetry: ({ seq }) => seq % 10 !== 0, log });
  const emit = (seq: number): Promise<unknown> =>
    hook.execute(attemptOf(sampleEvent({ seq, data: { pad } })));

  const memory = process.memoryUsage().rss;
  let [last, longestPauseMs, emitted] = [performance.now(), 0, 0];
  const turn = (): void => {
    const now = performance.now();
    longestPauseMs = Math.max(longestPauseMs, now - last);
    last = now;
  };
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 100; j++) await emit(++emitted);
    await Bun.sleep(10);
    turn();
  }
  for (let i = 0; i < 100; i++) {
    await Bun.sleep(10);
    turn();
  }
  await emit(++emitted);
  await Promise.race([hook.drained(), Bun.sleep(1_000)]);
  const grownBytes = process.memoryUsage().rss - memory;
  const report: Report = { emitted, dropped: hook.dropped, longestPauseMs, grownBytes, log: lines };
  writeFileSync(file, JSON.stringify(report));
  process.exit(0);
};

// Nothing here waits for it: Bun outlives an error that nobody catches for as long as the module is still being loaded.
if (import.meta.main)
  run(process.argv[2] ?? "", (process.argv[3] ?? "stdout") as StdioStream).catch(() => process.exit(1));
