import { describe, expect, test } from "bun:test";
import { share } from "../../src/base/bytes.ts";
import { Pieces } from "../../src/base/pieces.ts";
import { codeOf } from "../base/code-of.ts";
import { House, opening, send, Viewer } from "./house.ts";

describe("the newest key frame", () => {
  for (const hasGopCache of [true, false])
    test(`is known ${hasGopCache ? "with" : "without"} a GOP cache, until the configuration changes or the publish ends`, () => {
      const house = new House({ hasGopCache });
      const publication = house.publish();
      const newest = () => house.registry.find(house.path)?.newestKey?.timestamp;
      expect(newest()).toBeUndefined();
      send(publication, { role: "config", codec: "H264", fill: 1 }, { role: "key", time: 5, codec: "H264" });
      send(publication, { time: 20 }, { role: "key", time: 30, track: 1 });
      expect(newest()).toBe(5);
      send(publication, { role: "key", time: 40 }, { kind: "audio", role: "config", time: 41, codec: "AAC" });
      send(publication, { role: "config", time: 42, track: 1, codec: "H264" });
      expect(newest()).toBe(40);
      send(publication, { role: "config", time: 50, codec: "H264", fill: 2 });
      expect(newest()).toBeUndefined();
      send(publication, { role: "key", time: 60 });
      publication.end("client_stop");
      expect(newest()).toBeUndefined();
    });
});

describe("a player", () => {
  test("that comes before the publisher waits, and gets everything from the start", () => {
    const house = new House();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    house.clock.advance(9_000);
    expect(viewer.log).toEqual([]);
    send(house.publish(), ...opening());
    expect(viewer.log.slice(0, 2)).toEqual(["start", "deliver"]);
    expect(viewer.seen()).toEqual(["metadata 0", "config 0", "config 0", "key 0", "frame 10", "frame 33"]);
    house.clock.advance(60_000);
    expect(viewer.log.filter((entry) => entry.startsWith("end"))).toEqual([]);
  });

  test("that comes late gets headers and the cached GOP first, stamped with its first frame's time, and nothing twice", () => {
    const house = new House();
    const publication = house.publish();
    send(publication, ...opening());
    send(publication, { role: "key", time: 1_000 }, { kind: "audio", time: 1_010 }, { time: 1_033 });
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    expect(viewer.seen()).toEqual([
      "metadata 1000",
      "config 1000",
      "config 1000",
      "key 1000",
      "frame 1010",
      "frame 1033",
    ]);
    send(publication, { time: 1_066 });
    expect(viewer.seen()).toEqual(["frame 1066"]);
  });

  test("that comes in the middle of a publisher's turn gets each packet once", () => {
    const house = new House();
    const publication = house.publish();
    send(publication, ...opening());
    const viewer = new Viewer();
    const first = new Viewer();
    house.registry.subscribe(house.path, first);
    first.seen();
    // Pushed, and not flushed yet, when the player comes.
    publication.push(
      { timestamp: 66, body: Pieces.of(share(new Uint8Array(1))) },
      { kind: "video", role: "frame", codec: "H264", trackId: 0, dataOffset: 0 },
    );
    house.registry.subscribe(house.path, viewer);
    publication.flush();
    expect(viewer.seen().filter((each) => each === "frame 66")).toHaveLength(1);
    expect(first.seen()).toEqual(["frame 66"]);
  });

  test("is told to wait for a key frame where there is video and nothing cached", () => {
    const house = new House({ hasGopCache: false });
    send(house.publish(), ...opening());
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    expect(viewer.log).toEqual(["start", "interrupt", "deliver"]);
    expect(viewer.seen()).toEqual(["metadata 33", "config 33", "config 33"]);
  });

  test("starts anywhere in a stream without video", () => {
    const house = new House();
    send(house.publish(), { kind: "audio", role: "config" }, { kind: "audio", time: 20 });
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    expect(viewer.log).toEqual(["start", "deliver"]);
  });

  test("is refused where nobody publishes in time, and the stream is gone then", () => {
    const house = new House();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    house.clock.advance(9_999);
    expect(viewer.log).toEqual([]);
    house.clock.advance(1);
    expect(viewer.log).toEqual(["end refused"]);
    expect(house.registry.find(house.path)).toBeUndefined();
    expect(house.kinds()).toEqual(["streamCreated", "demandChanged", "demandChanged", "streamDeleted"]);
    expect(house.clock.timers).toBe(0);
  });

  test("that leaves while it waits hears nothing more", () => {
    const house = new House();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer).unsubscribe(viewer);
    house.clock.advance(60_000);
    expect(viewer.log).toEqual([]);
    expect(house.clock.timers).toBe(0);
    expect([...house.registry.streams]).toEqual([]);
  });

  for (const call of ["start", "deliver", "interrupt", "end"]) {
    test(`that throws in ${call} is dropped, and takes nothing from the others`, () => {
      const house = new House({ overridePublisher: true });
      const publication = house.publish();
      const bad = new Viewer(call);
      const good = new Viewer();
      for (const viewer of [bad, good]) house.registry.subscribe(house.path, viewer);
      send(publication, ...opening());
      const second = house.publish();
      send(second, ...opening(500));
      second.end("client_stop");
      expect(bad.log.filter((entry) => entry === "fail")).toHaveLength(1);
      expect(bad.log.at(-1)).toBe("fail");
      expect(good.log.at(-1)).toBe("end unpublished");
      expect(good.seen().filter((each) => each.startsWith("key"))).toHaveLength(2);
      expect(house.registry.find(house.path)).toBeUndefined();
      expect(house.kinds().filter((kind) => kind.startsWith("stream"))).toEqual([
        "streamCreated",
        "streamAvailable",
        "streamUnavailable replaced",
        "streamAvailable",
        "streamUnavailable client_stop",
        "streamDeleted",
      ]);
    });
  }
});

