import { describe, expect, test } from "bun:test";
import { RefusedError } from "../../../src/base/errors.ts";
import { opening, send } from "../../stream/house.ts";
import { FakeConnection, FlvRoom } from "./flv-room.ts";

const frames = ["18 0", "9 0", "8 0", "9 0", "8 10", "9 33"];

describe("a reader of FLV", () => {
  test("gets a header that says what there is, what a late joiner needs, and then each turn as it comes", () => {
    const room = new FlvRoom();
    const publication = room.house.publish();
    send(publication, ...opening());
    const { connection, session } = room.open();
    expect(connection.seen).toEqual(["flags 5", ...frames]);
    send(publication, { time: 66 });
    expect(connection.seen).toEqual(["flags 5", ...frames, "9 66"]);
    expect(session.view).toMatchObject({ state: "read", path: "live/a", user: "ann", transport: "http" });
    expect(session.view.bytesSent).toBe(connection.bytes.length - 13);
  });

  test("hears nothing before it is known what there is, and then of sound alone where there is no more", () => {
    const room = new FlvRoom();
    const publication = room.house.publish();
    send(publication, { kind: "audio", role: "config" }, { kind: "audio", time: 0 });
    const { connection } = room.open();
    send(publication, { kind: "audio", time: 1_000 });
    expect(connection.seen).toEqual([]);
    send(publication, { kind: "audio", time: 2_100 });
    expect(connection.seen).toEqual(["flags 4", "8 0", "8 1000", "8 2100"]);
  });

  test("is not kept waiting for tracks that nobody can name", () => {
    const room = new FlvRoom();
    const publication = room.house.publish();
    const { connection } = room.open();
    send(publication, { kind: "data", role: "other", time: 0 });
    room.house.clock.advance(3_000);
    expect(connection.seen).toEqual([]);
    room.house.clock.advance(2_000);
    expect(connection.seen).toEqual(["flags 5", "18 0"]);
  });

  test("misses nothing that comes before its connection is there", async () => {
    const room = new FlvRoom();
    const publication = room.house.publish();
    send(publication, ...opening());
    const session = room.sessions.open(room.order());
    expect(await session.begun).toBeUndefined();
    send(publication, { time: 66 });
    const connection = new FakeConnection();
    session.connect(connection);
    expect(connection.seen).toEqual(["flags 5", ...frames, "9 66"]);
  });

  test("who waits is served when the stream begins, and told where it does not", async () => {
    const room = new FlvRoom();
    const { house } = room;
    const patient = room.sessions.open(room.order());
    expect(patient.view.state).toBe("idle");
    house.clock.advance(9_000);
    const late = room.sessions.open(room.order());
    house.clock.advance(1_000);
    expect(await patient.begun).toMatchObject({ code: "STREAM_NOT_FOUND" });
    house.publish();
    expect(await late.begun).toBeUndefined();
    expect(house.kinds()).toContain("connectionClosed refused");
    expect(room.sessions.size).toBe(1);
  });

  test("a stream that may not be is refused at once", async () => {
    const room = new FlvRoom({ maxReaders: 1 });
    room.house.publish();
    room.open();
    const session = room.sessions.open(room.order());
    expect(await session.begun).toMatchObject({ code: "TOO_MANY_READERS" });
    expect(room.sessions.size).toBe(1);
  });

  test("gets three pictures in a write, the same bytes as all others, and the rest when nothing follows", () => {
    const options = {
      readerQueue: { maxBytes: 1_000_000, maxMs: 5_000 },
      isLowLatency: false,
      stallTimeoutMs: 10_000,
    };
    const room = new FlvRoom({}, { options });
    const publication = room.house.publish();
    send(publication, ...opening(), { time: 66 });
    const readers = [room.open(), room.open()];
    const written = readers.map(({ connection }) => connection.buffers.length);
    for (const time of [100, 133, 166, 200]) send(publication, { time });
    const more = readers.map(({ connection }, index) => connection.buffers.slice(written[index]));
    expect(more.map(({ length }) => length)).toEqual([1, 1]);
    expect(more[0]![0]).toBe(more[1]![0]!);
    expect(readers[0]!.connection.seen.slice(-3)).toEqual(["9 100", "9 133", "9 166"]);
    room.house.clock.advance(1_000);
    expect(readers.map(({ connection }) => connection.seen.at(-1))).toEqual(["9 200", "9 200"]);
    send(publication, { time: 1_200 });
    publication.end("client_stop");
    expect(readers.map(({ connection }) => connection.seen.at(-1))).toEqual(["9 1200", "9 1200"]);
  });

  test("takes up with a key frame when another publisher goes on", () => {
    const room = new FlvRoom();
    const first = room.house.publish();
    send(first, ...opening());
    const { connection } = room.open();
    const before = connection.seen.length;
    first.end("client_disconnect");
    const second = room.house.publish();
    send(second, { time: 0 }, { role: "config", time: 0 }, { role: "key", time: 33 });
    expect(connection.seen.slice(before).map((tag) => tag.split(" ")[0])).toEqual(["9", "9"]);
  });

  test("is told of the end once it has everything", () => {
    const room = new FlvRoom();
    const publication = room.house.publish();
    send(publication, ...opening());
    const { connection, session } = room.open();
    connection.room = 5;
    send(publication, { time: 66 });
    publication.end("client_stop");
    expect([connection.calls, room.sessions.size]).toEqual([[], 1]);
    connection.room = Number.POSITIVE_INFINITY;
    session.drained();
    expect(connection.seen.at(-1)).toBe("9 66");
    expect([connection.calls, room.sessions.size]).toEqual([["end"], 0]);
    expect(room.house.kinds()).toContain("playStopped unpublished");
  });

  test("that is slow loses whole frames up to a key frame, and never half a tag", () => {
    const room = new FlvRoom(
      {},
      {
        options: { readerQueue: { maxBytes: 50, maxMs: 5_000 }, isLowLatency: true, stallTimeoutMs: 10_000 },
      },
    );
    const publication = room.house.publish();
    send(publication, ...opening());
    const { connection, session } = room.open();
    connection.room = 7;
    for (let time = 100; time < 1_000; time += 100) send(publication, { time });
    send(publication, { role: "key", time: 1_000 });
    connection.room = Number.POSITIVE_INFINITY;
    session.drained();
    expect(connection.seen.slice(7)).toEqual(["9 100", "9 1000"]);
    expect(session.view.framesDiscarded).toBe(8);
  });

  test("that takes nothing any more is cut off, with the reason", () => {
    const room = new FlvRoom();
    const publication = room.house.publish();
    send(publication, ...opening());
    const { connection } = room.open();
    connection.room = 7;
    send(publication, { time: 66 });
    room.house.clock.advance(9_000);
    expect(connection.calls).toEqual([]);
    room.house.clock.advance(3_000);
    expect(connection.calls).toEqual(["terminate"]);
    const kinds = room.house.kinds();
    expect(kinds).toContain("connectionFailed");
    expect(kinds).toContain("playStopped stalled");
    expect(kinds).toContain("connectionClosed stalled");
    expect(room.sessions.size).toBe(0);
  });

  test("that has gone is forgotten, whenever it goes", () => {
    const room = new FlvRoom();
    const waiting = room.sessions.open(room.order());
    waiting.gone();
    room.house.publish();
    const { session } = room.open();
    session.gone();
    session.gone();
    expect(room.sessions.size).toBe(0);
    expect(room.house.kinds().filter((kind) => kind.startsWith("connectionClosed"))).toEqual([
      "connectionClosed client_disconnect",
      "connectionClosed client_disconnect",
    ]);
    const late = new FakeConnection();
    session.connect(late);
    expect(late.calls).toEqual(["terminate"]);
  });

  test("that is kicked ends in order", () => {
    const room = new FlvRoom();
    send(room.house.publish(), ...opening());
    const { connection, session } = room.open();
    session.close("kicked");
    expect(connection.calls).toEqual(["end"]);
    expect(room.house.kinds()).toContain("playStopped kicked");
  });

  test("is one of the connections that are counted", () => {
    const log: string[] = [];
    const error = new RefusedError("TOO_MANY_CONNECTIONS", "1 connections already, expected fewer");
    const entries: { kind: "welcome" | "refused"; error?: RefusedError }[] = [
      { kind: "welcome" },
      { kind: "refused", error },
    ];
    const limits = {
      enter: (ip: string) => {
        log.push(`enter ${ip}`);
        return entries.shift()!;
      },
      leave: (ip: string, { wasRefused }: { wasRefused: boolean }) =>
        void log.push(`leave ${ip} ${wasRefused}`),
    };
    const room = new FlvRoom({}, { limits });
    room.house.publish();
    const { session } = room.open();
    expect(() => room.sessions.open(room.order())).toThrow(error);
    session.gone();
    expect(log).toEqual([
      "enter 192.0.2.7",
      "enter 192.0.2.7",
      "leave 192.0.2.7 true",
      "leave 192.0.2.7 false",
    ]);
  });

  test("ends with the server", async () => {
    const room = new FlvRoom();
    room.house.publish();
    const { connection } = room.open();
    room.house.registry.shutdown();
    room.sessions.close();
    expect(connection.calls).toEqual(["end"]);
    expect(room.house.kinds()).toContain("connectionClosed server_shutdown");
    expect(await room.sessions.open(room.order()).begun).toMatchObject({ code: "SHUTTING_DOWN" });
  });
});
