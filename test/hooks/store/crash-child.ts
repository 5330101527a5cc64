import { takeOwnership } from "../../../src/hooks/store/owner-lock.ts";
import { openStore, storedEvent } from "./stored-event.ts";

// Writes to the store of the directory it is given until it is killed. Says what is committed only once it is.

const [directory = "", prefix = ""] = process.argv.slice(2);
const lock = takeOwnership(directory);
const store = openStore(directory);
process.stdout.write(`opened ${store.openSessions.map(({ sessionId }) => sessionId).join(",")}\n`);
const until = performance.now() + 20_000;
for (let batch = 0; performance.now() < until; batch++) {
  const events = Array.from({ length: 10 }, (_, n) =>
    storedEvent(`${prefix}-${batch}-${n}`, { hooks: ["a", "b"], body: "x".repeat(500) }),
  );
  const session = storedEvent(`${prefix}-${batch}-start`, {
    type: "publish_start",
    sessionId: `ses_${prefix}_${batch}`,
  });
  const given = store.commit({ events: [...events, session] });
  process.stdout.write(`stored ${given.map(({ event }) => event.id).join(",")}\n`);
  // Every third batch is delivered to one of its hooks at once.
  if (batch % 3 > 0) continue;
  const settled = given.filter(({ hookId }) => hookId === "b");
  store.commit({
    settlements: settled.map((delivery) => ({
      kind: "delivered",
      delivery,
      attempt: { at: 1, durationMs: 1, failure: undefined },
    })),
  });
  process.stdout.write(`delivered ${settled.map(({ event }) => event.id).join(",")}\n`);
}
lock.release();
