import { describe, expect, test } from "bun:test";
import { type Pace, replayPaced } from "../../../src/cli/hooks/paced-replay.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { idsOf, storedEvent } from "../../hooks/store/stored-event.ts";
import { die, withLetters } from "./letters.ts";

const paceOf = (changes: Partial<Pace> = {}): Pace => ({
  rate: undefined,
  limit: undefined,
  clock: new FakeClock(),
  signal: new AbortController().signal,
  ...changes,
});

/** Lets time pass a millisecond at a time, with a turn of the loop for each. */
const advance = async (clock: FakeClock, ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed++) {
    clock.advance(1);
    await Promise.resolve();
    await Promise.resolve();
  }
};

describe("dead letters", () => {
  test("are sent again all at once where no rate is given", async () => {
    using house = withLetters(250);
    expect(await replayPaced(house.letters, {}, paceOf())).toBe(250);
    expect([house.letters.count(), idsOf(house.store).length]).toEqual([0, 250]);
  });

  test("are sent again up to a limit, the oldest first", async () => {
    using house = withLetters(250);
    expect(await replayPaced(house.letters, { type: "publish_stop" }, paceOf({ limit: 120 }))).toBe(120);
    expect(house.letters.count()).toBe(130);
    expect(idsOf(house.store).slice(0, 3)).toEqual(["e2", "e4", "e6"]);
    expect(house.letters.list({ type: "publish_stop" })[0]?.eventId).toBe("e242");
  });

  test("are spaced evenly by a rate", async () => {
    using house = withLetters(5);
    const clock = new FakeClock();
    const replayed = replayPaced(
      house.letters,
      {},
      paceOf({ clock, rate: { maxEvents: 4, windowMs: 1_000 } }),
    );
    const counts: number[] = [];
    for (let step = 0; step < 5; step++) {
      counts.push(house.letters.count());
      await advance(clock, 250);
    }
    expect(await replayed).toBe(5);
    expect(counts).toEqual([4, 3, 2, 1, 0]);
  });

  test("make up for time where the rate is more than timers can do", async () => {
    using house = withLetters(40);
    const clock = new FakeClock();
    const replayed = replayPaced(house.letters, {}, paceOf({ clock, rate: { maxEvents: 4, windowMs: 1 } }));
    await advance(clock, 10);
    expect(await replayed).toBe(40);
  });

  test("that fail again meanwhile are not sent a third time", async () => {
    using house = withLetters(3);
    const clock = new FakeClock();
    const pace = paceOf({ clock, rate: { maxEvents: 1, windowMs: 10 } });
    const replayed = replayPaced(house.letters, {}, pace);
    for (let n = 0; n < 5; n++) {
      die(house.store, [storedEvent(`again${n}`)]);
      await advance(clock, 10);
    }
    expect(await replayed).toBe(3);
    expect(house.letters.count()).toBe(5);
  });

  test("stay where they are once somebody has had enough", async () => {
    using house = withLetters(5);
    const clock = new FakeClock();
    const end = new AbortController();
    const pace = paceOf({ clock, signal: end.signal, rate: { maxEvents: 1, windowMs: 1_000 } });
    const replayed = replayPaced(house.letters, {}, pace);
    await advance(clock, 1_000);
    end.abort();
    expect(await replayed).toBe(2);
    expect([house.letters.count(), clock.timers]).toEqual([3, 0]);
  });
});
