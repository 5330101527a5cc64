import { describe, expect, test } from "bun:test";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { peerOf } from "../stream/peer.ts";
import { MonitoredServer } from "./monitored-server.ts";

const open = (...flags: string[]): MonitoredServer =>
  new MonitoredServer(
    "--api",
    "--api-address",
    "127.0.0.1:0",
    "--hls",
    "--hls-address",
    "127.0.0.1:0",
    ...flags,
  );

const ask = ({ server }: MonitoredServer, path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.apiPort}${path}`, init);

const change = async (running: MonitoredServer, body: unknown): Promise<void> => {
  const { status } = await ask(running, "/v3/config/global/patch", {
    method: "PATCH",
    body: JSON.stringify(body),
  });
  expect(status).toBe(200);
};

describe("the dashboard", () => {
  test("is for everybody, and what it shows is not", async () => {
    await using running = open();
    const admin = { user: "admin", pass: "secret", permissions: [{ action: "api" }] };
    await change(running, { authInternalUsers: [admin] });
    const page = await ask(running, "/");
    expect([page.status, page.headers.get("Content-Type")]).toEqual([200, "text/html;charset=utf-8"]);
    const [, script] = /src="([^"]+)"/.exec(await page.text()) ?? [];
    expect((await ask(running, script!)).status).toBe(200);
    for (const path of ["/v3/live", "/v3/ports", "/v3/alerts/list", "/nothing"])
      expect([path, (await ask(running, path)).status]).toEqual([path, 401]);
    const headers = { Authorization: `Basic ${btoa("admin:secret")}` };
    expect((await ask(running, "/v3/ports", { headers })).status).toBe(200);
  });

  test("may hold players and recordings of this server, and be held by nobody", async () => {
    await using running = open("--playback", "--playback-address", "127.0.0.1:0");
    const { server } = running;
    const policy = (await ask(running, "/")).headers.get("Content-Security-Policy");
    expect(policy?.split("; ")).toEqual([
      "default-src 'self'",
      "img-src 'self' blob: data:",
      `frame-src *:${server.hlsPort}`,
      `media-src *:${server.playbackPort}`,
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(await (await ask(running, "/v3/ports")).json()).toEqual({
      rtmp: server.rtmpPort,
      rtmps: null,
      rtsp: null,
      rtsps: null,
      hls: { scheme: "http", port: server.hlsPort! },
      playback: { scheme: "http", port: server.playbackPort! },
    });
  });

  test("counts everybody who is listed as connected, those who watch by HLS too", async () => {
    await using running = open();
    const { server, events } = running;
    server.registry.publish(parseStreamPath("live/test"), {
      peer: peerOf("c000001", "127.0.0.1:1"),
      publishType: "live",
      evicted: () => undefined,
    });
    const end = new AbortController();
    const watching = fetch(`http://127.0.0.1:${server.hlsPort}/live/test/index.m3u8`, { signal: end.signal });
    const ended = watching.catch(() => undefined);
    await running.until(() => events.some(({ kind }) => kind === "playStarted"), "the viewer");
    const { body } = await ask(running, "/v3/live");
    const { value } = await (body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().next();
    expect(new TextDecoder().decode(value)).toContain('"connections":1,');
    end.abort();
    await ended;
  });

  test("stays connected over changes that do not concern it, and not where others may look", async () => {
    await using running = open();
    const response = await ask(running, "/v3/live");
    const messages = (response.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    const isOver = async (): Promise<boolean> => (await messages.next()).done === true;
    expect(await isOver()).toBe(false);
    await change(running, { logLevel: "warn" });
    expect(await isOver()).toBe(false);
    await change(running, {
      authInternalUsers: [{ user: "any", permissions: [{ action: "api" }, { action: "publish" }] }],
    });
    let count = 0;
    while (!(await isOver())) expect(++count).toBeLessThan(5);
  });
});
