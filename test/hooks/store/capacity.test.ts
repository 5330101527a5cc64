import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../src/base/time.ts";
import { DeadLetters } from "../../../src/hooks/store/dead-letters.ts";
import { openStore, openWithConnection, storedEvent, temporaryDirectory } from "./stored-event.ts";

const body = "x".repeat(1_000);
const events = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => storedEvent(`${prefix}${n}`, { body }));

describe("the bound of a store in bytes", () => {
  test("holds within one commit, and from one to the next", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path, { maxBytes: 100_000 });
    expect(store.commit({ events: events("a", 60) }).length).toBe(60);
    expect(store.commit({ events: events("b", 60) }).length).toBe(40);
    expect(store.counts()).toMatchObject({ pending: 100, deadLetters: 20, overflowed: 20 });
    store.close();
  });

  test("is not taken up by dead letters", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path, { maxBytes: 100_000 });
    for (let round = 0; round < 5; round++) {
      store.commit({ events: events(`r${round}-`, 100) });
      store.bury("a", "hook_removed");
    }
    expect(store.isNearlyFull).toBe(false);
    expect(store.commit({ events: events("new", 50) }).length).toBe(50);
    store.close();
  });

  test("is right again after a restart, after a commit that failed, and after dead letters were sent again", () => {
    using directory = temporaryDirectory();
    const first = openStore(directory.path, { maxBytes: 100_000 });
    first.commit({ events: events("a", 50) });
    first.close();
    const { store, connection } = openWithConnection(directory.path, { maxBytes: 100_000 });
    expect(store.fill).toBe(0.5);
    connection.run("PRAGMA query_only = 1");
    expect(() => store.commit({ events: events("b", 10) })).toThrow();
    connection.run("PRAGMA query_only = 0");
    expect(store.fill).toBe(0.5);
    store.bury("a", "hook_removed");
    expect(store.fill).toBe(0);
    using letters = DeadLetters.open(directory.path);
    letters.replay({});
    store.hasOutsideChange();
    expect(store.fill).toBe(0.5);
    store.close();
  });
});

test("dead letters beyond their bound are let go, the oldest first, down to the bound at once", () => {
  using directory = temporaryDirectory();
  const store = openStore(directory.path, { maxDeadBytes: 25_000 });
  store.commit({ events: events("a", 100) });
  store.bury("a", "hook_removed");
  store.prune();
  using letters = DeadLetters.open(directory.path);
  expect(letters.list({}).map(({ eventId }) => eventId)).toEqual(
    Array.from({ length: 25 }, (_, n) => `a${n + 75}`),
  );
  store.close();
});

test("one prune gives back more than a few megabytes", () => {
  using directory = temporaryDirectory();
  const store = openStore(directory.path, { clock: systemClock });
  store.commit({
    events: Array.from({ length: 4_000 }, (_, n) => storedEvent(`e${n}`, { body: "x".repeat(3_000) })),
  });
  store.bury("a", "hook_removed");
  using letters = DeadLetters.open(directory.path);
  letters.purge({});
  store.prune();
  store.close();
  expect(statSync(join(directory.path, "hooks.db")).size).toBeLessThan(4_000_000);
});

test("a store that survives the loss of power asks the disk for it", () => {
  using directory = temporaryDirectory();
  for (const isFull of [true, false]) {
    const { store, connection } = openWithConnection(directory.path, { isFull });
    expect(connection.query("PRAGMA synchronous").get()).toEqual({ synchronous: isFull ? 2 : 1 });
    store.close();
  }
});
