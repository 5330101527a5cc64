import { Database } from "bun:sqlite";
import { describe, expect, spyOn, test } from "bun:test";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger } from "../../src/base/log.ts";
import type { Delivery, OutgoingEvent, Settlement } from "../../src/hooks/delivery/delivery.ts";
import { StoreKeeper } from "../../src/hooks/store-keeper.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { outgoingEvent } from "./outgoing-event.ts";
import { attempt, idsOf, openStore, temporaryDirectory } from "./store/stored-event.ts";

/** A keeper over a directory, the connection under it, and what it said of the disk. */
const open = (directory: string, clock = new FakeClock()) => {
  const states: boolean[] = [];
  const reasons: string[] = [];
  const run = spyOn(Database.prototype, "run");
  const keeper = new StoreKeeper({
    settings: { directory, maxBytes: 1024 ** 3, maxRows: 1_000_000 },
    clock,
    log: silentLogger,
    changed: ({ isWritable, reason }) => {
      states.push(isWritable);
      reasons.push(reason);
    },
  });
  const connection = run.mock.contexts.at(-1) as Database;
  run.mockRestore();
  const write = (events: OutgoingEvent[], settlements: Settlement[] = []): Delivery[] =>
    keeper.commit({ events, settlements });
  return { clock, keeper, connection, states, reasons, write };
};

const delivered = (delivery: Delivery): Settlement => ({ kind: "delivered", delivery, attempt: attempt(1) });
const rowsOf = (deliveries: readonly Delivery[]): (number | undefined)[] => deliveries.map(({ row }) => row);
const start = (id: string, sessionId: string): OutgoingEvent =>
  outgoingEvent(id, { type: "publish_start", sessionId, hooks: [] });
const stop = (id: string, sessionId: string): OutgoingEvent =>
  outgoingEvent(id, { type: "publish_stop", sessionId, hooks: [] });

/** Takes all room from the file: the next event does not fit. */
const fillDisk = (connection: Database): void => {
  const { page_count } = connection.query("PRAGMA page_count").get() as { page_count: number };
  connection.run(`PRAGMA max_page_count = ${page_count}`);
};
const freeDisk = (connection: Database): void => connection.run("PRAGMA max_page_count = 1000000") as never;
const large = (id: string): OutgoingEvent => outgoingEvent(id, { body: JSON.stringify("x".repeat(50_000)) });

describe("while the disk is full", () => {
  test("events are delivered from memory, and nothing is thrown", () => {
    using directory = temporaryDirectory();
    const { connection, states, reasons, write, keeper } = open(directory.path);
    expect(rowsOf(write([outgoingEvent("e1")]))).toEqual([1]);
    fillDisk(connection);
    const deliveries = write([large("e2"), { ...large("e3"), hooks: ["a", "b"] }]);
    expect(deliveries.map(({ row, hookId, event }) => [row, hookId, event.id])).toEqual([
      [undefined, "a", "e2"],
      [undefined, "a", "e3"],
      [undefined, "b", "e3"],
    ]);
    expect(states).toEqual([false]);
    expect(reasons[0]).toContain("SQLITE_FULL");
    expect(keeper.report()).toMatchObject({ isWritable: false, errors: 1, pending: 1 });
    keeper.close();
  });

  test("what became of stored events is remembered, and written when there is room again, five seconds later", () => {
    using directory = temporaryDirectory();
    const { clock, connection, states, write, keeper } = open(directory.path);
    const [first, second] = write([outgoingEvent("e1"), outgoingEvent("e2")]);
    fillDisk(connection);
    write([large("e3")]);
    write([], [delivered(first!)]);
    freeDisk(connection);
    clock.advance(4_999);
    expect([keeper.tend(), states]).toEqual([false, [false]]);
    clock.advance(1);
    expect([keeper.tend(), states]).toEqual([true, [false, true]]);
    expect(keeper.pending).toBe(1);
    expect(rowsOf(write([outgoingEvent("e4")]))).toEqual([3]);
    write([], [delivered(second!)]);
    keeper.close();
    const store = openStore(directory.path);
    expect(idsOf(store)).toEqual(["e4"]);
    expect(store.wasClean).toBe(true);
    store.close();
  });

  test("publishes that begin and end are noted afterwards", () => {
    using directory = temporaryDirectory();
    const { clock, connection, write, keeper } = open(directory.path);
    write([start("s1", "before")]);
    fillDisk(connection);
    write([large("e1"), start("s2", "meanwhile"), start("s3", "short")]);
    write([stop("s4", "before"), stop("s5", "short")]);
    freeDisk(connection);
    clock.advance(5_000);
    expect(keeper.tend()).toBe(true);
    keeper.close();
    const store = openStore(directory.path);
    expect(store.openSessions.map(({ sessionId }) => sessionId)).toEqual(["meanwhile"]);
    store.close();
  });

  test("it is tried every five seconds, however often somebody looks meanwhile", () => {
    using directory = temporaryDirectory();
    const { clock, connection, states, write, keeper } = open(directory.path);
    fillDisk(connection);
    write([large("e1")]);
    const query = spyOn(connection, "query").mockImplementation(() => {
      throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR" });
    });
    for (let second = 0; second < 4; second++) {
      clock.advance(1_000);
      keeper.report();
      keeper.load("a", 0, 10);
      keeper.tend();
    }
    query.mockRestore();
    freeDisk(connection);
    clock.advance(1_000);
    expect([keeper.tend(), states]).toEqual([true, [false, true]]);
    keeper.close();
  });
});

