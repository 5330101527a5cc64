import { afterEach, describe, expect, test } from "bun:test";
import { joinBytes } from "../../src/base/bytes.ts";
import { command } from "../rtmp/dialogue.ts";
import { House, until } from "./house.ts";
import { RawPeer } from "./raw-peer.ts";
import { publishing, streaming } from "./sessions.ts";

const open: House[] = [];
const newHouse = (flags: Readonly<Record<string, string>> = {}): House => {
  const house = new House(flags);
  open.push(house);
  return house;
};

afterEach(async () => {
  for (const house of open.splice(0)) {
    const stopped = house.server.stop();
    await house.pass(10);
    await stopped;
  }
});

const createStream = command(3, 0, ["createStream", 3, null]);
const publish = (stream: number, name: string): Uint8Array =>
  command(8, stream, ["publish", 0, null, name, "live"]);
const play = (stream: number, name: string): Uint8Array => command(8, stream, ["play", 0, null, name]);

const count = (house: House, kind: string): number =>
  house.events.filter((event) => event.kind === kind).length;

describe("a connection that does several things", () => {
  test("ends all its publishes when it loses one to another publisher, and leaves no stream behind", async () => {
    const house = newHouse({ "override-publisher": "true" });
    const both = await RawPeer.connect(house.port);
    both.send(joinBytes([streaming, createStream, publish(1, "x"), publish(2, "y")]));
    await until(() => count(house, "publishStarted") === 2, "both publishes");
    const thief = await RawPeer.connect(house.port);
    thief.send(publishing("x"));
    await until(() => count(house, "publishStopped") === 2, "both are stopped");
    await house.pass(1);
    await until(() => both.isClosed, "the connection is closed");
    thief.socket.end();
    await until(() => count(house, "streamDeleted") === 2, "both streams are gone");
    expect([...house.server.registry.streams]).toEqual([]);
  });

  test("may take a name from itself, and leaves nothing behind", async () => {
    const house = newHouse({ "override-publisher": "true" });
    const peer = await RawPeer.connect(house.port);
    peer.send(joinBytes([streaming, createStream, publish(1, "x"), publish(2, "x")]));
    await until(
      () =>
        count(house, "publishStarted") > 0 &&
        count(house, "publishStopped") === count(house, "publishStarted"),
      "every publish is stopped",
    );
    await house.pass(1);
    await until(() => peer.isClosed, "it is closed");
    await until(() => [...house.server.registry.streams].length === 0, "no stream is left");
  });

  test("goes on publishing when what it watches ends", async () => {
    const house = newHouse();
    const other = await RawPeer.connect(house.port);
    other.send(publishing("watched"));
    await until(() => count(house, "publishStarted") === 1, "the other publishes");
    const peer = await RawPeer.connect(house.port);
    peer.send(joinBytes([streaming, createStream, publish(1, "own"), play(2, "watched")]));
    await until(() => count(house, "playStarted") === 1, "it plays");
    other.send(command(3, 0, ["deleteStream", 0, null, 1]));
    await until(() => count(house, "playStopped") === 1, "the play is over");
    await Bun.sleep(20);
    expect(peer.isClosed).toBe(false);
    expect([...house.server.registry.streams].map(({ path }) => String(path))).toEqual(["live/own"]);
    peer.socket.end();
  });
});
