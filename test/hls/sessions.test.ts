import { describe, expect, test } from "bun:test";
import { RefusedError } from "../../src/base/errors.ts";
import { tagOf } from "../record/tags.ts";
import { media } from "./tags.ts";
import { playlistOf, Theatre } from "./theatre.ts";

const begin = (theatre: Theatre, viewer = theatre.viewer(), isSigned = false) =>
  theatre.sessions.open(viewer, { id: theatre.sessions.nextId(), user: "", isSigned });

const starting = [tagOf.videoConfig(), tagOf.audioConfig()];

describe("a session of HLS", () => {
  test("is a reader of its stream from the first request to half a minute after the last", () => {
    using theatre = new Theatre();
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 2_000 })]);
    const session = begin(theatre);
    const stream = theatre.registry.find(session.viewer.path)!;
    expect(stream.readers.map(({ peer }) => peer.kind)).toEqual(["hlsSession"]);
    session.beginRequest();
    theatre.clock.advance(100_000);
    expect(stream.readers.length).toBe(1);
    session.endRequest(500);
    theatre.clock.advance(29_000);
    expect(stream.readers.length).toBe(1);
    theatre.clock.advance(3_000);
    expect(stream.readers.length).toBe(0);
    expect(theatre.kinds("playStarted", "playStopped")).toMatchObject([
      { kind: "playStarted", path: "live/test", peer: { kind: "hlsSession", connId: "h000001" } },
      { kind: "playStopped", reason: "idle_timeout", bytesSent: 500 },
    ]);
  });

  test("counts for its stream with what it fetches, not with what comes in meanwhile", () => {
    using theatre = new Theatre();
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 2_000 })]);
    const session = begin(theatre);
    theatre.play(publication, media({ fromMs: 2_000, toMs: 4_000 }));
    const stream = theatre.registry.find(session.viewer.path)!;
    expect(stream.bytesOut).toBe(0);
    session.beginRequest();
    session.endRequest(500);
    expect(stream.bytesOut).toBe(500);
  });

  test("is the same for the same player at the same address, and another for any other", () => {
    using theatre = new Theatre();
    theatre.play(theatre.publish(), [...starting, ...media({ toMs: 1_000 })]);
    const viewer = theatre.viewer();
    const session = begin(theatre, viewer);
    expect(theatre.sessions.find({ ...viewer, port: 1 })).toBe(session);
    for (const other of [{ ip: "192.0.2.2" }, { userAgent: "player/2" }, { token: "x" }])
      expect(theatre.sessions.find({ ...viewer, ...other })).toBeUndefined();
  });

  test("has what the stream is fetched for on demand, and waits for it", async () => {
    using theatre = new Theatre();
    const session = begin(theatre);
    expect(theatre.kinds("demandChanged")).toMatchObject([{ isWanted: true }]);
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 2_500 })]);
    expect((await session.whenReady).path).toBe(session.viewer.path);
    theatre.clock.advance(40_000);
    expect(theatre.kinds("demandChanged").at(-1)).toMatchObject({ isWanted: false });
  });

  test("of a stream that does not come fails, and no play was begun", async () => {
    using theatre = new Theatre();
    const session = begin(theatre);
    theatre.clock.advance(11_000);
    expect(session.whenReady).rejects.toMatchObject({ code: "STREAM_NOT_FOUND" });
    expect(theatre.kinds("playStarted")).toEqual([]);
  });

  test("lets a player read on to the end of a stream that is over", async () => {
    using theatre = new Theatre();
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 2_000 })]);
    const session = begin(theatre);
    theatre.play(publication, media({ fromMs: 2_000, toMs: 4_000 }));
    publication.end("client_stop");
    expect(session.isOver).toBe(true);
    const known = theatre.sessions.find(session.viewer)!;
    expect(await playlistOf(known.muxer!)).toContain("#EXT-X-ENDLIST");
    expect([...theatre.sessions]).toEqual([]);
    // Whoever begins anew waits for the next publisher.
    const next = begin(theatre);
    expect(next).not.toBe(session);
    theatre.publish();
    theatre.clock.advance(31_000);
    expect(theatre.sessions.find(session.viewer)).toBeUndefined();
  });

  test("goes on when the publisher comes back within its grace", async () => {
    using theatre = new Theatre();
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 2_000 })]);
    const session = begin(theatre);
    theatre.play(publication, media({ fromMs: 2_000, toMs: 4_000 }));
    publication.end("client_disconnect");
    theatre.clock.advance(4_000);
    session.beginRequest();
    session.endRequest(1);
    const again = theatre.publish();
    theatre.play(again, [...starting, ...media({ toMs: 3_000 })]);
    const text = await playlistOf(session.muxer!);
    expect(text).toContain("#EXT-X-DISCONTINUITY\n");
    expect(text).not.toContain("ENDLIST");
    expect(session.isOver).toBe(false);
  });

  test("counts among the connections, and among the readers that a path may have", () => {
    const inside: string[] = [];
    const limits = {
      enter: (ip: string) => {
        if (inside.length === 2)
          return { kind: "dropped", error: new RefusedError("TOO_MANY_CONNECTIONS", "two already") } as const;
        inside.push(ip);
        return { kind: "welcome" } as const;
      },
      leave: (ip: string) => void inside.splice(inside.indexOf(ip), 1),
    };
    using theatre = new Theatre({}, { limits, options: { maxReaders: 1 } });
    theatre.play(theatre.publish(), [...starting, ...media({ toMs: 1_000 })]);
    begin(theatre, theatre.viewer({ ip: "192.0.2.1" }));
    const second = theatre.viewer({ ip: "192.0.2.2" });
    expect(() => begin(theatre, second)).toThrow(expect.objectContaining({ code: "TOO_MANY_READERS" }));
    expect(inside).toEqual(["192.0.2.1"]);
    expect(theatre.kinds("requestRefused")).toMatchObject([{ code: "TOO_MANY_READERS", action: "play" }]);
    inside.push("192.0.2.9");
    expect(() => begin(theatre, second)).toThrow(expect.objectContaining({ code: "TOO_MANY_CONNECTIONS" }));
    theatre.clock.advance(32_000);
    expect(inside).toEqual(["192.0.2.9"]);
  });

  test("is found in any way it was let in, but not in any number of ways", () => {
    using theatre = new Theatre();
    theatre.play(theatre.publish(), [...starting, ...media({ toMs: 1_000 })]);
    const session = begin(theatre);
    for (let i = 0; i < 1_000; i++) expect(begin(theatre, theatre.viewer({ query: `x=${i}` }))).toBe(session);
    const found = Array.from({ length: 1_000 }, (_, i) =>
      theatre.sessions.find(theatre.viewer({ query: `x=${i}` })),
    );
    expect(found.filter((each) => each !== undefined).length).toBeLessThan(20);
    expect(theatre.sessions.size).toBe(1);
  });
});
