import { describe, expect, test } from "bun:test";
import { copyBytes, joinBytes } from "../../../src/base/bytes.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { noBounds } from "../../../src/rtmp/io/connection-limits.ts";
import { Session } from "../../../src/rtmp/io/session.ts";
import { openAccess } from "../../../src/stream/admission.ts";
import { publishing, streaming } from "../../hostile/sessions.ts";
import { House, Viewer } from "../../stream/house.ts";
import { peerOf } from "../../stream/peer.ts";
import { command, line, ReplyReader } from "../dialogue.ts";
import { call, video } from "../dialogue-starts.ts";

/** What a server sends before its first reply: S0, S1 and S2. */
const handshakeBytes = 1 + 2 * 1_536;

/** A session over a socket that takes everything, and a test that says when events are safe. */
class Room {
  readonly house = new House();
  readonly waiting: (() => void)[] = [];
  readonly calls: string[] = [];
  readonly session: Session;
  #written: Uint8Array[] = [];
  #isShaken = false;
  readonly #reader = new ReplyReader();

  constructor({ isSafeAtOnce = false } = {}) {
    const { registry, hub, clock } = this.house;
    this.session = new Session({
      peer: peerOf("c1", "127.0.0.1:1"),
      socket: {
        write: (bytes) => {
          this.#written.push(copyBytes(bytes));
          return bytes.length;
        },
        setNoDelay: () => true,
        pause: () => true,
        resume: () => true,
        end: () => this.calls.push("end"),
        terminate: () => this.calls.push("terminate"),
      },
      context: {
        options: {
          chunkSize: 4_096,
          isLowLatency: true,
          playerQueue: { maxBytes: 1e6, maxMs: 5_000 },
          idleTimeoutMs: 0,
          stallTimeoutMs: 60_000,
          bounds: noBounds,
        },
        access: openAccess,
        registry,
        events: hub,
        clock,
        log: silentLogger,
        whenSafe: (proceed) => {
          if (isSafeAtOnce) proceed();
          else this.waiting.push(proceed);
        },
      },
    });
  }

  /** Sends bytes in one segment. */
  send(...parts: readonly Uint8Array[]): void {
    this.session.data(copyBytes(joinBytes([...parts, new Uint8Array()])));
  }

  /** Replies since the last call, one line each. */
  replies(): string[] {
    let bytes = joinBytes([...this.#written.splice(0), new Uint8Array(), new Uint8Array()]);
    if (!this.#isShaken && bytes.length > 0) {
      bytes = bytes.subarray(handshakeBytes);
      this.#isShaken = true;
    }
    return this.#reader.read(bytes).map(line);
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
