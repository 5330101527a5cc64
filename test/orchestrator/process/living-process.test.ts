import { describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/base/time.ts";
import {
  exitText,
  type LivingProcess,
  SystemStarter,
} from "../../../src/orchestrator/process/living-process.ts";
import { OutputFile } from "../../../src/orchestrator/process/output-file.ts";
import { LinuxProcessTable } from "../../../src/orchestrator/process/process-table.ts";
import { needsTool } from "../../base/tool.ts";
import { until } from "../../e2e/harness/until.ts";

const test = process.platform === "linux" ? needsTool("sh") : needsTool("no such system");

/** A directory, and processes that are gone with it. */
class Yard implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "rtmp-processes-"));
  readonly table = new LinuxProcessTable();
  readonly starter = new SystemStarter({ clock: systemClock, table: this.table });
  readonly launch = Bun.randomUUIDv7();
  readonly output = new OutputFile(join(this.directory, "logs/a.log"), 65_536);

  start(script: string, graceMs = 10_000): LivingProcess {
    const env = { PATH: process.env.PATH ?? "", ORCHESTRATOR_LAUNCH: this.launch };
    return this.starter.start({ command: ["sh", "-c", script], env, output: this.output, graceMs });
  }

  get alive(): number {
    return this.table.withVariable("ORCHESTRATOR_LAUNCH", this.launch).length;
  }

  /** Who was killed may have a moment left. */
  async empty(): Promise<void> {
    await until(
      () => this.alive,
      (count) => count === 0,
      1_000,
    );
  }

  [Symbol.dispose](): void {
    for (const { id } of this.table.withVariable("ORCHESTRATOR_LAUNCH", this.launch)) this.table.kill(id);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describe("a process that was started", () => {
  test("leads a group, is known by number and start, and writes into its file", async () => {
    using yard = new Yard();
    const living = yard.start("echo said; echo wrong >&2; exit 3");
    expect(yard.table.identify(living.id.pid) ?? living.id).toEqual(living.id);
    expect(exitText(await living.ended)).toBe("code 3");
    expect(readFileSync(yard.output.path, "utf8")).toBe("said\nwrong\n");
    expect(statSync(yard.output.path).mode & 0o777).toBe(0o600);
    expect(yard.table.isAlive(living.id)).toBe(false);
  });

  test("is ended with all that it has started, by force where it does not listen", async () => {
    using yard = new Yard();
    const living = yard.start("trap '' TERM; sleep 600 & sleep 600 & wait; sleep 600", 300);
    await until(
      () => yard.alive,
      (count) => count === 3,
    );
    living.stop();
    living.stop();
    expect(exitText(await living.ended)).toBe("signal SIGKILL");
    await yard.empty();
  });

  test("that ends by itself takes along what it has left in its group", async () => {
    using yard = new Yard();
    const living = yard.start("sleep 600 & exit 0");
    await living.ended;
    await yard.empty();
  });

  test("cannot be what is not there", () => {
    using yard = new Yard();
    const order = { command: ["/no/such/program"], env: {}, output: yard.output, graceMs: 1 };
    expect(() => yard.starter.start(order)).toThrow("no such file");
  });
});

describe("a process that was taken over", () => {
  test("is ended as one that was started, with all that it has started", async () => {
    using yard = new Yard();
    const { id } = yard.start("sleep 600 & wait");
    await until(
      () => yard.alive,
      (count) => count === 2,
    );
    const living = yard.starter.adopt({ id, launch: yard.launch, graceMs: 10_000 });
    living.stop();
    expect(exitText(await living.ended)).toBe("ended unseen");
    await yard.empty();
  });

  test("is missed when it ends by itself, and what it leaves is ended", async () => {
    using yard = new Yard();
    const { id } = yard.start("sleep 600 & wait");
    await until(
      () => yard.alive,
      (count) => count === 2,
    );
    const living = yard.starter.adopt({ id, launch: yard.launch, graceMs: 10_000 });
    process.kill(id.pid, "SIGKILL");
    await living.ended;
    await yard.empty();
  });
});

describe("the table of processes", () => {
  test("tells one from another of the same number, and kills that one alone", async () => {
    using yard = new Yard();
    const { id, ended } = yard.start("sleep 600");
    const before = { ...id, startTime: id.startTime - 1 };
    const other = { ...id, boot: "another start of the machine" };
    expect([id, before, other].map((each) => yard.table.isAlive(each))).toEqual([true, false, false]);
    yard.table.kill(before);
    yard.table.kill(other);
    expect(yard.table.isAlive(id)).toBe(true);
    yard.table.kill(id);
    expect(exitText(await ended)).toBe("signal SIGKILL");
  });

  test("finds processes by a whole variable, not by a part of one", async () => {
    using yard = new Yard();
    yard.start("exec sleep 600");
    await until(
      () => yard.alive,
      (count) => count === 1,
    );
    const part = yard.launch.substring(0, 10);
    expect(yard.table.withVariable("ORCHESTRATOR_LAUNCH", part)).toEqual([]);
    expect(yard.table.withVariable("LAUNCH", yard.launch)).toEqual([]);
  });
});
