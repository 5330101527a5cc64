import { describe, expect, test } from "bun:test";
import { publishing, streaming } from "../../hostile/sessions.ts";
import { Viewer } from "../../stream/house.ts";
import { command } from "../dialogue.ts";
import { call, video } from "../dialogue-starts.ts";
import { SessionRoom } from "./session-room.ts";

/** A session, and a test that says when events are safe. */
class Room extends SessionRoom {
  readonly waiting: (() => void)[];

  constructor({ isSafeAtOnce = false } = {}) {
    const waiting: (() => void)[] = [];
    super({ whenSafe: (proceed) => void (isSafeAtOnce ? proceed() : waiting.push(proceed)) });
    this.waiting = waiting;
  }
}

const started = "5/1 onStatus 0 null NetStream.Publish.Start";

describe("the answer to publish", () => {
  test("comes at once where everything is safe", () => {
    const room = new Room({ isSafeAtOnce: true });
    room.send(publishing("a"));
    expect(room.replies().at(-1)).toBe(started);
  });

  test("waits until the event of its start is safe, with all that is behind it, and goes out in order then", () => {
    const room = new Room();
    room.send(streaming);
    room.replies();
    room.send(call("publish", 1, 3, "a", "live"));
    room.send(command(3, 0, ["createStream", 7, null]));
    expect([room.replies(), room.waiting.length]).toEqual([[], 1]);
    expect(room.house.kinds().some((kind) => kind.startsWith("publishStarted"))).toBe(true);
    room.waiting[0]!();
    const replies = room.replies();
    expect(replies.indexOf(started)).toBeGreaterThanOrEqual(0);
    expect(replies.findIndex((reply) => reply.includes("_result 7"))).toBeGreaterThan(
      replies.indexOf(started),
    );
  });

  test("holds up no media that comes meanwhile", () => {
    const room = new Room();
    const viewer = new Viewer();
    room.house.registry.subscribe(room.house.path, viewer);
    room.send(publishing("a"), video(1, 0), video(1, 40));
    room.send(video(1, 80));
    expect(viewer.seen()).toEqual(["key 0", "key 40", "key 80"]);
    room.waiting[0]!();
    expect(room.replies().at(-1)).toBe(started);
  });

  test("waits for each of several publishes of a connection", () => {
    const room = new Room();
    room.send(publishing("a"), command(3, 0, ["createStream", 4, null]), call("publish", 2, 5, "b", "live"));
    const [first, second] = room.waiting;
    first!();
    expect(room.replies().filter((reply) => reply.endsWith("Publish.Start"))).toEqual([]);
    second!();
    expect(room.replies().filter((reply) => reply.endsWith("Publish.Start")).length).toBe(2);
  });

  test("does nothing to a connection that is gone by then", () => {
    const room = new Room();
    room.send(publishing("a"));
    room.session.closed();
    room.waiting[0]!();
    expect([
      room.calls,
      room.house.kinds().filter((kind) => kind.startsWith("publishStopped")).length,
    ]).toEqual([[], 1]);
  });

  test("does not keep a server that stops from saying goodbye", () => {
    const room = new Room();
    room.send(publishing("a"));
    room.session.close("server_shutdown");
    expect([room.calls, room.replies().length > 0]).toEqual([["end"], true]);
    room.waiting[0]!();
    expect(room.calls).toEqual(["end"]);
  });
});

describe("a play on a connection whose publish is not safe yet", () => {
  test("gets its replies before its media", () => {
    const room = new Room();
    const other = room.house.publish();
    room.send(publishing("mine"), command(3, 0, ["createStream", 4, null]), call("play", 2, 5, "a"));
    expect(other.path).toBe(room.house.path);
    const replies = room.replies();
    const kinds = replies.map((reply) => reply.split(" ").at(-1));
    expect(kinds).toContain("NetStream.Play.Start");
    expect(kinds.indexOf("NetStream.Publish.Start")).toBeLessThan(kinds.indexOf("NetStream.Play.Start"));
    room.waiting[0]!();
    expect(room.replies()).toEqual([]);
  });
});
