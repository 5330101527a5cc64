import { describe, expect, test } from "bun:test";
import type { Stream } from "../../src/stream/stream.ts";
import { codeOf } from "../base/code-of.ts";
import { House, opening, send, Viewer } from "./house.ts";

describe("a publisher", () => {
  test("of a live name is refused, and the name stays with the first", () => {
    const house = new House();
    const first = house.publish();
    expect(codeOf(() => house.publish())).toBe("ALREADY_PUBLISHING");
    expect(house.registry.find(house.path)?.publication).toBe(first);
  });

  test("takes over where that is allowed: the old one is told, players go on behind it with rising times", () => {
    const house = new House({ overridePublisher: true });
    let told = 0;
    const first = house.publish(house.path, () => told++);
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    send(first, ...opening(500_000));
    viewer.seen();
    house.clock.advance(40);
    const second = house.publish();
    expect(told).toBe(1);
    send(first, { time: 500_066 });
    send(second, ...opening(7, 2));
    const times = viewer.seen().map((each) => Number(each.split(" ")[1]));
    expect(Math.min(...times)).toBeGreaterThan(500_033);
    expect(times).toHaveLength(6);
    expect(viewer.log.filter((entry) => entry === "interrupt")).toHaveLength(1);
    expect(house.kinds()).toEqual([
      "streamCreated",
      "publishStarted",
      "subscriberCount",
      "demandChanged",
      "metadataReceived",
      "trackDetected",
      "trackDetected",
      "streamAvailable",
      "mediaStarted",
      "mediaStarted",
      "streamUnavailable replaced",
      "publishStopped replaced",
      "publishStarted",
      "metadataReceived",
      "trackDetected",
      "trackDetected",
      "streamAvailable",
      "mediaStarted",
      "mediaStarted",
    ]);
  });

  test("takes over a name whose holder brought nothing for 5 s", () => {
    const house = new House();
    const first = house.publish();
    house.clock.advance(4_999);
    expect(codeOf(() => house.publish())).toBe("ALREADY_PUBLISHING");
    send(first, { role: "key" });
    house.clock.advance(4_999);
    expect(codeOf(() => house.publish())).toBe("ALREADY_PUBLISHING");
    house.clock.advance(1);
    expect(codeOf(() => house.publish())).toBeUndefined();
  });

  test("that takes over finds the stream where it was, though the old one's players leave with it", () => {
    const house = new House({ overridePublisher: true });
    const viewer = new Viewer();
    let stream: Stream | undefined;
    house.publish(house.path, () => stream?.unsubscribe(viewer));
    stream = house.registry.subscribe(house.path, viewer);
    const second = house.publish();
    expect(house.registry.find(house.path)?.publication).toBe(second);
    expect(house.kinds()).not.toContain("streamDeleted");
  });

  test("that is replaced and had no other player leaves the stream to the newcomer", () => {
    const house = new House({ overridePublisher: true });
    const bad = new Viewer("interrupt");
    house.publish();
    house.registry.subscribe(house.path, bad);
    const second = house.publish();
    expect(house.registry.find(house.path)?.publication).toBe(second);
    expect(bad.log.at(-1)).toBe("fail");
  });

  test("that stops cleanly ends the stream for its players at once", () => {
    const house = new House();
    const publication = house.publish();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    send(publication, ...opening());
    publication.end("client_stop");
    publication.end("client_disconnect");
    expect(viewer.log.at(-1)).toBe("end unpublished");
    expect(house.kinds().slice(-4)).toEqual([
      "publishStopped client_stop",
      "subscriberCount",
      "demandChanged",
      "streamDeleted",
    ]);
  });

  for (const reason of ["client_disconnect", "idle_timeout", "error"] as const) {
    test(`that is cut off (${reason}) keeps its players for the grace period`, () => {
      const house = new House();
      const publication = house.publish();
      const viewer = new Viewer();
      house.registry.subscribe(house.path, viewer);
      send(publication, ...opening());
      publication.end(reason);
      house.clock.advance(4_999);
      expect(viewer.log.at(-1)).toBe("deliver");
      house.clock.advance(1);
      expect(viewer.log.at(-1)).toBe("end unpublished");
      expect(house.registry.find(house.path)).toBeUndefined();
    });
  }

  test("that comes back within the grace continues the stream behind the gap, with its own headers", () => {
    const house = new House();
    const publication = house.publish();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    send(publication, ...opening(90_000));
    viewer.seen();
    publication.end("client_disconnect");
    house.clock.advance(3_000);
    house.kinds();
    const back = house.publish();
    send(back, { role: "key", time: 0, fill: 2 }, { time: 33 });
    expect(viewer.seen()).toEqual(["key 93033", "frame 93066"]);
    expect(house.events).toMatchObject([
      { kind: "publishStarted", isContinued: true },
      { kind: "trackDetected" },
      { kind: "mediaStarted", flow: "video", gapMs: 0 },
    ]);
    const late = new Viewer();
    house.registry.subscribe(house.path, late);
    expect(late.seen()).toEqual(["key 93033", "frame 93066"]);
    house.clock.advance(60_000);
    expect(viewer.log.some((entry) => entry.startsWith("end"))).toBe(false);
  });

  test("that is cut off with nobody watching leaves nothing", () => {
    const house = new House();
    house.publish().end("client_disconnect");
    expect(house.kinds()).toEqual([
      "streamCreated",
      "publishStarted",
      "publishStopped client_disconnect",
      "streamDeleted",
    ]);
    expect(house.clock.timers).toBe(0);
  });

  test("whose stream ended brings nothing more: its late packets are dropped", () => {
    const house = new House();
    const old = house.publish();
    old.end("client_stop");
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    send(house.publish(), ...opening(100));
    viewer.seen();
    send(old, ...opening(900));
    old.clearMetadata();
    expect(viewer.seen()).toEqual([]);
    expect(old.totals).toMatchObject({ audioPackets: 0, videoPackets: 0, bytesReceived: 0 });
  });

  test("is told what it brought", () => {
    const house = new House();
    const publication = house.publish();
    send(publication, ...opening());
    house.clock.advance(2_000);
    expect(publication.totals).toEqual({
      durationMs: 2_000,
      bytesReceived: 60,
      audioPackets: 2,
      videoPackets: 3,
    });
  });
});
