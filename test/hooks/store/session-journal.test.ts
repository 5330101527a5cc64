import { describe, expect, test } from "bun:test";
import {
  idsOf,
  openStore,
  openWithConnection,
  pendingOf,
  storedEvent,
  temporaryDirectory,
} from "./stored-event.ts";

const start = (session: string, at = 1_000) =>
  storedEvent(`start ${session}`, {
    type: "publish_start",
    sessionId: session,
    streamKey: `live/${session}`,
    at,
  });
const stop = (session: string) =>
  storedEvent(`stop ${session}`, { type: "publish_stop", sessionId: session });
const progress = {
  sessionId: "s1",
  durationMs: 5_000.6,
  bytesReceived: 2 ** 40,
  audioPackets: 7,
  videoPackets: 9,
};

describe("a publish", () => {
  test("that a crash cut is known at the next start, with how far it was", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    store.commit({ events: [start("s2", 2_000), start("s1", 1_000), start("s3"), stop("s3")] });
    store.commit({ progress: [progress, { ...progress, sessionId: "unknown" }] });
    store.abandon();
    const next = openStore(directory.path);
    expect(next.openSessions).toEqual([
      { ...progress, durationMs: 5_001, streamKey: "live/s1", startedAt: 1_000, body: start("s1").body },
      {
        sessionId: "s2",
        streamKey: "live/s2",
        startedAt: 2_000,
        body: start("s2").body,
        durationMs: 0,
        bytesReceived: 0,
        audioPackets: 0,
        videoPackets: 0,
      },
    ]);
    next.close();
  });

  test("is noted where no hook hears of its start", () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    expect(store.commit({ events: [{ ...start("s1"), hooks: [] }] })).toEqual([]);
    store.abandon();
    const next = openStore(directory.path);
    expect(next.openSessions.map(({ sessionId }) => sessionId)).toEqual(["s1"]);
    next.close();
  });

  test("that fifty of were cut gets fifty ends, once each, whenever the server dies again while it makes up for them", () => {
    using directory = temporaryDirectory();
    const sessions = Array.from({ length: 50 }, (_, n) => `s${n}`);
    const first = openStore(directory.path);
    first.commit({ events: sessions.map((session) => start(session)) });
    first.abandon();
    // Each boot makes up for a few more of them, and dies.
    for (let boot = 0; boot < 6; boot++) {
      const store = openStore(directory.path);
      const cut = store.openSessions.slice(0, 10);
      expect(cut.length).toBe(boot < 5 ? 10 : 0);
      store.commit({ events: cut.map(({ sessionId }) => stop(sessionId)) });
      // What was made up for is delivered before the next death.
      const settlements = pendingOf(store)
        .filter(({ event }) => event.type === "publish_stop")
        .map((delivery) => ({
          kind: "delivered" as const,
          delivery,
          attempt: { at: 1, durationMs: 1, failure: undefined },
        }));
      expect(settlements.length).toBe(cut.length);
      store.commit({ settlements });
      store.abandon();
    }
    const last = openStore(directory.path);
    expect([last.openSessions.length, idsOf(last).length]).toEqual([0, 50]);
    last.close();
  });

  test("is not noted by a commit that failed", () => {
    using directory = temporaryDirectory();
    const { store, connection } = openWithConnection(directory.path);
    connection.run("PRAGMA query_only = 1");
    expect(() => store.commit({ events: [start("s1")] })).toThrow();
    connection.run("PRAGMA query_only = 0");
    store.abandon();
    const next = openStore(directory.path);
    expect([next.openSessions, idsOf(next)]).toEqual([[], []]);
    next.close();
  });
});
