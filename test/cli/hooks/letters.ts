import type { OutgoingEvent } from "../../../src/hooks/delivery/delivery.ts";
import { DeadLetters } from "../../../src/hooks/store/dead-letters.ts";
import type { DeliveryStore } from "../../../src/hooks/store/delivery-store.ts";
import { attempt, openStore, storedEvent, temporaryDirectory } from "../../hooks/store/stored-event.ts";

/** Gives events up after four attempts, of which two are known. */
export const die = (store: DeliveryStore, events: readonly OutgoingEvent[]): void => {
  for (const delivery of store.commit({ events })) {
    const tried = { ...delivery, attempts: 3 };
    store.commit({
      settlements: [{ kind: "deferred", delivery: tried, attempt: attempt(1_000, { status: 503 }) }],
    });
    const last = attempt(Date.UTC(2026, 0, 1), { error: "connection refused", code: "ECONNREFUSED" });
    const dead = { ...delivery, attempts: 4 };
    store.commit({ settlements: [{ kind: "dead", delivery: dead, reason: "exhausted", attempt: last }] });
  }
};

/** A store with so many dead letters, named `e1` and on, of one stream and hook. */
export const withLetters = (count: number) => {
  const directory = temporaryDirectory();
  const store = openStore(directory.path);
  die(
    store,
    Array.from({ length: count }, (_, index) =>
      storedEvent(`e${index + 1}`, {
        type: index % 2 === 0 ? "publish_start" : "publish_stop",
        streamKey: "live/test",
        body: JSON.stringify({ type: "publish_start", id: `e${index + 1}`, data: { app: "live" } }),
      }),
    ),
  );
  const letters = DeadLetters.open(directory.path);
  return {
    path: directory.path,
    store,
    letters,
    [Symbol.dispose]: () => {
      letters[Symbol.dispose]();
      store.close();
      directory[Symbol.dispose]();
    },
  };
};
