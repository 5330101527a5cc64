import { describe, expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import { Gate } from "../../src/base/gate.ts";

const codeOf = (error: unknown): unknown => (error instanceof TransportError ? error.code : error);

describe("a gate", () => {
  test("lets no more in than it should, and the others in the order in which they came", async () => {
    const gate = new Gate({ maxInside: 2, maxWaiting: 10 });
    const works = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
    const started: number[] = [];
    const all = works.map(({ promise }, index) =>
      gate.run(() => {
        started.push(index);
        return promise;
      }),
    );
    expect({ started: [...started], inside: gate.inside, waiting: gate.waiting }).toEqual({
      started: [0, 1],
      inside: 2,
      waiting: 3,
    });
    works[1]?.resolve(1);
    await all[1];
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2]);
    for (const [index, { resolve }] of works.entries()) resolve(index);
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
    expect({ started, inside: gate.inside }).toEqual({ started: [0, 1, 2, 3, 4], inside: 0 });
  });

  test("sends away who would wait behind too many, and gives a place back after a failure", async () => {
    const gate = new Gate({ maxInside: 1, maxWaiting: 1 });
    const first = Promise.withResolvers<void>();
    const inside = gate.run(() => first.promise);
    const waiting = gate.run(async () => "second");
    expect(await gate.run(async () => "third").catch(codeOf)).toBe("OVERFLOW");
    first.reject(new Error("broken"));
    await expect(inside).rejects.toThrow("broken");
    expect(await waiting).toBe("second");
    expect(gate.inside).toBe(0);
  });

  test("forgets who gave up waiting", async () => {
    const gate = new Gate({ maxInside: 1, maxWaiting: 5 });
    const first = Promise.withResolvers<void>();
    const inside = gate.run(() => first.promise);
    const aborter = new AbortController();
    let isStarted = false;
    const waiting = gate.run(async () => {
      isStarted = true;
    }, aborter.signal);
    aborter.abort();
    expect(await waiting.catch(codeOf)).toBe("TIMEOUT");
    first.resolve();
    await inside;
    expect({ isStarted, inside: gate.inside, waiting: gate.waiting }).toEqual({
      isStarted: false,
      inside: 0,
      waiting: 0,
    });
  });
});
