import { describe, expect, test } from "bun:test";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { takeOwnership } from "../../src/hooks/store/owner-lock.ts";
import { Receiver } from "../hooks/host-bench.ts";
import { temporaryDirectory } from "../hooks/store/stored-event.ts";
import { peerOf } from "../stream/peer.ts";
import { MonitoredServer } from "./monitored-server.ts";

const durable = (directory: string): string[] => [
  "--hook-delivery-guarantee",
  "at-least-once",
  "--hook-data-dir",
  directory,
];

describe("a server that cannot listen", () => {
  test("leaves nothing of its hooks behind", async () => {
    using directory = temporaryDirectory();
    await using other = new MonitoredServer();
    const taken = `127.0.0.1:${other.server.rtmpPort}`;
    const flags = [...durable(directory.path), "--hook-webhook", "*=http://127.0.0.1:9/"];
    expect(() => new MonitoredServer(...flags, "--listen", taken)).toThrow(taken);
    await other.until(() => {
      try {
        takeOwnership(directory.path).release();
        return true;
      } catch {
        return false;
      }
    }, "the right to the directory");
  });
});

describe("a server whose streams are no longer served over HTTP", () => {
  test("tells those who read FLV that it is for this that they are cut off", async () => {
    await using running = new MonitoredServer("--hls", "--hls-address", "127.0.0.1:0");
    const { server, events } = running;
    server.registry.publish(parseStreamPath("live/test"), {
      peer: peerOf("c000001", "127.0.0.1:1"),
      publishType: "live",
      evicted: () => undefined,
    });
    const end = new AbortController();
    const reading = fetch(`http://127.0.0.1:${server.hlsPort}/live/test.flv`, { signal: end.signal });
    const ended = reading.then((answer) => answer.arrayBuffer()).catch(() => undefined);
    await running.until(() => events.some(({ kind }) => kind === "playStarted"), "the play");
    await server.live.patchGlobal({ hls: false });
    await running.until(() => events.some(({ kind }) => kind === "playStopped"), "its end");
    const reasons = events.flatMap((event) => (event.kind === "playStopped" ? event.reason : []));
    expect(reasons).toEqual(["unconfigured"]);
    end.abort();
    await ended;
  });
});

describe("the end of a server", () => {
  test("is told to hooks before it comes, and their store is closed in good order", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const flags = [...durable(directory.path), "--hook-webhook", `*=${receiver.url("/hook")}`];
    for (const round of [1, 2]) {
      const running = new MonitoredServer(...flags);
      expect(await running.server.stop()).toBe(true);
      const types = receiver.posts.map(({ body }) => JSON.parse(body).type);
      expect([round, types]).toEqual([
        round,
        Array.from({ length: round }, () => ["server_start", "server_stop"]).flat(),
      ]);
    }
  });

  test("comes in time though a receiver never answers, and what it did not get is there the next time", async () => {
    using directory = temporaryDirectory();
    const got: string[] = [];
    let isDeaf = true;
    const receiver = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 60,
      fetch: async (request) => {
        if (isDeaf) return new Promise<Response>(() => undefined);
        got.push(JSON.parse(await request.text()).type);
        return new Response();
      },
    });
    const hook = `*=http://127.0.0.1:${receiver.port}/`;
    const flags = [...durable(directory.path), "--hook-drain-timeout", "200ms", "--hook-webhook", hook];
    const running = new MonitoredServer(...flags);
    await running.until(() => receiver.pendingRequests > 0, "the first request");
    const startedAt = performance.now();
    await running.server.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(running.lines.some(({ message }) => message.startsWith("hooks were still running"))).toBe(true);

    isDeaf = false;
    {
      await using next = new MonitoredServer(...flags);
      await next.until(() => got.length >= 3, "what was left, and what is new");
      expect(got.toSorted()).toEqual(["server_start", "server_start", "server_stop"]);
      expect(next.events.some(({ kind }) => kind === "serverRecovered")).toBe(false);
    }
    await receiver.stop(true);
  });
});