describe("a stream", () => {
  test("keeps its headers and drops its cache when a configuration changes", () => {
    const house = new House();
    const publication = house.publish();
    send(publication, ...opening());
    expect(house.registry.find(house.path)?.cachedBytes).toBe(30);
    send(publication, { role: "config", time: 40, fill: 1 });
    expect(house.registry.find(house.path)?.cachedBytes).toBe(30);
    send(publication, { role: "config", time: 50, fill: 2 });
    expect(house.registry.find(house.path)?.cachedBytes).toBe(0);
    expect(house.events.at(-1)).toMatchObject({ kind: "trackDetected", isChange: true });
  });

  test("forgets its metadata when the publisher takes it back", () => {
    const house = new House();
    const publication = house.publish();
    send(publication, ...opening());
    publication.clearMetadata();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    expect(viewer.seen()[0]).toBe("config 0");
  });

  test("is offered to every output, which hears the end with its reason, once", () => {
    const house = new House({ overridePublisher: true });
    const heard: string[] = [];
    const taker = new Viewer();
    house.registry.attach({
      open: (stream) => {
        heard.push(`open ${stream.path}`);
        stream.attach(taker);
        return (reason) => heard.push(`close ${reason}`);
      },
    });
    house.registry.attach({ open: () => undefined });
    const first = house.publish();
    send(first, ...opening());
    expect(taker.seen()).toHaveLength(6);
    house.publish().end("client_stop");
    send(first, { time: 70 });
    expect(heard).toEqual(["open live/a", "close replaced", "open live/a", "close client_stop"]);
    expect(taker.seen()).toEqual([]);
  });

  test("does not count outputs as players", () => {
    const house = new House();
    house.registry.attach({
      open: (stream) => {
        stream.attach(new Viewer());
        return () => undefined;
      },
    });
    house.publish();
    expect(house.registry.find(house.path)?.playerCount).toBe(0);
    expect(house.kinds()).toEqual(["streamCreated", "publishStarted"]);
  });
});

describe("a registry that shuts down", () => {
  test("ends every publish, player and wait, and lets none begin", () => {
    const house = new House();
    const viewer = new Viewer();
    const waiting = new Viewer();
    const publication = house.publish();
    house.registry.subscribe(house.path, viewer);
    house.registry.subscribe("live/b" as typeof house.path, waiting);
    send(publication, ...opening());
    house.registry.shutdown();
    expect([viewer.log.at(-1), waiting.log.at(-1)]).toEqual(["end server_shutdown", "end server_shutdown"]);
    expect([...house.registry.streams]).toEqual([]);
    expect(house.clock.timers).toBe(0);
    expect([
      codeOf(() => house.publish()),
      codeOf(() => house.registry.subscribe(house.path, viewer)),
    ]).toEqual(["SHUTTING_DOWN", "SHUTTING_DOWN"]);
  });

  test("ends players whose publisher was cut off a moment ago", () => {
    const house = new House();
    const publication = house.publish();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    publication.end("client_disconnect");
    house.registry.shutdown();
    expect(viewer.log.at(-1)).toBe("end server_shutdown");
    expect(house.clock.timers).toBe(0);
  });
});
