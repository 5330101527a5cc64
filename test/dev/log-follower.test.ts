import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { followLogs } from "../../src/dev/log-follower.ts";

test("logs are waited for where nothing was started yet", async () => {
  const directory = mkdtempSync(join(tmpdir(), "rtmp-logs-"));
  const stop = new AbortController();
  const lines: string[] = [];
  const first = Promise.withResolvers<void>();
  const show = (line: string): void => {
    lines.push(line);
    first.resolve();
  };
  try {
    const logs = join(directory, "dev/logs");
    const over = followLogs(logs, { show, signal: stop.signal });
    mkdirSync(join(logs, "workers"), { recursive: true });
    writeFileSync(join(logs, "workers/a.log"), "one\ntwo");
    await Promise.race([first.promise, over]);
    stop.abort();
    await over;
    expect(lines).toEqual(["workers/a | one"]);
  } finally {
    stop.abort();
    rmSync(directory, { recursive: true, force: true });
  }
});
