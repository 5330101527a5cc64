import { describe, expect, test } from "bun:test";
import { copyBytes, joinBytes } from "../../src/base/bytes.ts";
import { Random } from "../fuzz/random.ts";
import { chunk, filler } from "../rtmp/chunks.ts";
import { command, control, hello, message } from "../rtmp/dialogue.ts";
import { House, until } from "./house.ts";
import { RawPeer } from "./raw-peer.ts";
import { connected, publishing, streaming, wholePublish } from "./sessions.ts";

/** Sends `bytes` on a connection of its own and gives the code it ended with. */
const fate = async (house: House, bytes: Uint8Array): Promise<string | undefined> => {
  const before = house.failures().length;
  const peer = await RawPeer.connect(house.port);
  peer.send(bytes);
  await until(() => house.failures().length > before, "an error");
  await until(() => peer.isClosed, "the end of the connection");
  return house.failures()[before];
};

describe("the server survives", () => {
  test("random bytes: each such connection ends with a reason", async () => {
    await using house = new House();
    const random = new Random(1);
    const count = 60;
    for (let i = 0; i < count; i++) {
      const peer = await RawPeer.connect(house.port);
      const bytes = new Uint8Array(6_000).map(() => random.below(256));
      if (i % 2 === 0) bytes[0] = 3;
      peer.send(bytes);
    }
    await until(
      () => house.events.filter(({ kind }) => kind === "connectionAccepted").length === count,
      "all connections",
    );
    await house.pass(40);
    expect(house.failures()).toHaveLength(count);
    await house.isWell();
  }, 20_000);

  test("a session whose bytes come one by one", async () => {
    await using house = new House();
    const peer = await RawPeer.connect(house.port);
    await peer.dribble(wholePublish("drip"));
    await until(() => house.events.some(({ kind }) => kind === "publishStopped"), "the end of the publish");
    const stopped = house.events.find((event) => event.kind === "publishStopped");
    expect(stopped).toMatchObject({ reason: "client_stop", videoPackets: 2 });
    expect(house.failures()).toEqual([]);
    peer.socket.end();
    await house.isWell();
  }, 20_000);

  test("a session that breaks off at any byte, by FIN, half-close or reset", async () => {
    await using house = new House();
    const session = wholePublish("cut");
    const cutAt = async (offset: number): Promise<void> => {
      const peer = await RawPeer.connect(house.port);
      peer.send(copyBytes(session.subarray(0, offset)));
      if (offset % 3 === 0) peer.socket.end();
      else if (offset % 3 === 1) peer.socket.shutdown(true);
      else peer.socket.terminate();
    };
    for (let from = 0; from <= session.length; from += 50) {
      const offsets = Array.from({ length: Math.min(50, session.length + 1 - from) }, (_, i) => from + i);
      await Promise.all(offsets.map(cutAt));
      await until(() => house.sessions < 100, "the connections before to be gone");
    }
    await house.isEmpty();
    const count = (kind: string): number => house.events.filter((event) => event.kind === kind).length;
    expect(count("connectionClosed")).toBe(count("connectionAccepted"));
    expect(count("publishStopped")).toBe(count("publishStarted"));
    expect(count("streamDeleted")).toBe(count("streamCreated"));
    expect(count("publishStarted")).toBeGreaterThan(10);
    await house.isWell();
  }, 60_000);

  test("chunk sizes 0 and 2^31", async () => {
    await using house = new House();
    for (const size of [0, 2 ** 31])
      expect(await fate(house, joinBytes([connected, control(1, size)]))).toBe("CHUNK_SIZE");
    await house.isWell();
  });

  test("chunk size 2^31 - 1, without allocating it: the publish goes on", async () => {
    await using house = new House();
    const peer = await RawPeer.connect(house.port);
    const before = process.memoryUsage.rss();
    const frame = message({
      csid: 6,
      type: 9,
      stream: 1,
      body: new Uint8Array([0x17, 1, ...filler(20_000)]),
      chunkSize: 2 ** 31 - 1,
    });
    peer.send(joinBytes([publishing("wide"), control(1, 2 ** 31 - 1), frame, frame]));
    const path = "live/wide";
    await until(
      () =>
        [...house.server.registry.streams].some(
          (stream) => (stream.path as string) === path && stream.publication?.totals.videoPackets === 2,
        ),
      "two frames",
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
    peer.socket.end();
    await house.isWell();
  });

  test("messages of 16 MiB, of too many bytes together, on too many chunk streams", async () => {
    await using house = new House();
    const begin = (csid: number, length: number, type = 9): Uint8Array =>
      chunk({ format: 0, csid, length, type, data: filler(128) });
    const many = (count: number, length: number, type?: number): Uint8Array =>
      joinBytes(Array.from({ length: count }, (_, i) => begin(3 + i, length, type)));
    expect(await fate(house, joinBytes([connected, many(4_000, 0xffffff)]))).toBe("MESSAGE_TOO_LARGE");
    expect(await fate(house, joinBytes([connected, many(4_000, 100_000)]))).toBe("PARTIAL_BYTES");
    expect(await fate(house, joinBytes([connected, many(4_000, 200)]))).toBe("CHUNK_STREAMS");
    expect(await fate(house, joinBytes([publishing("big"), many(4_000, 1_000_000)]))).toBe("PARTIAL_BYTES");
    await house.isWell();
  });

  test("promises of a MiB from each of 150 connections, in less than 64 MiB", async () => {
    await using house = new House();
    Bun.gc(true);
    const before = process.memoryUsage.rss();
    const promise = joinBytes(
      Array.from({ length: 8 }, (_, i) =>
        chunk({ format: 0, csid: 10 + i, type: 8, length: 130_000, data: filler(128) }),
      ),
    );
    const peers = await Promise.all(Array.from({ length: 150 }, () => RawPeer.connect(house.port)));
    for (const peer of peers) peer.send(joinBytes([connected, promise]));
    await until(
      () => house.events.filter(({ kind }) => kind === "connected").length === 150,
      "all connections",
    );
    await Bun.sleep(50);
    expect(house.failures()).toEqual([]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
    for (const peer of peers) peer.socket.terminate();
    await house.isWell();
  }, 20_000);

  test("a flood of one-byte chunks: it ends within 2 MiB", async () => {
    await using house = new House();
    const length = 250_000;
    const chunks = [chunk({ format: 0, csid: 6, type: 18, length, data: filler(1) })];
    for (let i = 1; i < length; i++) chunks.push(chunk({ format: 3, csid: 6, data: filler(1) }));
    const flood = joinBytes([...chunks, ...chunks, ...chunks, ...chunks]);
    expect(await fate(house, joinBytes([connected, control(1, 1), flood]))).toBe("HEADER_OVERHEAD");
    const closed = house.events.findLast((event) => event.kind === "connectionClosed");
    expect(closed?.bytesReceived).toBeLessThan(2 * 1024 * 1024);
    await house.isWell();
  }, 20_000);

  test("AMF nested 10,000 deep, in a command and in metadata", async () => {
    await using house = new House();
    const deep = joinBytes(Array.from({ length: 10_000 }, () => new Uint8Array([3, 0, 1, 0x61])));
    const name = command(3, 0, ["x"]).subarray(12);
    expect(
      await fate(
        house,
        joinBytes([connected, message({ csid: 3, type: 20, body: joinBytes([name, deep]) })]),
      ),
    ).toBe("AMF_TOO_DEEP");
    const peer = await RawPeer.connect(house.port);
    const metadata = Buffer.concat([Buffer.from("02000a6f6e4d65746144617461", "hex"), deep]);
    peer.send(
      joinBytes([
        publishing("deep"),
        message({ csid: 4, type: 18, stream: 1, body: metadata }),
        message({ csid: 6, type: 9, stream: 1, body: new Uint8Array([0x17, 1, 0, 0, 0, 9]) }),
      ]),
    );
    await until(
      () => [...house.server.registry.streams][0]?.publication?.totals.videoPackets === 1,
      "the frame behind it",
    );
    peer.socket.end();
    await house.isWell();
  });

  test("strings that lie about their length", async () => {
    await using house = new House();
    const lie = (hex: string): Uint8Array => message({ csid: 3, type: 20, body: Buffer.from(hex, "hex") });
    for (const hex of ["02ffff616263", "0cffffffff616263", "11068fffffff61", ""]) {
      expect(await fate(house, joinBytes([connected, lie(hex)]))).toMatch(/^(COMMAND|AMF_TOO_LARGE)$/);
    }
    // A lie behind the name costs only what follows it.
    const peer = await RawPeer.connect(house.port);
    peer.send(
      joinBytes([
        streaming,
        lie("02000c6372656174655374726561" + "6d02ffff61"),
        command(8, 1, ["publish", 3, null, "lie"]),
      ]),
    );
    await until(() => house.events.some(({ kind }) => kind === "publishStarted"), "the publish behind it");
    peer.socket.end();
    await house.isWell();
  });

  test("what is not RTMP, at its first byte: one debug line, no stack", async () => {
    const rows = [
      { name: "HTTP", bytes: Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), hint: "HTTP" },
      { name: "RTMPE", bytes: Buffer.concat([Buffer.from([6]), hello.subarray(1)]), hint: "RTMPE" },
      { name: "TLS", bytes: Buffer.from("16030100c8010000c40303", "hex"), hint: "TLS" },
    ];
    for (const { bytes, hint } of rows) {
      await using house = new House();
      expect(await fate(house, bytes)).toBe("NOT_RTMP");
      const told = house.lines.filter(({ fields }) => fields.error !== undefined);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({
        level: "debug",
        message: "Handshake failed",
        fields: { code: "NOT_RTMP" },
      });
      expect(String(told[0]?.fields.error)).toContain(hint);
      expect(house.lines.filter(({ level }) => level !== "debug")).toEqual([]);
      await house.isWell();
    }
  });
});
