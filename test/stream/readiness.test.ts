import { describe, expect, test } from "bun:test";
import { House, opening, send, Viewer } from "./house.ts";
import type { PacketWish } from "./packets.ts";
import { peerOf } from "./peer.ts";

/** When the stream became available, as the index of the wish that made it so. */
const readyAfter = (wishes: readonly PacketWish[], stepMs = 0): number | undefined => {
  const house = new House();
  const publication = house.publish();
  for (const [index, wish] of wishes.entries()) {
    house.clock.advance(stepMs);
    send(publication, wish);
    if (house.registry.find(house.path)?.availableSince) return index;
  }
  return undefined;
};

const audio = (time: number): PacketWish => ({ kind: "audio", time });

describe("a stream is available", () => {
  test("once it has pictures and sound", () => {
    expect(readyAfter(opening())).toBe(2);
  });

  test("two seconds of media after its first frame where there is only one of them", () => {
    const wishes = [
      { kind: "audio", role: "config" } as const,
      audio(0),
      audio(1_000),
      audio(1_999),
      audio(2_000),
    ];
    expect(readyAfter(wishes)).toBe(4);
  });

  test("at once where the publisher has said that there is one only", () => {
    const house = new House();
    const publication = house.registry.publish(house.path, {
      peer: peerOf("c1", "127.0.0.1:1"),
      publishType: "live",
      kinds: 1,
      evicted: () => undefined,
    });
    send(publication, { kind: "audio", role: "config" });
    expect(house.registry.find(house.path)?.availableSince).toBeDefined();
    publication.end("client_stop");
    send(house.publish(), { kind: "audio", role: "config" });
    expect(house.registry.find(house.path)?.availableSince).toBeUndefined();
  });

  test("two seconds by the clock where the media stands still", () => {
    const wishes = [{ kind: "audio", role: "config" } as const, audio(0), audio(1), audio(2), audio(3)];
    expect(readyAfter(wishes, 1_000)).toBe(3);
  });

  test("when a track shows up at last that none was known of for two seconds", () => {
    const unknown = (time: number): PacketWish => ({ kind: "data", role: "other", time });
    expect(readyAfter([unknown(0), unknown(5_000)])).toBeUndefined();
    const late: PacketWish[] = [audio(0), audio(2_500)];
    expect(readyAfter(late)).toBe(1);
  });

  test("until its publisher leaves, and again with the next, whose counters begin anew", () => {
    const house = new House({ republishGraceMs: 0 });
    const first = house.publish();
    house.registry.subscribe(house.path, new Viewer());
    send(first, ...opening());
    const stream = house.registry.find(house.path);
    expect([stream?.availableSince, stream?.bytesOut]).toEqual([house.clock.date(), 60]);
    first.end("client_stop");
    expect(stream?.availableSince).toBeUndefined();
    house.publish();
    expect(house.registry.find(house.path)?.bytesOut).toBe(0);
    expect(house.kinds().filter((kind) => /^stream(Una|A)vailable/.test(kind))).toEqual([
      "streamAvailable",
      "streamUnavailable client_stop",
    ]);
  });
});
