import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { Delivery, OutgoingEvent, Settlement } from "../../../src/hooks/delivery/delivery.ts";
import { DeadLetters } from "../../../src/hooks/store/dead-letters.ts";
import { holds } from "../../base/property.ts";
import {
  attempt,
  codeThrownBy,
  idsOf,
  openStore,
  openWithConnection,
  pendingOf,
  storedEvent,
  temporaryDirectory,
} from "./stored-event.ts";

const deliver = (delivery: Delivery): Settlement => ({
  kind: "delivered",
  delivery,
  attempt: attempt(2_000),
});

describe("a commit", () => {
  test("gives one delivery for each hook of each event, in order, and another process finds the same", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const events = [storedEvent("e1", { hooks: ["a", "b"] }), storedEvent("e2", { hooks: ["b"] })];
    const given = store.commit({ events });
    expect(given.map(({ hookId, event }) => [hookId, event.id])).toEqual([
      ["a", "e1"],
      ["b", "e1"],
      ["b", "e2"],
    ]);
    store.close();

    const next = openStore(directory.path);
    expect([...pendingOf(next, "a"), ...pendingOf(next, "b")]).toEqual(given);
    expect(next.hookIds().sort()).toEqual(["a", "b"]);
    expect(next.pending).toBe(3);
    next.close();
  });

  test("takes an event whose id waits already only once", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    store.commit({ events: [storedEvent("e1")] });
    expect(store.commit({ events: [storedEvent("e1"), storedEvent("e1")] })).toEqual([]);
    expect(idsOf(store)).toEqual(["e1"]);
    expect(store.pending).toBe(1);
    store.close();
  });

  test("removes what is delivered, and the event with the last of its deliveries", () => {
    using directory = temporaryDirectory();
    const { store, connection } = openWithConnection(directory.path);
    const given = store.commit({ events: [storedEvent("e1", { hooks: ["a", "b"] })] });
    const events = (): number =>
      connection.prepare<{ n: number }, []>("SELECT count(*) AS n FROM events").get()?.n ?? -1;
    store.commit({ settlements: [deliver(given[0]!)] });
    expect([idsOf(store, "a"), idsOf(store, "b"), events()]).toEqual([[], ["e1"], 1]);
    store.commit({ settlements: [deliver(given[1]!)] });
    expect([idsOf(store, "b"), events(), store.pending]).toEqual([[], 0, 0]);
    store.close();
  });

  test("settles the same delivery twice without counting it twice", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const [first] = store.commit({ events: [storedEvent("e1", { hooks: ["a", "b"] })] });
    store.commit({ settlements: [deliver(first!), deliver(first!)] });
    store.commit({ settlements: [deliver(first!)] });
    expect([store.pending, idsOf(store, "b")]).toEqual([1, ["e1"]]);
    store.close();
  });

  test("puts off what is deferred, and remembers its last five attempts", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    let [delivery] = store.commit({ events: [storedEvent("e1")] });
    for (let number = 1; number <= 7; number++) {
      delivery = { ...delivery!, attempts: number, dueAt: 5_000.4 + number };
      const failed = attempt(number * 100, { status: 503 });
      store.commit({ settlements: [{ kind: "deferred", delivery, attempt: failed }] });
    }
    expect(pendingOf(store)).toMatchObject([{ attempts: 7, dueAt: 5_007 }]);
    expect(store.attemptsOf(delivery!)).toEqual(
      [300, 400, 500, 600, 700].map((at) => ({ at, duration_ms: 12, status: 503, error: "no luck" })),
    );
    store.close();
  });

  test("keeps a dead delivery as a dead letter with its reason and attempts", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const event = storedEvent("e1", { sessionId: "ses_1" });
    const [delivery] = store.commit({ events: [event] });
    const last = attempt(500, { status: 400 });
    store.commit({
      settlements: [
        { kind: "dead", delivery: { ...delivery!, attempts: 3 }, reason: "permanent_status", attempt: last },
      ],
    });
    expect(idsOf(store)).toEqual([]);
    expect(store.counts()).toMatchObject({ pending: 0, deadLetters: 1 });
    using letters = DeadLetters.open(directory.path);
    expect(letters.list({})).toMatchObject([
      {
        eventId: "e1",
        hookId: "a",
        reason: "permanent_status",
        attempts: 3,
        history: [{ at: 500, status: 400, error: "no luck" }],
        body: event.body,
      },
    ]);
    store.close();
  });

  test("loads a hook's queue in pieces without a gap", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const events = Array.from({ length: 25 }, (_, n) => storedEvent(`e${n}`, { hooks: ["a", "b"] }));
    store.commit({ events });
    const seen: string[] = [];
    let after = 0;
    for (;;) {
      const piece = store.load("a", after, 10);
      seen.push(...piece.map(({ event }) => event.id));
      if (piece.length < 10) break;
      after = piece.at(-1)!.row!;
    }
    expect(seen).toEqual(events.map(({ id }) => id));
    store.close();
  });

  test("never gives a row's number twice, even when all rows are gone", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const rows: number[] = [];
    for (const id of ["e1", "e2", "e3"]) {
      const [delivery] = store.commit({ events: [storedEvent(id)] });
      rows.push(delivery!.row!);
      store.commit({ settlements: [deliver(delivery!)] });
    }
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    store.close();
  });

  test("leaves what a plain list would hold, whatever happens in whatever order", () => {
    const step = fc.record({
      hooks: fc.subarray(["a", "b", "c"], { minLength: 1 }),
      settle: fc.array(fc.nat(), { maxLength: 3 }),
      how: fc.constantFrom("delivered", "deferred", "dead"),
    });
    holds(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        using directory = temporaryDirectory();
        const store = openStore(directory.path);
        let live: Delivery[] = [];
        let dead = 0;
        for (const [index, { hooks, settle, how }] of steps.entries()) {
          const chosen = [...new Set(settle.map((pick) => live[pick % Math.max(1, live.length)]))].filter(
            (each) => each !== undefined,
          );
          const settlements = chosen.map((delivery): Settlement => {
            if (how === "delivered") return deliver(delivery);
            if (how === "dead") return { kind: "dead", delivery, reason: "exhausted", attempt: undefined };
            const later = { ...delivery, attempts: delivery.attempts + 1, dueAt: 9_000 };
            return { kind: "deferred", delivery: later, attempt: attempt(1, {}) };
          });
          if (how === "deferred")
            live = live.map((each) =>
              chosen.includes(each) ? { ...each, attempts: each.attempts + 1, dueAt: 9_000 } : each,
            );
          else live = live.filter((each) => !chosen.includes(each));
          if (how === "dead") dead += chosen.length;
          live.push(...store.commit({ events: [storedEvent(`e${index}`, { hooks })], settlements }));
        }
        store.close();
        const next = openStore(directory.path);
        const found = ["a", "b", "c"].flatMap((hook) => pendingOf(next, hook));
        const byRow = (one: Delivery, two: Delivery): number => one.row! - two.row!;
        expect(found.sort(byRow)).toEqual(live.sort(byRow));
        expect(next.counts()).toMatchObject({ pending: live.length, deadLetters: dead });
        next.close();
      }),
      { numRuns: 25 },
    );
  });
});

