import { expect, test } from "bun:test";
import type { Cancel } from "../../src/base/time.ts";
import { StartQueue } from "../../src/commands/start-queue.ts";
import { FakeClock } from "../base/fake-clock.ts";

/** A clock on which starts take some time, and that counts the turns that were asked for. */
class SlowClock extends FakeClock {
  spent = 0;
  turns = 0;

  override now(): number {
    return super.now() + this.spent;
  }

  override after(delayMs: number, run: () => void): Cancel {
    this.turns++;
    return super.after(delayMs, run);
  }
}

test("what is to be started is, in its order and in later turns, no more of it than a turn has time for", () => {
  const clock = new SlowClock();
  const queue = new StartQueue({ clock });
  const started: string[] = [];
  const push = (name: string, ms: number): Cancel =>
    queue.push(() => {
      clock.spent += ms;
      started.push(`${clock.turns} ${name}`);
    });
  push("a", 0.6);
  push("b", 0.6);
  const cancel = push("c", 0);
  push("d", 0);
  cancel();
  expect([started, clock.turns]).toEqual([[], 1]);
  clock.advance(0);
  expect(started).toEqual(["1 a", "1 b", "2 d"]);
  push("e", 0);
  clock.advance(0);
  expect(started.at(-1)).toBe("3 e");
});

test("too many that wait are refused", () => {
  const queue = new StartQueue({ clock: new FakeClock() });
  for (let count = 0; count < 10_000; count++) queue.push(() => undefined);
  expect(() => queue.push(() => undefined)).toThrow("10000 commands wait to be started already");
});
