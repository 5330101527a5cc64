import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../../src/base/log.ts";
import type { RunningScript } from "../../../src/hooks/script/script-program.ts";
import { StreamProgram } from "../../../src/hooks/script/stream-program.ts";
import { FakeClock } from "../../base/fake-clock.ts";

const emptyStream = (): ReadableStream<Uint8Array> => new ReadableStream({ start: (own) => own.close() });

/** A program that takes all it is given, and ends when the test says so. */
class FakeChild {
  readonly #exit = Promise.withResolvers<number>();
  readonly exited = this.#exit.promise;
  readonly stdout = emptyStream();
  readonly stderr = emptyStream();
  readonly signalCode = null;
  exitCode: number | null = null;
  written = "";
  flushed = Promise.resolve(0);
  readonly stdin = {
    write: (text: string): number => {
      this.written += text;
      return text.length;
    },
    flush: (): Promise<number> => this.flushed,
    end: (): number => 0,
  };

  unref(): void {
    // It keeps nothing from ending.
  }

  exit(code: number): void {
    this.exitCode = code;
    this.#exit.resolve(code);
  }
}

const setUp = (): { child: FakeChild; program: StreamProgram } => {
  const child = new FakeChild();
  const options = { id: "shell_0", script: "/s", clock: new FakeClock(), log: silentLogger };
  return { child, program: new StreamProgram(child as unknown as RunningScript<"pipe">, options) };
};

describe("a text for a program", () => {
  test("is taken once the system has all of it", async () => {
    const { child, program } = setUp();
    const flushed = Promise.withResolvers<number>();
    child.flushed = flushed.promise;
    let outcome: unknown = "waits";
    const written = program.write("a\n").then((given) => {
      outcome = given;
    });
    await Bun.sleep(1);
    expect([child.written, outcome]).toEqual(["a\n", "waits"]);
    flushed.resolve(2);
    await written;
    expect(outcome).toBeUndefined();
  });

  test("is not taken where the program has ended meanwhile, though the system took it", async () => {
    const { child, program } = setUp();
    const flushed = Promise.withResolvers<number>();
    child.flushed = flushed.promise;
    const written = program.write("a\n");
    child.exit(3);
    flushed.resolve(2);
    const failure = {
      kind: "failed",
      error: "exit status 3, expected 0",
      code: "exit",
      verdict: "retry",
    } as const;
    expect(await written).toEqual(failure);
    expect(await program.ended).toEqual(failure);
    expect(program.isReading).toBe(false);
    expect(await program.write("b\n")).toEqual(failure);
  });
});