describe("a hook that is gone", () => {
  test("leaves dead letters, and what others wait for stays", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    store.commit({ events: [storedEvent("e1", { hooks: ["a", "b"] }), storedEvent("e2")] });
    expect(store.bury("a", "hook_removed")).toBe(2);
    expect([store.hookIds(), idsOf(store, "b"), store.pending]).toEqual([["b"], ["e1"], 1]);
    using letters = DeadLetters.open(directory.path);
    expect(letters.list({}).map(({ eventId, reason }) => [eventId, reason])).toEqual([
      ["e1", "hook_removed"],
      ["e2", "hook_removed"],
    ]);
    store.close();
  });
});

describe("a store that fills up", () => {
  const fillTo = (count: number): OutgoingEvent[] =>
    Array.from({ length: count }, (_, n) => storedEvent(`f${n}`));

  test("says so at four fifths", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path, { maxRows: 100 });
    store.commit({ events: fillTo(79) });
    expect(store.isNearlyFull).toBe(false);
    store.commit({ events: [storedEvent("one more")] });
    expect(store.isNearlyFull).toBe(true);
    store.close();
  });

  const kept = (["telemetry", "error", "lifecycle"] as const).map((eventClass) => ({ eventClass }));
  for (const { eventClass } of kept)
    test(`holds no more than its rows, of ${eventClass} events either, and loses none of them`, () => {
      using directory = temporaryDirectory();
      const store = openStore(directory.path, { maxRows: 100 });
      const events = Array.from({ length: 150 }, (_, n) => storedEvent(`e${n}`, { class: eventClass }));
      const given = store.commit({ events });
      const { pending, deadLetters, overflowed } = store.counts();
      expect(given.length).toBe(pending);
      expect(pending).toBeLessThanOrEqual(100);
      expect({ sum: pending + deadLetters, overflowed }).toEqual({ sum: 150, overflowed: 150 - pending });
      using letters = DeadLetters.open(directory.path);
      expect(letters.count({ reason: "overflow" })).toBe(overflowed);
      store.close();
    });

  test("refuses telemetry while it still takes errors, and errors while it still takes lifecycle events", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path, { maxRows: 100 });
    store.commit({ events: fillTo(92) });
    const takes = (id: string, eventClass: OutgoingEvent["class"]): boolean =>
      store.commit({ events: [storedEvent(id, { class: eventClass })] }).length === 1;
    expect([takes("t1", "telemetry"), takes("r1", "error")]).toEqual([false, true]);
    store.commit({ events: [storedEvent("l1"), storedEvent("l2")] });
    expect([takes("r2", "error"), takes("l3", "lifecycle")]).toEqual([false, true]);
    store.close();
  });
});

