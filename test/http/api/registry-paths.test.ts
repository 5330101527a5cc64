import { describe, expect, test } from "bun:test";
import { formatRfc3339 } from "../../../src/base/rfc3339.ts";
import { parseStreamPath } from "../../../src/base/stream-path.ts";
import { idlePathObject } from "../../../src/http/api/path-object.ts";
import { RegistryPaths } from "../../../src/http/api/registry-paths.ts";
import type { PeerKind } from "../../../src/stream/event.ts";
import type { StreamOptions } from "../../../src/stream/stream-options.ts";
import { House, opening, send, Viewer } from "../../stream/house.ts";

const setUp = (configured: readonly string[] = [], options: Partial<StreamOptions> = {}) => {
  const house = new House(options);
  const paths = new RegistryPaths({ registry: house.registry, configured: new Set(configured) });
  return { house, paths };
};

/** A player of a kind, with an id. */
const viewer = (kind: PeerKind, id: string): Viewer =>
  Object.assign(new Viewer(), { peer: { connId: id, remote: "", kind, id } });

const publisherId = "6f1b2c3d-0000-4000-8000-000000000001";

describe("the paths there are", () => {
  test("are those that are configured by name and those of streams, each once, in order", () => {
    const { house, paths } = setUp(["live/z", "live/a"]);
    expect(paths.names()).toEqual(["live/a", "live/z"]);
    house.publish();
    house.publish(parseStreamPath("live/B"));
    expect(paths.names()).toEqual(["live/B", "live/a", "live/z"]);
  });

  test("are idle where they are only configured", () => {
    const { paths } = setUp(["live/z"]);
    expect(paths.find("live/z")).toEqual(idlePathObject("live/z", "live/z"));
    expect([paths.find("live/y"), paths.find(""), paths.find("live/\u0001"), paths.kick("live/z")]).toEqual([
      undefined,
      undefined,
      undefined,
      false,
    ]);
  });

  test("have a publisher at once, and are ready when the tracks are known", () => {
    const { house, paths } = setUp([], { confName: "~^live/(.+)$" });
    const publication = house.publish();
    const fresh = {
      ...idlePathObject("live/a", "~^live/(.+)$"),
      source: { type: "rtmpConn", id: publisherId },
    };
    expect(paths.find("live/a")).toEqual(fresh);
    send(publication, { role: "config" }, { role: "key", size: 100 });
    expect(paths.find("live/a")).toEqual(fresh);

    send(publication, { kind: "audio", role: "config" });
    const since = formatRfc3339(house.clock.date());
    house.clock.advance(60_000);
    const bytes = 10 + 100 + 10;
    expect(paths.find("live/a")).toEqual({
      ...fresh,
      ready: true,
      readyTime: since,
      available: true,
      availableTime: since,
      online: true,
      onlineTime: since,
      tracks: ["H264", "MPEG-4 Audio"],
      tracks2: [
        { codec: "H264", codecProps: { width: 0, height: 0, profile: "", level: "" } },
        { codec: "MPEG-4 Audio", codecProps: { sampleRate: 0, channelCount: 0 } },
      ],
      inboundBytes: bytes,
      bytesReceived: bytes,
    });
  });

  test("show video before audio, whichever came first", () => {
    const { house, paths } = setUp();
    send(house.publish(), { kind: "audio", role: "config" }, { role: "config" });
    expect(paths.find("live/a")?.tracks).toEqual(["H264", "MPEG-4 Audio"]);
  });

  test("show readers by type, then by id, and what was handed to them", () => {
    const { house, paths } = setUp();
    const publication = house.publish();
    send(publication, ...opening());
    expect(paths.find("live/a")).toMatchObject({ readers: [], outboundBytes: 0 });
    const readers = [viewer("rtmpConn", "b"), viewer("rtspSession", "a"), viewer("rtmpConn", "a")];
    for (const reader of readers) house.registry.subscribe(house.path, reader);
    const started = paths.find("live/a");
    expect(started?.readers).toEqual([
      { type: "rtmpConn", id: "a" },
      { type: "rtmpConn", id: "b" },
      { type: "rtspSession", id: "a" },
    ]);
    send(publication, { time: 66, size: 100 });
    const later = paths.find("live/a");
    expect(later!.outboundBytes - started!.outboundBytes).toBe(300);
    expect(later!.bytesSent).toBe(later!.outboundBytes);
    house.registry.find(house.path)?.unsubscribe(readers[0]!);
    expect(paths.find("live/a")?.readers).toHaveLength(2);
  });

  test("count anew, and have no source, while a publisher is awaited that may come back", () => {
    const { house, paths } = setUp();
    const publication = house.publish();
    send(publication, ...opening());
    house.registry.subscribe(house.path, viewer("rtmpConn", "a"));
    publication.end("client_disconnect");
    expect(paths.find("live/a")).toEqual({
      ...idlePathObject("live/a", "all_others"),
      readers: [{ type: "rtmpConn", id: "a" }],
    });
    house.clock.advance(5_001);
    expect([paths.find("live/a"), paths.names()]).toEqual([undefined, []]);
  });

  test("lose their publisher when it is kicked", () => {
    const { house, paths } = setUp();
    house.publish();
    house.events.splice(0);
    expect(paths.kick("live/a")).toBe(true);
    expect(house.kinds()).toContain("publishStopped kicked");
    expect(paths.kick("live/a")).toBe(false);
  });
});
