import { describe, expect, test } from "bun:test";
import { RefusedError } from "../../../src/base/errors.ts";
import type { Access, Admission, AdmissionRequest } from "../../../src/stream/admission.ts";
import { defaultStreamOptions } from "../../../src/stream/stream-options.ts";
import { connected, publishing, streaming } from "../../hostile/sessions.ts";
import { Viewer } from "../../stream/house.ts";
import { call, video } from "../dialogue-starts.ts";
import { SessionRoom } from "./session-room.ts";

const denied: Admission = { isAllowed: false, reason: "denied", message: "wrong password", delayMs: 0 };

/** A session that asks an access which the test plays. */
class Room extends SessionRoom {
  readonly asked: AdmissionRequest[];

  constructor(decide: Access["decide"], refusal?: RefusedError) {
    const asked: AdmissionRequest[] = [];
    const access: Access = {
      decide: (request) => {
        asked.push(request);
        return decide(request);
      },
    };
    super({ access, refusal });
    this.asked = asked;
  }

  /** The last reply so far. */
  get last(): string | undefined {
    return this.replies().at(-1);
  }

  get publication() {
    return this.house.registry.find(this.house.path)?.publication;
  }
}

const started = "5/1 onStatus 0 null NetStream.Publish.Start";

describe("a client that wants to publish", () => {
  test("is asked about with all that is known of it", () => {
    const room = new Room(() => ({ isAllowed: true, user: "" }));
    room.send(streaming, call("publish", 1, 3, "a?user=jo&pass=x%26y&token=t", "live"));
    expect(room.asked).toEqual([
      {
        action: "publish",
        path: room.house.path,
        ip: "192.0.2.7",
        port: 4_000,
        protocol: "rtmp",
        id: room.session.peer.id,
        credentials: { user: "jo", password: "x&y", token: "t" },
        query: "user=jo&pass=x%26y&token=t",
        userAgent: "",
        tcUrl: "",
      },
    ]);
    expect(room.last).toBe(started);
    expect(room.calls).toEqual([]);
  });

  test("is shown under the name it was found to have", () => {
    const room = new Room(() => ({ isAllowed: true, user: "jo" }));
    room.send(publishing("a"));
    expect(room.session.view).toMatchObject({ state: "publish", path: "live/a", user: "jo" });
  });

  test("has its media wait on its side while it is decided, and nothing of it is lost", async () => {
    const { promise, resolve } = Promise.withResolvers<Admission>();
    const room = new Room(() => promise);
    const viewer = new Viewer();
    room.house.registry.subscribe(room.house.path, viewer);
    room.send(publishing("a"), video(1, 0));
    room.send(video(1, 40));
    expect([room.calls, room.publication, viewer.log]).toEqual([["pause"], undefined, []]);
    expect(room.session.view.state).toBe("idle");
    resolve({ isAllowed: true, user: "" });
    await promise;
    expect(room.calls).toEqual(["pause", "resume"]);
    expect(viewer.seen()).toEqual(["key 0", "key 40"]);
    expect(room.last).toBe(started);
  });

  test("is refused in RTMP's words, and no byte of its media is taken", () => {
    const room = new Room(() => denied);
    room.send(publishing("a"), video(1, 0));
    expect(room.last).toBe("5/1 onStatus 0 null NetStream.Publish.Unauthorized");
    expect([room.calls, room.publication]).toEqual([["end"], undefined]);
    expect(room.house.events.filter(({ kind }) => kind === "requestRefused")).toMatchObject([
      { action: "publish", code: "ACCESS_DENIED", message: "wrong password" },
    ]);
  });

  test("hears a denial no sooner than it is to", async () => {
    const room = new Room(() => ({ ...denied, delayMs: 2_000 }));
    room.send(publishing("a"));
    await Promise.resolve();
    room.house.clock.advance(1_999);
    expect([room.calls, room.last?.includes("Unauthorized")]).toEqual([["pause"], false]);
    room.house.clock.advance(1);
    expect(room.last).toBe("5/1 onStatus 0 null NetStream.Publish.Unauthorized");
  });

  test("is refused where whoever decides fails", async () => {
    const room = new Room(() => Promise.reject(new Error("out of order")));
    room.send(publishing("a"));
    await Bun.sleep(0);
    expect(room.house.events.filter(({ kind }) => kind === "requestRefused")).toMatchObject([
      { code: "ACCESS_UNAVAILABLE" },
    ]);
  });

  test("that leaves meanwhile publishes nothing", async () => {
    const { promise, resolve } = Promise.withResolvers<Admission>();
    const room = new Room(() => promise);
    room.send(publishing("a"));
    room.session.closed();
    resolve({ isAllowed: true, user: "" });
    await promise;
    expect(room.house.kinds().filter((kind) => kind.startsWith("publish"))).toEqual([]);
  });
});

describe("a client that wants to play", () => {
  test("is asked about as a reader, and refused as one", () => {
    const room = new Room(() => denied);
    room.send(streaming, call("play", 1, 3, "a"));
    expect(room.asked.map(({ action }) => action)).toEqual(["read"]);
    expect(room.last).toBe("5/1 onStatus 0 null NetStream.Play.Failed");
    expect(room.house.registry.find(room.house.path)).toBeUndefined();
  });
});

describe("a client that is one too many", () => {
  test("is told so when it connects", () => {
    const room = new Room(() => denied, new RefusedError("TOO_MANY_CONNECTIONS", "too many"));
    room.send(connected);
    expect(room.last).toBe("3/0 _error 1 null NetConnection.Connect.Rejected");
    expect(room.house.events).toMatchObject([
      { kind: "handshakeCompleted" },
      { kind: "connectionFailed", code: "TOO_MANY_CONNECTIONS", message: "too many" },
    ]);
    expect(room.calls).toEqual(["end"]);
  });
});

describe("a publisher that is cut off", () => {
  const badName = "5/1 onStatus 0 null NetStream.Publish.BadName";

  const published = (): Room => {
    const room = new Room(() => ({ isAllowed: true, user: "" }));
    room.send(publishing("a"));
    expect(room.last).toBe(started);
    return room;
  };

  test("is told why, and disconnected once it has had time to read it", () => {
    const room = published();
    room.house.registry.find(room.house.path)?.evict("kicked");
    expect([room.last, room.publication, room.calls]).toEqual([badName, undefined, []]);
    room.send(video(1));
    room.house.clock.advance(500);
    expect(room.calls).toEqual(["end"]);
  });

  test("is not disconnected again where it has left by itself", () => {
    const room = published();
    room.house.registry.find(room.house.path)?.evict("kicked");
    room.session.closed();
    room.house.clock.advance(500);
    expect(room.calls).toEqual([]);
  });

  test("because it sends more than it may is told so, too", () => {
    const room = published();
    room.house.registry.configure({
      optionsOf: () => ({ ...defaultStreamOptions, maxBitrate: 1 }),
      maxPublishers: 0,
    });
    const { clock } = room.house;
    for (let seconds = 0; seconds < 6; seconds++) {
      room.send(video(1, seconds * 1_000));
      clock.advance(1_000);
      room.session.tick(clock.now());
    }
    expect([room.last, room.publication]).toEqual([badName, undefined]);
    expect(room.house.events.filter(({ kind }) => kind === "connectionFailed")).toMatchObject([
      { code: "BITRATE", phase: "media" },
    ]);
  });
});
