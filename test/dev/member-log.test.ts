import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemberLog } from "../../src/dev/member-log.ts";

test("the log of a program that cannot be kept disturbs nobody, and says so once", () => {
  const directory = mkdtempSync(join(tmpdir(), "rtmp-dev-"));
  const faults: string[] = [];
  try {
    const path = join(directory, "logs/server.log");
    const log = new MemberLog(path, { maxBytes: 4, failed: (error) => void faults.push(error) });
    log.write("one");
    expect(readFileSync(path, "utf8")).toBe("one\n");
    mkdirSync(`${path}.1`);
    log.write("two");
    for (let count = 0; count < 2; count++) {
      log.turn();
      log.write("three and more");
    }
    log.close();
    expect(faults.length).toBe(1);
    expect(faults[0]).toContain("EISDIR");
    log.write("after");
    expect(faults.length).toBe(2);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
