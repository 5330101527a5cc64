import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { parseStreamPath } from "../../../src/base/stream-path.ts";
import { systemClock } from "../../../src/base/time.ts";
import { FlvSessions } from "../../../src/flv/io/sessions.ts";
import { FlvReader } from "../../../src/flv/reader.ts";
import { flvHandler } from "../../../src/http/watch/flv.ts";
import { watchResource } from "../../../src/http/watch/front.ts";
import { type Access, type AdmissionRequest, openAccess } from "../../../src/stream/admission.ts";
import { EventHub } from "../../../src/stream/event.ts";
import type { Publication } from "../../../src/stream/publication.ts";
import { Registry } from "../../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../../src/stream/stream-options.ts";
import { opening, send } from "../../stream/house.ts";
import { peerOf } from "../../stream/peer.ts";
import { Serving } from "../serving.ts";

/** A port that serves streams as FLV, with a stream that a test moves. */
class Station implements AsyncDisposable {
  readonly kinds: string[] = [];
  readonly registry: Registry;
  readonly sessions: FlvSessions;
  readonly serving: Serving;

  constructor({ access = openAccess, origins = ["*"], queueBytes = 1_000_000 } = {}) {
    const events = new EventHub();
    events.listen((event) => {
      this.kinds.push("reason" in event ? `${event.kind} ${event.reason}` : event.kind);
    });
    const options = { ...defaultStreamOptions, isLowLatency: true, playWaitMs: 300 };
    const rules = { optionsOf: () => options, maxPublishers: 0 };
    this.registry = new Registry({ rules, clock: systemClock, events });
    this.sessions = new FlvSessions({
      options: {
        readerQueue: { maxBytes: queueBytes, maxMs: 60_000 },
        isLowLatency: true,
        stallTimeoutMs: 1_500,
      },
      ...{ registry: this.registry, events, clock: systemClock, log: silentLogger },
    });
    const { sessions, registry } = this;
    const page = (): Response => new Response("page");
    const resource = watchResource({ page, flv: flvHandler({ sessions, registry }) });
    this.serving = new Serving([resource], silentLogger, {
      access: { access },
      cors: { origins, methods: ["GET"], headers: [] },
    });
  }

  publish(): Publication {
    const request = { peer: peerOf("c1", "127.0.0.1:1"), publishType: "live", evicted: () => undefined };
    return this.registry.publish(parseStreamPath("live/a"), request);
  }

  get(path: string, init?: RequestInit): Promise<Response> {
    return this.serving.get(path, init);
  }

  socket(path: string, headers: Record<string, string> = {}): Viewer {
    return new Viewer(this.serving.url(path).replace("http", "ws"), headers);
  }

  async until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error(`not so; events: ${this.kinds.join(", ")}`);
      await Bun.sleep(5);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sessions.close();
    await this.serving[Symbol.asyncDispose]();
  }
}

/** A WebSocket that keeps what it gets. */
class Viewer {
  readonly parts: Uint8Array[] = [];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;

  constructor(url: string, headers: Record<string, string>) {
    this.socket = new WebSocket(url, { headers });
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("message", ({ data }) =>
      this.parts.push(new Uint8Array(data as ArrayBuffer)),
    );
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener("close", ({ code }) => resolve(code));
    });
  }

  get tags(): string[] {
    return tagsOf(joinBytes([...this.parts, new Uint8Array()]));
  }
}

const tagsOf = (bytes: Uint8Array): string[] => {
  if (bytes.length < 13) return [];
  const reader = new FlvReader();
  reader.receive(bytes);
  const tags: string[] = [];
  for (let tag = reader.next(); tag; tag = reader.next()) tags.push(`${tag.type} ${tag.timestamp}`);
  return tags;
};

const first = ["18 0", "9 0", "8 0", "9 0", "8 10", "9 33"];

