import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type Logger, silentLogger } from "../../../src/base/log.ts";
import { LineWriter, type Outlet } from "../../../src/hooks/stdio/line-writer.ts";
import { holds } from "../../base/property.ts";

/** An outlet whose reader reads when the test says so. */
class SlowOutlet implements Outlet {
  readonly written: string[] = [];
  #done: ((error?: Error) => void) | undefined;

  write(text: string, done: (error?: Error) => void): void {
    expect(this.#done, "one batch at a time").toBeUndefined();
    this.written.push(text);
    this.#done = done;
  }

  /** Reads, or goes away with `error`. False when there was nothing to read. */
  read(error?: Error): boolean {
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
    return done !== undefined;
  }
}

const setUp = (maxWaitingBytes = 1_000) => {
  const lines: string[] = [];
  const note = (message: string): unknown => lines.push(message);
  const log: Logger = { ...silentLogger, warn: note, info: note };
  const outlet = new SlowOutlet();
  const writer = new LineWriter(outlet, { name: "stdout", log, maxWaitingBytes });
  const write = (...texts: string[]): void => {
    for (const text of texts) writer.write(`${text}\n`, { isTelemetry: text.startsWith("t") });
  };
  return { outlet, writer, write, lines };
};

describe("a line writer", () => {
  test("writes at once, and together what came meanwhile", () => {
    const { outlet, writer, write } = setUp();
    write("a", "t", "b");
    expect(outlet.written).toEqual(["a\n"]);
    outlet.read();
    expect(outlet.written).toEqual(["a\n", "t\nb\n"]);
    expect(writer.waitingBytes).toBe(0);
  });

  test("hands over 64 KiB at a time, so that the rest can still be dropped", () => {
    const { outlet, write } = setUp(1_000_000);
    const line = "x".repeat(9_999);
    write("a", ...Array.from({ length: 20 }, () => line));
    while (outlet.read());
    expect(outlet.written.map((text) => text.length)).toEqual([2, 70_000, 70_000, 60_000]);
  });

  test("drops the oldest telemetry first, then the oldest, and says so once until all is read", () => {
    const { outlet, writer, write, lines } = setUp(10);
    write("first", "a", "t1", "b", "t2", "c");
    expect(writer.dropped).toBe(1);
    write("d", "e", "f", "g");
    expect([writer.dropped, writer.waitingBytes]).toEqual([4, 10]);
    expect(lines).toEqual(["hook output is not read, events are dropped"]);
    while (outlet.read());
    expect(outlet.written).toEqual(["first\n", "c\nd\ne\nf\ng\n"]);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe("hook output is read again");
  });

  test("drops what could never wait, and nothing for it", () => {
    const { outlet, writer, write } = setUp(10);
    write("a", "b", "x".repeat(10));
    expect(writer.dropped).toBe(1);
    while (outlet.read());
    expect(outlet.written).toEqual(["a\n", "b\n"]);
  });

  test("gives up with one line in the log when its reader has gone", async () => {
    const { outlet, writer, write, lines } = setUp();
    write("a", "b", "t");
    const drained = writer.drained();
    outlet.read(new Error("EPIPE: broken pipe"));
    write("c");
    await drained;
    await writer.drained();
    expect({ isClosed: writer.isClosed, dropped: writer.dropped, waiting: writer.waitingBytes }).toEqual({
      isClosed: true,
      dropped: 4,
      waiting: 0,
    });
    expect(outlet.written).toEqual(["a\n"]);
    expect(lines).toEqual(["hook output is closed, no more events go there"]);
  });

  test("says when all is read", async () => {
    const { outlet, writer, write } = setUp();
    await writer.drained();
    let isDrained = false;
    write("a", "b");
    const drained = writer.drained().then(() => {
      isDrained = true;
    });
    outlet.read();
    await Promise.resolve();
    expect(isDrained).toBe(false);
    outlet.read();
    await drained;
    expect(isDrained).toBe(true);
  });

  test("keeps the order, its bound and its count whatever happens", () => {
    const step = fc.oneof(
      fc.record({ size: fc.nat(30), isTelemetry: fc.boolean() }),
      fc.constant("read" as const),
    );
    holds(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { outlet, writer } = setUp(100);
        let count = 0;
        for (const one of steps) {
          if (one === "read") outlet.read();
          else writer.write(`${count++} ${"x".repeat(one.size)}\n`, one);
          expect(writer.waitingBytes).toBeLessThanOrEqual(100);
        }
        while (outlet.read());
        const numbers = [...outlet.written.join("").matchAll(/^(\d+) x*$/gm)].map(([, n]) => Number(n));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        expect(numbers.length + writer.dropped).toBe(count);
      }),
    );
  });
});
