import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { OutgoingEvent } from "../../../src/hooks/delivery/delivery.ts";
import { DeadLetters } from "../../../src/hooks/store/dead-letters.ts";
import type { DeliveryStore } from "../../../src/hooks/store/delivery-store.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { attempt, idsOf, openStore, pendingOf, storedEvent, temporaryDirectory } from "./stored-event.ts";

const die = (store: DeliveryStore, events: readonly OutgoingEvent[]): void => {
  const settlements = store.commit({ events }).map((delivery) => ({
    kind: "dead" as const,
    delivery: { ...delivery, attempts: 4 },
    reason: "exhausted" as const,
    attempt: attempt(1, {}),
  }));
  store.commit({ settlements });
};

describe("dead letters", () => {
  const events = [
    storedEvent("e1", { type: "publish_start", streamKey: "live/one" }),
    storedEvent("e2", { type: "publish_stop", streamKey: "live/one" }),
    storedEvent("e3", { type: "publish_stop", streamKey: "live/two", hooks: ["b"] }),
  ];
  const rows = [
    { name: "nothing", filter: {}, ids: ["e1", "e2", "e3"] },
    { name: "a hook", filter: { hookId: "b" }, ids: ["e3"] },
    { name: "a type", filter: { type: "publish_stop" }, ids: ["e2", "e3"] },
    { name: "a stream", filter: { stream: "live/one" }, ids: ["e1", "e2"] },
    { name: "an event", filter: { id: "e2" }, ids: ["e2"] },
    { name: "its own number", filter: { id: "1" }, ids: ["e1"] },
    { name: "two things at once", filter: { type: "publish_stop", stream: "live/one" }, ids: ["e2"] },
    { name: "a reason nothing has", filter: { reason: "expired" }, ids: [] },
    { name: "quotes and wildcards", filter: { stream: "' OR '1'='1%" }, ids: [] },
  ];
  for (const { name, filter, ids } of rows)
    test(`are found by ${name}`, () => {
      using directory = temporaryDirectory();
      const store = openStore(directory.path);
      die(store, events);
      using letters = DeadLetters.open(directory.path);
      expect(letters.list(filter).map(({ eventId }) => eventId)).toEqual(ids);
      expect(letters.count(filter)).toBe(ids.length);
      expect(letters.purge(filter)).toBe(ids.length);
      expect(letters.count()).toBe(3 - ids.length);
      store.close();
    });

  test("are listed in pages, and by when they were given up", () => {
    using directory = temporaryDirectory();
    const clock = new FakeClock();
    const store = openStore(directory.path, { clock });
    die(store, [storedEvent("e1"), storedEvent("e2")]);
    clock.advance(60_000);
    const since = clock.date().getTime();
    die(store, [storedEvent("e3")]);
    using letters = DeadLetters.open(directory.path);
    const ids = (page: { limit: number; offset?: number }): string[] =>
      letters.list({}, page).map(({ eventId }) => eventId);
    expect([ids({ limit: 2 }), ids({ limit: 2, offset: 2 })]).toEqual([["e1", "e2"], ["e3"]]);
    expect(letters.list({ since }).map(({ eventId }) => eventId)).toEqual(["e3"]);
    store.close();
  });

  test("sent again are deliveries as on their first day: same id and body, behind what waits, and the server notices", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    die(store, events);
    store.commit({ events: [storedEvent("waiting")] });
    expect(store.hasOutsideChange()).toBe(false);
    using letters = DeadLetters.open(directory.path);
    expect(letters.replay({ stream: "live/one" })).toBe(2);
    expect([store.hasOutsideChange(), store.hasOutsideChange()]).toEqual([true, false]);
    expect(store.pending).toBe(3);
    expect(idsOf(store)).toEqual(["waiting", "e1", "e2"]);
    expect(pendingOf(store)[1]).toMatchObject({
      attempts: 0,
      dueAt: 0,
      isReplay: true,
      event: { id: "e1", type: "publish_start", streamKey: "live/one", body: events[0]!.body },
    });
    expect(store.attemptsOf(pendingOf(store)[1]!)).toEqual([]);
    expect(letters.list({}).map(({ eventId }) => eventId)).toEqual(["e3"]);
    store.close();
  });

  test("sent again join an event that another hook still waits for, and leave it to that hook", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const [forA, forB] = store.commit({ events: [storedEvent("e1", { hooks: ["a", "b"] })] });
    store.commit({ settlements: [{ kind: "dead", delivery: forA!, reason: "expired", attempt: undefined }] });
    using letters = DeadLetters.open(directory.path);
    letters.replay({});
    store.commit({ settlements: [{ kind: "delivered", delivery: forB!, attempt: attempt(1) }] });
    expect([idsOf(store, "a"), idsOf(store, "b")]).toEqual([["e1"], []]);
    store.close();
  });

  test("are let go after a week", () => {
    using directory = temporaryDirectory();
    const clock = new FakeClock();
    const store = openStore(directory.path, { clock });
    const day = 24 * 3_600_000;
    die(store, [storedEvent("old")]);
    clock.advance(6 * day);
    die(store, [storedEvent("young")]);
    store.prune();
    expect(store.counts().deadLetters).toBe(2);
    clock.advance(day + 1);
    store.prune();
    using letters = DeadLetters.open(directory.path);
    expect(letters.list({}).map(({ eventId }) => eventId)).toEqual(["young"]);
    store.close();
  });

  test("are sent again by another process while the server writes, and none is lost or doubled", async () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const total = 1_000;
    const child = Bun.spawn(
      [process.execPath, join(import.meta.dir, "replay-child.ts"), directory.path, String(total)],
      { stdout: "pipe", stderr: "inherit" },
    );
    for (let n = 0; n < total; n += 10) {
      die(
        store,
        Array.from({ length: 10 }, (_, k) => storedEvent(`d${n + k}`)),
      );
      store.commit({ events: [storedEvent(`live${n}`, { hooks: ["b"] })] });
      await Bun.sleep(0);
    }
    expect(Number(await new Response(child.stdout).text())).toBe(total);
    expect(await child.exited).toBe(0);
    expect(store.hasOutsideChange()).toBe(true);
    const ids = idsOf(store);
    expect([ids.length, new Set(ids).size, idsOf(store, "b").length]).toEqual([total, total, total / 10]);
    expect(store.counts()).toMatchObject({ pending: total * 1.1, deadLetters: 0 });
    store.close();
  }, 40_000);
});