describe("PATH.flv", () => {
  test("is the stream over HTTP, until it ends", async () => {
    await using station = new Station();
    const publication = station.publish();
    send(publication, ...opening());
    const response = await station.get("/live/a.flv?token=x");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "video/x-flv",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "access-control-allow-origin": "*",
    });
    send(publication, { time: 66 });
    publication.end("client_stop");
    expect(tagsOf(await response.bytes())).toEqual([...first, "9 66"]);
    expect(station.kinds).toContain("playStopped unpublished");
    expect(station.sessions.size).toBe(0);
  });

  test("is the same over a WebSocket, which then closes in order", async () => {
    await using station = new Station();
    const publication = station.publish();
    send(publication, ...opening());
    const viewer = station.socket("/live/a.flv");
    await station.until(() => viewer.tags.length === first.length);
    send(publication, { time: 66 });
    publication.end("client_stop");
    expect(await viewer.closed).toBe(1000);
    expect(viewer.tags).toEqual([...first, "9 66"]);
    expect(station.sessions.size).toBe(0);
  });

  test("is more than fits into one piece, whole", async () => {
    await using station = new Station({ queueBytes: 20_000_000 });
    const publication = station.publish();
    send(publication, { role: "config" }, { kind: "audio", role: "config" });
    send(publication, { role: "key", size: 3_000_000, fill: 7 });
    const viewer = station.socket("/live/a.flv");
    const response = await station.get("/live/a.flv");
    await station.until(() => viewer.tags.length === 3);
    publication.end("client_stop");
    const bytes = await response.bytes();
    expect(tagsOf(bytes)).toEqual(["9 0", "8 0", "9 0"]);
    expect(bytes.subarray(-3_000_004, -4).every((byte) => byte === 7)).toBe(true);
  });

  test("waits a moment for a stream that nobody publishes, and is not found then", async () => {
    await using station = new Station();
    const asked = station.get("/live/a.flv");
    const viewer = station.socket("/live/a.flv");
    await station.until(() => station.sessions.size === 2);
    const publication = station.publish();
    send(publication, ...opening());
    publication.end("client_stop");
    expect((await asked).status).toBe(200);
    await viewer.closed;
    expect(viewer.tags).toEqual(first);
    const missing = await station.get("/live/b.flv");
    expect([missing.status, await missing.json()]).toEqual([
      404,
      { status: "error", error: "stream live/b was not published in time" },
    ]);
  });

  test("says at once whether there is something, to whoever asks HEAD", async () => {
    await using station = new Station();
    expect((await station.get("/live/a.flv", { method: "HEAD" })).status).toBe(404);
    station.publish();
    const { status, headers } = await station.get("/live/a.flv", { method: "HEAD" });
    expect([status, headers.get("Content-Type")]).toEqual([200, "video/x-flv"]);
    expect(station.sessions.size).toBe(0);
  });

  test("is for those who may read the stream, by header or by query", async () => {
    const asked: AdmissionRequest[] = [];
    const access: Access = {
      decide: (request) => {
        asked.push(request);
        if (request.credentials.password === "right") return { isAllowed: true, user: "ann" };
        return { isAllowed: false, reason: "missing", message: "nothing shown", delayMs: 0 };
      },
    };
    await using station = new Station({ access });
    const publication = station.publish();
    send(publication, ...opening());
    expect((await station.get("/live/a.flv")).status).toBe(401);
    expect(await station.socket("/live/a.flv").closed).not.toBe(1000);
    expect(asked[0]).toMatchObject({ action: "read", path: "live/a", protocol: "flv", ip: "127.0.0.1" });
    const authorization = `Basic ${Buffer.from("ann:right").toString("base64")}`;
    const viewer = station.socket("/live/a.flv", { Authorization: authorization });
    const response = await station.get("/live/a.flv?user=ann&pass=right");
    await station.until(() => viewer.tags.length > 0);
    expect([...station.sessions.all].map(({ view }) => view.user)).toEqual(["ann", "ann"]);
    publication.end("client_stop");
    expect(tagsOf(await response.bytes())).toEqual(first);
  });

  test("over a WebSocket is not for pages of strangers where pages may not read", async () => {
    await using station = new Station({ origins: ["https://a.example"] });
    station.publish();
    const strange = station.socket("/live/a.flv", { Origin: "https://b.example" });
    expect(await strange.closed).not.toBe(1000);
    expect(station.sessions.size).toBe(0);
    for (const origin of ["https://a.example", station.serving.url("")]) {
      const viewer = station.socket("/live/a.flv", { Origin: origin });
      await station.until(() => viewer.socket.readyState === WebSocket.OPEN);
    }
  });

  test("of a name that cannot be is refused", async () => {
    await using station = new Station();
    for (const name of ["/a%00b.flv", "/.flv", "/a/%2e%2e%2fb.flv", "/a%5cb.flv"])
      expect((await station.get(name)).status, name).toBe(400);
  });

  test("notices readers who leave, and cuts off those who take nothing", async () => {
    await using station = new Station();
    const publication = station.publish();
    send(publication, { role: "config" }, { kind: "audio", role: "config" }, { role: "key" });
    const viewer = station.socket("/live/a.flv");
    const leaving = new AbortController();
    const response = await station.get("/live/a.flv", { signal: leaving.signal });
    await station.until(() => station.sessions.size === 2 && viewer.tags.length > 0);
    viewer.socket.close();
    leaving.abort();
    await response.bytes().catch(() => undefined);
    await station.until(() => station.sessions.size === 0);
    const stuck = [await stuckClient(station, ""), await stuckClient(station, webSocketFields)];
    await station.until(() => station.sessions.size === 2);
    // More than the kernel keeps for anybody.
    for (let time = 1; time < 40; time++) send(publication, { role: "key", time, size: 500_000 });
    await station.until(() => station.sessions.size === 0);
    expect(station.kinds.filter((kind) => kind.startsWith("playStopped"))).toEqual([
      "playStopped client_disconnect",
      "playStopped client_disconnect",
      "playStopped stalled",
      "playStopped stalled",
    ]);
    await Promise.all(stuck.map((client) => client.readToEnd()));
  });
});

const webSocketFields = [
  ...["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"],
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
]
  .map((field) => `${field}\r\n`)
  .join("");

/** Asks for the stream and then reads nothing, until it reads to the end of what there is. */
const stuckClient = async (
  { serving }: Station,
  fields: string,
): Promise<{ readToEnd: () => Promise<void> }> => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let isStuck = true;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: serving.server.port,
    socket: {
      data: (own) => void (isStuck && own.pause()),
      close: () => resolve(),
      error: () => undefined,
    },
  });
  socket.write(`GET /live/a.flv HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
  return {
    readToEnd: () => {
      isStuck = false;
      socket.resume();
      return closed;
    },
  };
};