describe("a directory that cannot be used at first", () => {
  test("is tried again, and tells then what the process before left", () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "data");
    mkdirSync(path);
    const before = open(path);
    before.write([start("s1", "cut"), outgoingEvent("e1")]);
    before.connection.close();
    renameSync(path, `${path}-away`);
    const { clock, states, keeper, write } = open(path);
    expect([states, keeper.isOpen, keeper.openSessions, keeper.isRecovery]).toEqual([
      [false],
      false,
      [],
      false,
    ]);
    expect(rowsOf(write([outgoingEvent("e2")]))).toEqual([undefined]);
    renameSync(`${path}-away`, path);
    clock.advance(5_000);
    expect([keeper.tend(), keeper.isOpen, keeper.isRecovery, keeper.pending]).toEqual([true, true, true, 1]);
    expect(keeper.openSessions.map(({ sessionId }) => sessionId)).toEqual(["cut"]);
    keeper.close();
  });
});

describe("a file that is damaged", () => {
  test("is set aside; no late news of its deliveries touches those of the new one", () => {
    using directory = temporaryDirectory();
    const { clock, connection, states, write, keeper } = open(directory.path);
    const old = write([outgoingEvent("e1"), outgoingEvent("e2"), outgoingEvent("e3")]);
    const run = spyOn(connection, "run").mockImplementation(() => {
      throw Object.assign(new Error("database disk image is malformed"), { code: "SQLITE_CORRUPT" });
    });
    expect(rowsOf(write([outgoingEvent("e4")]))).toEqual([undefined]);
    run.mockRestore();
    for (const ending of ["-wal", "-shm"]) rmSync(join(directory.path, `hooks.db${ending}`), { force: true });
    writeFileSync(join(directory.path, "hooks.db"), "x".repeat(8_192));
    clock.advance(5_000);
    expect([keeper.tend(), states]).toEqual([true, [false, true]]);
    expect(readdirSync(directory.path).some((name) => name.startsWith("hooks.db.corrupt-"))).toBe(true);
    const fresh = write([outgoingEvent("e5"), outgoingEvent("e6"), outgoingEvent("e7")]);
    expect(rowsOf(fresh)).toEqual([4, 5, 6]);
    write([], old.map(delivered));
    expect([keeper.pending, idsIn(keeper)]).toEqual([3, ["e5", "e6", "e7"]]);
    keeper.close();
  });
});

const idsIn = (keeper: StoreKeeper): string[] => keeper.load("a", 0, 100).map(({ event }) => event.id);

describe("a directory that is removed while it is used", () => {
  test("is written anew with everything in it, and deliveries keep their rows", () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "data");
    mkdirSync(path);
    const { clock, states, write, keeper } = open(path);
    const [first] = write([outgoingEvent("e1"), outgoingEvent("e2"), start("s1", "open")]);
    rmSync(path, { recursive: true });
    clock.advance(1_000);
    keeper.tend();
    expect([states, keeper.report().isWritable]).toEqual([[], true]);
    expect(rowsOf(write([outgoingEvent("e3")], [delivered(first!)]))).toEqual([3]);
    keeper.close();
    const store = openStore(path);
    expect(idsOf(store)).toEqual(["e2", "e3"]);
    expect(store.openSessions.map(({ sessionId }) => sessionId)).toEqual(["open"]);
    store.close();
  });

  test("leaves no part behind that would be taken for one of the new file", () => {
    using directory = temporaryDirectory();
    const { clock, write, keeper } = open(directory.path);
    const many = Array.from({ length: 500 }, (_, index) => outgoingEvent(`e${index}`));
    // Full of holes, so that the copy is laid out in another way.
    write(
      [],
      write(many)
        .filter((_, index) => index % 5 > 0)
        .map(delivered),
    );
    rmSync(join(directory.path, "hooks.db"));
    clock.advance(1_000);
    keeper.tend();
    write([outgoingEvent("new")]);
    keeper.close();
    const store = openStore(directory.path);
    expect(idsOf(store)).toEqual([...many.filter((_, index) => index % 5 === 0).map(({ id }) => id), "new"]);
    store.close();
  });

  test("and replaced by a file of somebody else is a fault, and that file is left alone", () => {
    using directory = temporaryDirectory();
    const { clock, states, reasons, write, keeper } = open(directory.path);
    write([outgoingEvent("e1")]);
    const file = join(directory.path, "hooks.db");
    renameSync(file, `${file}.old`);
    writeFileSync(file, "mine");
    clock.advance(1_000);
    keeper.tend();
    expect(states).toEqual([false]);
    expect(reasons[0]).toContain("was replaced by another file");
    expect(idsIn(keeper)).toEqual(["e1"]);
    renameSync(`${file}.old`, file);
    clock.advance(5_000);
    expect([keeper.tend(), states]).toEqual([true, [false, true]]);
    keeper.close();
  });
});

describe("a keeper", () => {
  test("writes how far publishes are with the next commit", () => {
    using directory = temporaryDirectory();
    const { write, keeper, connection } = open(directory.path);
    write([start("s1", "one")]);
    keeper.progress([
      { sessionId: "one", durationMs: 5, bytesReceived: 6, audioPackets: 7, videoPackets: 8 },
    ]);
    write([]);
    connection.close();
    const { keeper: next } = open(directory.path);
    expect(next.openSessions).toMatchObject([
      { sessionId: "one", durationMs: 5, bytesReceived: 6, audioPackets: 7, videoPackets: 8 },
    ]);
    expect(next.isRecovery).toBe(true);
    next.close();
  });

  test("notices what another connection has written", () => {
    using directory = temporaryDirectory();
    const { keeper, write } = open(directory.path);
    write([outgoingEvent("e1")]);
    expect(keeper.tend()).toBe(false);
    const other = openStore(directory.path);
    other.commit({ events: [outgoingEvent("e2")] });
    expect([keeper.tend(), keeper.tend(), keeper.pending]).toEqual([true, false, 2]);
    other.close();
    keeper.close();
  });
});