describe("a disk that fails", () => {
  const faults = [
    { name: "is full", on: "PRAGMA max_page_count = 1", off: "PRAGMA max_page_count = 1000000" },
    { name: "is read-only", on: "PRAGMA query_only = 1", off: "PRAGMA query_only = 0" },
  ];
  for (const { name, on, off } of faults)
    test(`and ${name} takes nothing of a commit, and everything once it works again`, () => {
      using directory = temporaryDirectory();
      const { store, connection } = openWithConnection(directory.path);
      const [first] = store.commit({ events: [storedEvent("e0")] });
      const commit = {
        events: [
          storedEvent("start", { type: "publish_start", sessionId: "ses_1" }),
          ...Array.from({ length: 50 }, (_, n) => storedEvent(`e${n + 1}`, { body: "x".repeat(4_096) })),
        ],
        settlements: [deliver(first!)],
      };
      connection.run(on);
      expect(codeThrownBy(() => store.commit(commit))).toBe("DISK");
      expect(codeThrownBy(() => store.commit(commit))).toBe("DISK");
      expect([idsOf(store), store.pending]).toEqual([["e0"], 1]);
      connection.run(off);
      expect(store.commit(commit).length).toBe(51);
      expect(store.pending).toBe(51);
      store.close();
      const next = openStore(directory.path);
      expect([idsOf(next).length, next.openSessions.length]).toEqual([51, 1]);
      next.close();
    });
});

describe("the end of a process", () => {
  test("is clean where the store was closed, and where there was none", () => {
    using directory = temporaryDirectory();
    const first = openStore(directory.path);
    expect(first.wasClean).toBe(true);
    first.close();
    const second = openStore(directory.path);
    expect(second.wasClean).toBe(true);
    second.close();
  });

  test("is not clean where it was not", () => {
    using directory = temporaryDirectory();
    const first = openStore(directory.path);
    first.abandon();
    const second = openStore(directory.path);
    expect(second.wasClean).toBe(false);
    second.close();
  });
});

describe("a file that was large", () => {
  test("gives room back once its backlog is delivered", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const events = Array.from({ length: 1_500 }, (_, n) => storedEvent(`e${n}`, { body: "x".repeat(1_800) }));
    const given = store.commit({ events });
    const full = store.counts().bytes;
    expect(full).toBeGreaterThan(2_500_000);
    store.commit({ settlements: given.map(deliver) });
    expect(store.counts().bytes).toBeLessThan(full / 10);
    store.prune();
    store.close();
    expect(statSync(join(directory.path, "hooks.db")).size).toBeLessThan(full / 10);
  });
});
