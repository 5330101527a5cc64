import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../src/base/bytes.ts";
import { command, control, hello } from "../rtmp/dialogue.ts";
import { House, Player, Publisher, until, video } from "./house.ts";
import { RawPeer } from "./raw-peer.ts";
import { connected, playing, publishing, streaming } from "./sessions.ts";

describe("time runs out for", () => {
  const stages = [
    {
      name: "a handshake that stops half way",
      bytes: hello.subarray(0, 700),
      code: "HANDSHAKE_TIMEOUT",
      seconds: 10,
    },
    { name: "a handshake that stops before C2", bytes: hello, code: "HANDSHAKE_TIMEOUT", seconds: 10 },
    {
      name: "a client that does not connect",
      bytes: connected.subarray(0, 3073),
      code: "STAGE_TIMEOUT",
      seconds: 10,
    },
    {
      name: "a client that neither publishes nor plays",
      bytes: streaming,
      code: "STAGE_TIMEOUT",
      seconds: 15,
    },
  ];
  for (const { name, bytes, code, seconds } of stages) {
    test(`${name}, after ${seconds} s`, async () => {
      await using house = new House();
      const peer = await RawPeer.connect(house.port);
      peer.send(bytes);
      await until(() => house.sessions === 1, "the connection");
      await Bun.sleep(5);
      await house.pass(seconds);
      expect(house.failures()).toEqual([]);
      await house.pass(3);
      expect(house.failures()).toEqual([code]);
      await until(() => peer.isClosed, "the end of the connection");
      expect(house.events.findLast((event) => event.kind === "connectionClosed")?.reason).toBe(
        "idle_timeout",
      );
      await house.isWell();
    });
  }

  test("a player whose stream does not come, with a refusal", async () => {
    await using house = new House({ "play-wait": "3s" });
    const peer = await RawPeer.connect(house.port);
    peer.send(playing("nothing"));
    await until(() => [...house.server.registry.streams].length === 1, "the wait");
    await house.pass(4);
    expect(house.events.find((event) => event.kind === "requestRefused")).toMatchObject({
      action: "play",
      code: "STREAM_NOT_FOUND",
    });
    await house.isWell();
  });

  test("a publisher that goes silent", async () => {
    await using house = new House({ "idle-timeout": "5s" });
    const peer = await RawPeer.connect(house.port);
    peer.send(publishing("silent"));
    await until(() => house.events.some(({ kind }) => kind === "publishStarted"), "the publish");
    await house.pass(8);
    expect(house.failures()).toEqual(["IDLE_TIMEOUT"]);
    expect(house.events.find((event) => event.kind === "publishStopped")).toMatchObject({
      reason: "idle_timeout",
    });
    await until(() => peer.isClosed, "the end of the connection");
    await house.isWell();
  });

  test("500 connections that say nothing, while others publish and play", async () => {
    await using house = new House();
    const peers = await Promise.all(Array.from({ length: 500 }, () => RawPeer.connect(house.port)));
    await until(() => house.sessions === 500, "all connections");
    const publisher = new Publisher(house.port, "busy");
    await until(() => publisher.isStarted, "a publish beside them");
    const player = new Player(house.port, "busy");
    await until(() => player.isStarted, "a play beside them");
    publisher.send(video("config", 0), video("key", 0));
    await until(() => player.times.length === 2, "frames beside them");
    await house.pass(12);
    expect(house.failures()).toEqual(Array.from({ length: 500 }, () => "HANDSHAKE_TIMEOUT"));
    await until(() => peers.every(({ isClosed }) => isClosed), "the end of all connections");
    expect(house.sessions).toBe(2);
    publisher.client.close();
    await until(() => player.isClosed, "the end of the stream");
    await house.isWell();
  }, 20_000);
});

describe("a player that never reads", () => {
  test("is ended by --stall-timeout with a reason, and nobody else loses a frame", async () => {
    await using house = new House({ "stall-timeout": "4s", "player-queue-bytes": "2M" });
    const publisher = new Publisher(house.port, "heavy");
    await until(() => publisher.isStarted, "the publish");
    const deaf = await RawPeer.connect(house.port, true);
    deaf.send(playing("heavy"));
    const good = new Player(house.port, "heavy");
    await until(() => house.server.registry.find("live/heavy" as never)?.playerCount === 2, "two players");
    const frames = 300;
    publisher.send(video("config", 0));
    for (let i = 0; i < frames; i++) {
      publisher.send(video(i % 30 === 0 ? "key" : "frame", i * 33, 100_000));
      // As fast as the reader that reads.
      await until(() => good.times.length >= i - 5, `frame ${i}`);
    }
    await until(() => good.times.length === frames + 1, "every frame");
    expect(good.times).toEqual([0, ...Array.from({ length: frames }, (_, i) => i * 33)]);
    expect(house.failures()).toEqual([]);
    await house.pass(7);
    expect(house.failures()).toEqual(["PEER_STALLED"]);
    expect(house.events.find((event) => event.kind === "playStopped")).toMatchObject({ reason: "stalled" });
    expect(house.events.findLast((event) => event.kind === "connectionClosed")).toMatchObject({
      role: "subscriber",
      reason: "stalled",
    });
    expect(house.sessions).toBe(2);
    publisher.client.close();
    await until(() => good.isClosed, "the end of the stream");
    deaf.socket.terminate();
    await house.isWell();
  }, 30_000);
});

describe("a flood of", () => {
  test("commands ends with the connection", async () => {
    await using house = new House();
    const peer = await RawPeer.connect(house.port);
    peer.send(
      joinBytes([connected, ...Array.from({ length: 60 }, () => command(3, 0, ["_checkbw", 1, null]))]),
    );
    await until(() => peer.isClosed, "the end of the connection");
    expect(house.failures()).toEqual(["CONTROL_FLOOD"]);
    await house.isWell();
  });

  test("control messages ends with the connection", async () => {
    await using house = new House();
    const peer = await RawPeer.connect(house.port);
    peer.send(joinBytes([connected, ...Array.from({ length: 120 }, () => control(5, 1))]));
    await until(() => peer.isClosed, "the end of the connection");
    expect(house.failures()).toEqual(["CONTROL_FLOOD"]);
    await house.isWell();
  });

  test("publishers of one name leaves the first alone", async () => {
    await using house = new House();
    const first = new Publisher(house.port, "name");
    await until(() => first.isStarted, "the first publish");
    const others = Array.from({ length: 30 }, () => new Publisher(house.port, "name"));
    await until(() => others.every(({ isClosed }) => isClosed), "the others to be refused");
    for (const { error } of others) expect(error?.message).toContain("NetStream.Publish.BadName");
    expect(first.isClosed).toBe(false);
    first.client.close();
    await until(() => first.isClosed, "the end of the first");
    await house.isWell();
  });
});
