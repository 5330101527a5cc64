import { describe, expect, test } from "bun:test";
import { formatRfc3339 } from "../../../src/base/rfc3339.ts";
import { idlePathObject } from "../../../src/http/api/path-object.ts";
import type { Access } from "../../../src/stream/admission.ts";
import { exchange } from "../serving.ts";
import { ApiServing, expectOk, failure } from "./api-serving.ts";
import { fakePorts, firstId, forward, livePath, secondId } from "./fake-ports.ts";

const missing = "6f1b2c3d-0000-4000-8000-00000000000f";

const setUp = () => {
  const fake = fakePorts();
  return { ...fake, api: new ApiServing(fake.ports) };
};

const epoch = formatRfc3339(new Date(0));

const connObject = (id: string) => ({
  id,
  created: epoch,
  remoteAddr: "203.0.113.5:51312",
  state: "publish",
  path: "live/cam1",
  query: "user=u&pass=***",
  user: "u",
  userAgent: "FMLE/3.0 (compatible; FMSc/1.0)",
  inboundBytes: 1000,
  outboundBytes: 3413,
  outboundFramesDiscarded: 0,
  bytesReceived: 1000,
  bytesSent: 3413,
});

const flvConnObject = (id: string) => ({
  id,
  created: epoch,
  remoteAddr: "203.0.113.5:51314",
  transport: "websocket",
  state: "read",
  path: "live/cam1",
  query: "token=***",
  user: "u",
  userAgent: "Mozilla/5.0",
  outboundBytes: 4000,
  outboundFramesDiscarded: 3,
});

const hlsMuxerObject = {
  path: "live/cam1",
  created: epoch,
  lastRequest: "1970-01-01T00:00:01Z",
  outboundBytes: 9000,
  outboundFramesDiscarded: 0,
  bytesSent: 9000,
};

const hlsSessionObject = (id: string) => ({
  id,
  created: epoch,
  remoteAddr: "203.0.113.5:51315",
  path: "live/cam1",
  query: "token=***",
  user: "u",
  userAgent: "Mozilla/5.0",
  isCDN: false,
  outboundBytes: 5000,
});

const rtspConnObject = (id: string, session: string | null) => ({
  id,
  created: epoch,
  remoteAddr: "203.0.113.5:51313",
  session,
  tunnel: "none",
  inboundBytes: 2000,
  outboundBytes: 500,
  bytesReceived: 2000,
  bytesSent: 500,
});

const rtspSessionObject = (id: string, conn: string, changes = {}) => ({
  id,
  created: epoch,
  remoteAddr: "203.0.113.5:51313",
  state: "publish",
  path: "live/cam2",
  query: "token=***&a=b",
  user: "u",
  userAgent: "Lavf60",
  transport: "UDP",
  profile: "AVP",
  conns: [conn],
  inboundBytes: 1,
  inboundRTPPackets: 2,
  inboundRTPPacketsLost: 3,
  inboundRTPPacketsInError: 4,
  inboundRTPPacketsJitter: 5.5,
  inboundRTCPPackets: 6,
  inboundRTCPPacketsInError: 7,
  outboundBytes: 8,
  outboundRTPPackets: 9,
  outboundRTPPacketsReportedLost: 10,
  outboundRTPPacketsDiscarded: 11,
  outboundRTCPPackets: 12,
  bytesReceived: 1,
  bytesSent: 8,
  rtpPacketsReceived: 2,
  rtpPacketsSent: 9,
  rtpPacketsLost: 3,
  rtpPacketsInError: 4,
  rtpPacketsJitter: 5.5,
  rtcpPacketsReceived: 6,
  rtcpPacketsSent: 12,
  rtcpPacketsInError: 7,
  ...changes,
});

const freshRtspSessionObject = rtspSessionObject(secondId, firstId, {
  state: "idle",
  path: "",
  query: "",
  user: "",
  transport: null,
  profile: null,
});

const forwardObject = { ...forward, created: epoch };

const pageOf = (...items: readonly unknown[]) => ({ itemCount: items.length, pageCount: 1, items });

const idle = idlePathObject("a&<b>", "a&<b>");

/** What is asked, and what is answered with 200. */
const shown: readonly { line: string; body: unknown }[] = [
  { line: "GET /v3/info", body: { version: "v1.2.3", started: epoch } },
  {
    line: "GET /v3/config/global/get",
    body: { logLevel: "info", authInternalUsers: [{ user: "a", pass: "<redacted>" }] },
  },
  { line: "GET /v3/config/pathdefaults/get", body: { name: "", source: "publisher" } },
  {
    line: "GET /v3/config/paths/list",
    body: pageOf(
      ...["all_others", "live/cam1", "~^live/(.+)$"].map((name) => ({ name, source: "publisher" })),
    ),
  },
  { line: "GET /v3/config/paths/get/live/cam1", body: { name: "live/cam1", source: "publisher" } },
  { line: "GET /v3/config/paths/get/live%2Fcam1", body: { name: "live/cam1", source: "publisher" } },
  {
    line: "GET /v3/config/paths/get/~%5Elive%2F%28.%2B%29%24",
    body: { name: "~^live/(.+)$", source: "publisher" },
  },
  { line: "GET /v3/config/paths/get/all_others", body: { name: "all_others", source: "publisher" } },
  { line: "GET /v3/paths/list", body: pageOf(idle, livePath) },
  { line: "GET /v3/paths/get/live/cam1", body: livePath },
  { line: "GET /v3/paths/get/live%2Fcam1", body: livePath },
  { line: "GET /v3/paths/get/live%2fcam1?x=y", body: livePath },
  { line: "GET /v3/paths/get/a%26%3Cb%3E", body: idle },
  { line: "GET /v3/paths/forward/list?path=live/cam1", body: pageOf(forwardObject) },
  { line: "GET /v3/paths/forward/list?path=live%2Fcam1", body: pageOf(forwardObject) },
  { line: `GET /v3/paths/forward/get?path=live/cam1&id=${firstId}`, body: forwardObject },
  { line: "GET /v3/rtmpconns/list", body: pageOf(connObject(firstId), connObject(secondId)) },
  { line: `GET /v3/rtmpconns/get/${firstId}`, body: connObject(firstId) },
  { line: `GET /v3/rtmpconns/get/urn:uuid:${firstId}`, body: connObject(firstId) },
  { line: `GET /v3/rtmpconns/get/%7B${firstId.toUpperCase()}%7D`, body: connObject(firstId) },
  { line: `GET /v3/rtmpconns/get/${firstId.replaceAll("-", "")}`, body: connObject(firstId) },
  { line: "GET /v3/rtmpsconns/list", body: pageOf(connObject(secondId)) },
  { line: `GET /v3/rtmpsconns/get/${secondId}`, body: connObject(secondId) },
  { line: "GET /v3/hlsmuxers/list", body: pageOf(hlsMuxerObject) },
  { line: "GET /v3/hlsmuxers/get/live/cam1", body: hlsMuxerObject },
  { line: "GET /v3/hlssessions/list", body: pageOf(hlsSessionObject(firstId), hlsSessionObject(secondId)) },
  { line: `GET /v3/hlssessions/get/${firstId}`, body: hlsSessionObject(firstId) },
  { line: "GET /v3/flvconns/list", body: pageOf(flvConnObject(firstId), flvConnObject(secondId)) },
  { line: `GET /v3/flvconns/get/${firstId}`, body: flvConnObject(firstId) },
  {
    line: "GET /v3/rtspconns/list",
    body: pageOf(rtspConnObject(firstId, secondId), rtspConnObject(secondId, null)),
  },
  { line: `GET /v3/rtspconns/get/${secondId}`, body: rtspConnObject(secondId, null) },
  {
    line: "GET /v3/rtspsessions/list",
    body: pageOf(rtspSessionObject(firstId, secondId), rtspSessionObject(secondId, firstId)),
  },
  { line: `GET /v3/rtspsessions/get/${firstId}`, body: rtspSessionObject(firstId, secondId) },
  { line: "GET /v3/rtspsconns/list", body: pageOf(rtspConnObject(secondId, firstId)) },
  { line: `GET /v3/rtspsconns/get/${secondId}`, body: rtspConnObject(secondId, firstId) },
  { line: "GET /v3/rtspssessions/list", body: pageOf(freshRtspSessionObject) },
  { line: `GET /v3/rtspssessions/get/${secondId}`, body: freshRtspSessionObject },
  {
    line: "GET /v3/recordings/list",
    body: pageOf({ name: "live/cam1", segments: [{ start: "2026-08-22T10:00:00.123456+02:00" }] }),
  },
  {
    line: "GET /v3/recordings/get/live/cam1",
    body: { name: "live/cam1", segments: [{ start: "2026-08-22T10:00:00.123456+02:00" }] },
  },
  { line: "GET /v3/recordings/get/live%2Fnone", body: { name: "live/none", segments: [] } },
  {
    line: "GET /v3/relays/list",
    body: pageOf({
      path: "live/cam1",
      target: "rtmp://elsewhere/live/***",
      state: "error",
      since: "2026-08-22T10:00:00Z",
      lastError: "connection refused",
      outboundBytes: 0,
    }),
  },
  {
    line: "GET /v3/forwards/list",
    body: pageOf({
      path: "live/cam1",
      target: "rtmp://elsewhere/live/***",
      state: "forwarding",
      since: "2026-08-22T10:00:00Z",
      lastError: "",
      outboundBytes: 0,
    }),
  },
  {
    line: "GET /v3/hooks/status",
    body: {
      status: "degraded",
      reasons: ["hook notify is failing"],
      activeHooks: 1,
      failedDeliveries: 2,
      lastEventTime: formatRfc3339(new Date(1_790_000_000_250)),
      hooks: [
        {
          ...{ id: "notify", type: "webhook", breaker: "open", backlog: 3, oldestSeconds: 1.5 },
          ...{ delivered: 7, failed: 2, dead: 1, lastError: "status 500" },
        },
      ],
      store: { isWritable: true, isNearlyFull: false },
    },
  },
  {
    line: "GET /v3/config/status",
    body: {
      file: "/etc/mediamtx.yml",
      persistFile: "",
      appliedTime: "2026-08-22T10:00:00Z",
      lastReloadTime: null,
      lastError: "",
      reloads: 0,
      failedReloads: 0,
      paths: 2,
    },
  },
  {
    line: "GET /v3/alerts/list",
    body: pageOf({
      number: 7,
      time: "2026-08-22T10:00:00.000Z",
      level: "warn",
      kind: "qualityAlert",
      path: "live/cam1",
      message: "bitrate is low",
      details: { value: "40" },
    }),
  },
  {
    line: "GET /v3/hooks/deadletters/list?hook=notify&type=publish_start&path=live%2Fcam1&page=2",
    body: {
      itemCount: 201,
      pageCount: 3,
      items: [
        {
          id: 4,
          eventId: "evt_1",
          type: "publish_start",
          path: "live/cam1",
          hook: "notify",
          reason: "retries_exhausted",
          attempts: 5,
          time: "2026-08-22T10:00:00Z",
          givenUp: "2026-08-22T10:05:00Z",
          lastError: "status 500",
        },
      ],
    },
  },
  {
    line: "GET /v3/recordings/overview",
    body: pageOf({
      name: "live/cam1",
      segments: 1,
      first: "2026-08-22T10:00:00.123456+02:00",
      last: "2026-08-22T10:00:00.123456+02:00",
    }),
  },
  {
    line: "GET /v3/recordings/playable/live/cam1",
    body: pageOf({ start: "2026-08-22T10:00:00.5+02:00", duration: 12.5, location: "/get?ticket=x" }),
  },
  {
    line: "GET /v3/ports",
    body: {
      rtmp: 1935,
      rtmps: null,
      rtsp: 8554,
      rtsps: null,
      hls: { scheme: "https", port: 8888 },
      playback: null,
    },
  },
];

/** What is asked, with which body, and what the port is told. */
const done: readonly { line: string; body?: unknown; call?: readonly unknown[] }[] = [
  { line: "POST /v3/auth/jwks/refresh", call: ["refreshJwks"] },
  { line: "PATCH /v3/config/global/patch", body: { a: 1 }, call: ["patchGlobal", { a: 1 }] },
  { line: "PATCH /v3/config/pathdefaults/patch", body: {}, call: ["patchPathDefaults", {}] },
  { line: "POST /v3/config/paths/add/live/new", body: { a: 1 }, call: ["addPath", "live/new", { a: 1 }] },
  { line: "PATCH /v3/config/paths/patch/live%2Fcam1", body: {}, call: ["patchPath", "live/cam1", {}] },
  {
    line: "PATCH /v3/config/paths/patch/~%5Elive%2F%28.%2B%29%24",
    body: {},
    call: ["patchPath", "~^live/(.+)$", {}],
  },
  { line: "POST /v3/config/paths/replace/live/new", body: {}, call: ["replacePath", "live/new", {}] },
  { line: "DELETE /v3/config/paths/delete/live%2Fcam1", call: ["deletePath", "live/cam1"] },
  { line: "POST /v3/config/reload", call: ["reload"] },
  { line: "POST /v3/paths/kick/live/cam1" },
  { line: "POST /v3/paths/record/start/live/cam1", call: ["setRecording", "live/cam1", true] },
  { line: "POST /v3/paths/record/stop/live%2Fcam1", call: ["setRecording", "live/cam1", false] },
  { line: "POST /v3/hooks/resume/notify" },
  { line: "POST /v3/hooks/deadletters/replay/4", call: ["replay", { id: "4" }] },
  {
    line: "DELETE /v3/recordings/deletesegment?path=live%2Fcam1&start=2026-08-22T10%3A00%3A00.1%2B02%3A00",
    call: ["deleteSegment", "live/cam1", "2026-08-22T10:00:00.1+02:00"],
  },
  {
    line: "DELETE /v3/recordings/deletesegment?path=live/cam1&start=2026-08-22T10:00:00.1+02:00",
    call: ["deleteSegment", "live/cam1", "2026-08-22T10:00:00.1+02:00"],
  },
];

const refused: readonly { line: string; body?: unknown; status: number; error: string | RegExp }[] = [
  { line: "GET /v3/paths/get/live/cam2", status: 404, error: "path not found" },
  { line: "GET /v3/paths/get/live/cam1/", status: 404, error: "path not found" },
  { line: "GET /v3/paths/get/", status: 400, error: "invalid name" },
  { line: "POST /v3/paths/kick/a%26%3Cb%3E", status: 404, error: "path not found, or nobody publishes it" },
  {
    line: "GET /v3/paths/thumbnail/a%26%3Cb%3E",
    status: 404,
    error: 'nobody publishes stream "a&<b>"',
  },
  { line: "POST /v3/hooks/deadletters/replay/99", status: 404, error: "dead letter not found" },
  { line: "POST /v3/hooks/deadletters/replay/", status: 400, error: "invalid name" },
  { line: "GET /v3/hooks/deadletters/list?page=x", status: 400, error: /page "x"/ },
  { line: "GET /v3/recordings/playable/nope", status: 400, error: "path 'nope' is not configured" },
  { line: "GET /v3/recordings/playable/a%2F..%2Fx", status: 400, error: /^stream name "a\/\.\.\/x" refused/ },
  { line: "GET /v3/paths/thumbnail/", status: 400, error: "invalid name" },
  ...["15", "1921", "-1", "wide", "3e2", "320.5"].map((width) => ({
    line: `GET /v3/paths/thumbnail/live/cam1?width=${width}`,
    status: 400,
    error: `width "${width}", expected a whole number from 16 to 1920`,
  })),
  { line: "GET /v3/paths/list?itemsPerPage=0", status: 400, error: "invalid items per page" },
  { line: "GET /v3/paths/list?itemsPerPage=-1", status: 400, error: /itemsPerPage "-1"/ },
  { line: "GET /v3/paths/list?itemsPerPage=x", status: 400, error: /itemsPerPage "x"/ },
  { line: "GET /v3/rtmpconns/list?page=-1", status: 400, error: /page "-1"/ },
  { line: "GET /v3/rtmpconns/list?page=1.5", status: 400, error: /page "1.5"/ },
  { line: "GET /v3/config/paths/list?page=2147483648", status: 400, error: /page "2147483648"/ },
  { line: "GET /v3/recordings/list?page=1e3", status: 400, error: /page "1e3"/ },
  { line: "GET /v3/config/paths/get/nope", status: 404, error: "path configuration not found" },
  { line: "GET /v3/config/paths/get/", status: 400, error: "invalid name" },
  { line: "POST /v3/config/paths/add/live/cam1", body: {}, status: 400, error: "path already exists" },
  { line: "POST /v3/config/paths/add/x", body: "", status: 400, error: /^no body/ },
  { line: "POST /v3/config/paths/add/x", body: "{", status: 400, error: /^body is no JSON/ },
  { line: "POST /v3/config/paths/add/x", body: "[]", status: 400, error: /^body is no JSON object/ },
  { line: "POST /v3/config/paths/add/x", body: "null", status: 400, error: /^body is no JSON object/ },
  {
    line: "POST /v3/config/paths/add/x",
    body: { nope: 1 },
    status: 400,
    error: 'json: unknown field "nope"',
  },
  { line: "PATCH /v3/config/paths/patch/nope", body: {}, status: 404, error: "path not found" },
  { line: "PATCH /v3/config/global/patch", status: 400, error: /^no body/ },
  {
    line: "PATCH /v3/config/global/patch",
    body: { nope: 1 },
    status: 400,
    error: 'json: unknown field "nope"',
  },
  { line: "PATCH /v3/config/pathdefaults/patch", body: "1", status: 400, error: /^body is no JSON object/ },
  { line: "DELETE /v3/config/paths/delete/nope", status: 404, error: "path not found" },
  { line: "GET /v3/paths/forward/list?path=nope", status: 404, error: "path not found" },
  {
    line: `GET /v3/paths/forward/get?path=a%26%3Cb%3E&id=${firstId}`,
    status: 404,
    error: "forward destination not found",
  },
  { line: "GET /v3/paths/forward/list", status: 400, error: "invalid name" },
  {
    line: `GET /v3/paths/forward/get?path=live/cam1&id=${missing}`,
    status: 404,
    error: "forward destination not found",
  },
  { line: "GET /v3/paths/forward/get?path=live/cam1&id=1", status: 400, error: /^invalid UUID "1"/ },
  { line: `GET /v3/rtmpconns/get/${missing}`, status: 404, error: "connection not found" },
  { line: `POST /v3/rtmpconns/kick/${missing}`, status: 404, error: "connection not found" },
  { line: "GET /v3/rtmpsconns/get/nope", status: 400, error: /^invalid UUID "nope"/ },
  { line: "POST /v3/rtmpconns/kick/nope", status: 400, error: /^invalid UUID "nope"/ },
  { line: "GET /v3/hlsmuxers/get/nope", status: 404, error: "muxer not found" },
  { line: "GET /v3/hlsmuxers/list?page=-1", status: 400, error: /page "-1"/ },
  { line: `GET /v3/hlssessions/get/${missing}`, status: 404, error: "session not found" },
  { line: `POST /v3/hlssessions/kick/${missing}`, status: 404, error: "session not found" },
  { line: "POST /v3/hlssessions/kick/nope", status: 400, error: /^invalid UUID "nope"/ },
  { line: `GET /v3/rtspconns/get/${missing}`, status: 404, error: "connection not found" },
  { line: "GET /v3/rtspsconns/get/nope", status: 400, error: /^invalid UUID "nope"/ },
  { line: `GET /v3/rtspsessions/get/${missing}`, status: 404, error: "session not found" },
  { line: `POST /v3/rtspsessions/kick/${missing}`, status: 404, error: "session not found" },
  { line: "POST /v3/rtspsessions/kick/nope", status: 400, error: /^invalid UUID "nope"/ },
  { line: `GET /v3/rtspssessions/get/${firstId}`, status: 404, error: "session not found" },
  { line: `POST /v3/rtspssessions/kick/${firstId}`, status: 404, error: "session not found" },
  { line: "GET /v3/rtspsessions/list?page=-1", status: 400, error: /page "-1"/ },
  { line: "GET /v3/recordings/get/nope", status: 400, error: "path 'nope' is not configured" },
  { line: "DELETE /v3/recordings/deletesegment?start=x", status: 400, error: "invalid name" },
  { line: "POST /v3/hooks/resume/nope", status: 404, error: "hook not found" },
];

describe("the control API", () => {
  for (const { line, body } of shown) {
    test(`shows ${line}`, async () => {
      const { api } = setUp();
      await using _ = api;
      const answer = await api.ask(line);
      expect([answer.status, answer.body]).toEqual([200, body]);
      // toEqual does not look at the order of keys, and people do.
      expect(JSON.stringify(answer.body)).toBe(JSON.stringify(body));
      expect(answer.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
      expect(answer.headers.get("Server")).toBe("mediamtx");
    });
  }

  for (const { line, body, call } of done) {
    test(`does ${line}`, async () => {
      const { api, calls } = setUp();
      await using _ = api;
      expectOk(await api.ask(line, body));
      expect(calls).toEqual(call ? [call] : []);
    });
  }

  for (const { line, body, status, error } of refused) {
    test(`refuses ${line}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`, async () => {
      const { api } = setUp();
      await using _ = api;
      const answer = await api.ask(line, body);
      const expected = error instanceof RegExp ? expect.stringMatching(error) : error;
      expect([answer.status, answer.body]).toEqual([status, failure(expected)]);
    });
  }

  test("shows pictures as they are, in the width that is asked for", async () => {
    const { api } = setUp();
    await using _ = api;
    for (const [path, width] of [
      ["live/cam1", 320],
      ["live%2Fcam1?width=", 320],
      ["live/cam1?width=640", 640],
    ]) {
      const answer = await api.ask(`GET /v3/paths/thumbnail/${path}`);
      const headers = ["Content-Type", "Cache-Control"].map((name) => answer.headers.get(name));
      expect([answer.status, ...headers, answer.text]).toEqual([
        200,
        "image/jpeg",
        "no-store",
        `a picture ${width} wide`,
      ]);
    }
  });

  test("sends dead letters again that fit, and tells how many that were", async () => {
    const { api, calls } = setUp();
    await using _ = api;
    const all = await api.ask("POST /v3/hooks/deadletters/replayall");
    const some = await api.ask("POST /v3/hooks/deadletters/replayall?hook=notify&path=live%2Fcam1");
    expect([all.body, some.body]).toEqual([
      { status: "ok", count: 3 },
      { status: "ok", count: 3 },
    ]);
    expect(calls).toEqual([
      ["replay", {}],
      ["replay", { hookId: "notify", stream: "live/cam1" }],
    ]);
  });

  test("gives addresses of recordings only to those who may play them", async () => {
    const asked: unknown[] = [];
    const access: Access = {
      decide: async ({ action, path }) => {
        asked.push([action, path]);
        return action === "api"
          ? { isAllowed: true, user: "" }
          : { isAllowed: false, reason: "missing", message: "no", delayMs: 0 };
      },
    };
    await using api = new ApiServing(fakePorts().ports, { access: { access, action: "api" } });
    const { status, text } = await api.ask("GET /v3/recordings/playable/live/cam1");
    // Who is told 401 would have to say anew who they are.
    expect([status, text.includes("ticket")]).toEqual([403, false]);
    expect(asked).toContainEqual(["playback", "live/cam1"]);
  });

  test("tells what happens as server-sent events, unless too many watch", async () => {
    const { ports } = fakePorts();
    const feed = { ...ports.live.feed, isFull: false };
    await using api = new ApiServing({ ...ports, live: { ...ports.live, feed } });
    const { status, headers, text } = await api.ask("GET /v3/live");
    expect([status, headers.get("Content-Type"), headers.get("Cache-Control"), text]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
      "no-store",
      "data: {}\n\n",
    ]);
    feed.isFull = true;
    expect(await api.ask("GET /v3/live")).toMatchObject({
      status: 503,
      body: failure("too many watch already"),
    });
  });

  test("has no endpoint that is not in these tables", async () => {
    const { api } = setUp();
    await using _ = api;
    for (const { line, body } of [...shown, ...done, ...refused] as { line: string; body?: unknown }[])
      await api.ask(line, line.startsWith("GET") ? undefined : body);
    for (const kind of [
      "rtmpconns",
      "rtmpsconns",
      "flvconns",
      "hlssessions",
      "rtspsessions",
      "rtspssessions",
    ])
      await api.ask(`POST /v3/${kind}/kick/${secondId}`);
    const document = await api.document();
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // What is no JSON is not held to the document, and has tests of its own.
    await api.ask("POST /v3/hooks/deadletters/replayall");
    expect([...api.asked, "GET /v3/live"].sort()).toEqual(operations.sort());
  });

  test("writes what HTML might take for tags as Go does, and ends without a newline", async () => {
    const { api } = setUp();
    await using _ = api;
    expect((await api.ask("GET /v3/paths/get/a%26%3Cb%3E")).text).toStartWith(
      '{"name":"a\\u0026\\u003cb\\u003e","confName":"a\\u0026\\u003cb\\u003e","ready":false,"readyTime":null,',
    );
    expect((await api.ask("GET /v3/config/global/get")).text).toEndWith('"pass":"\\u003credacted\\u003e"}]}');
  });

  for (const { kind, left } of [
    { kind: "rtmpconns", left: connObject(secondId) },
    { kind: "flvconns", left: flvConnObject(secondId) },
    { kind: "hlssessions", left: hlsSessionObject(secondId) },
    { kind: "rtspsessions", left: rtspSessionObject(secondId, firstId) },
  ]) {
    test(`ends ${kind} that are kicked, and shows them no more although they take a moment`, async () => {
      const { api, ended } = setUp();
      await using _ = api;
      expectOk(await api.ask(`POST /v3/${kind}/kick/${firstId}`));
      expect(ended).toEqual([`${firstId} kicked`]);
      expect((await api.ask(`GET /v3/${kind}/list`)).body).toEqual(pageOf(left));
      for (const line of [`GET /v3/${kind}/get/${firstId}`, `POST /v3/${kind}/kick/${firstId}`])
        expect((await api.ask(line)).status).toBe(404);
      expect(ended).toHaveLength(1);
    });
  }

  test("has no routes for what the server does not have", async () => {
    const { ports } = fakePorts();
    await using api = new ApiServing({ info: ports.info, paths: ports.paths });
    for (const path of [
      "/v3/rtmpconns/list",
      "/v3/rtmpsconns/list",
      "/v3/flvconns/list",
      "/v3/hlsmuxers/list",
      "/v3/hlssessions/list",
      "/v3/rtspconns/list",
      "/v3/rtspsessions/list",
      "/v3/rtspsconns/list",
      "/v3/rtspssessions/list",
      "/v3/srtconns/list",
      "/v3/webrtcsessions/list",
      "/v3/config/global/get",
      "/v3/hooks/status",
    ])
      expect((await api.ask(`GET ${path}`)).text).toBe("404 page not found");
    await using withoutResume = new ApiServing({ ...ports, hooks: { status: () => undefined } });
    expect((await withoutResume.ask("POST /v3/hooks/resume/notify")).text).toBe("404 page not found");
    expect((await withoutResume.ask("GET /v3/hooks/status")).body).toMatchObject({
      status: "healthy",
      hooks: [],
      store: null,
      lastEventTime: null,
    });
  });

  test("says that a page is not there to other methods, HEAD too, and to paths that are none", async () => {
    const { api } = setUp();
    await using _ = api;
    for (const line of [
      "POST /v3/info",
      "PUT /v3/config/global/patch",
      "GET /v3/config/global/patch",
      "GET /v3/paths/kick/live/cam1",
      "OPTIONS /v3/info",
      "GET /",
      "GET /v3",
      "GET /v2/paths/list",
      "GET /v3/paths/lis",
      `GET /v3/rtmpconns/get/${firstId}/more`,
      `POST /v3/rtspconns/kick/${firstId}`,
      `POST /v3/rtspsconns/kick/${secondId}`,
    ]) {
      const answer = await api.ask(line);
      expect([line, answer.status, answer.headers.get("Content-Type"), answer.body]).toEqual([
        line,
        404,
        "text/plain",
        "404 page not found",
      ]);
    }
    const head = await api.ask("HEAD /v3/info");
    expect([head.status, head.text]).toEqual([404, ""]);
  });

  test("sends whoever adds a slash to the page without, and takes the query along", async () => {
    const { api } = setUp();
    await using _ = api;
    const moved: [string, number, string][] = [
      ["GET /v3/info/", 301, "/v3/info"],
      ["GET /v3/paths/list/?page=1", 301, "/v3/paths/list?page=1"],
      ["GET /v3/paths/get", 301, "/v3/paths/get/"],
      ["POST /v3/auth/jwks/refresh/", 307, "/v3/auth/jwks/refresh"],
    ];
    for (const [line, status, location] of moved) {
      const answer = await api.ask(line);
      expect([answer.status, answer.headers.get("Location")]).toEqual([status, location]);
    }
  });

  test("tells pages of other origins what they may do", async () => {
    const { api } = setUp();
    await using _ = api;
    const preflight = await api.get("/v3/config/global/patch", {
      method: "OPTIONS",
      headers: { Origin: "https://a.example", "Access-Control-Request-Method": "PATCH" },
    });
    expect([preflight.status, await preflight.text()]).toEqual([204, ""]);
    expect(
      ["Origin", "Methods", "Headers"].map((name) => preflight.headers.get(`Access-Control-Allow-${name}`)),
    ).toEqual(["*", "OPTIONS, GET, POST, PATCH, DELETE", "Authorization, Content-Type"]);
    for (const line of ["GET /v3/info", "GET /nope", "GET /v3/paths/get/nope"])
      expect((await api.ask(line)).headers.get("Access-Control-Allow-Origin")).toBe("*");
  });

  test("takes a body of ten megabytes, and no more", async () => {
    const { api } = setUp();
    await using _ = api;
    const body = (size: number): string => `{"a":"${"x".repeat(size - 8)}"}`;
    expectOk(await api.ask("POST /v3/config/paths/replace/x", body(10 * 1024 * 1024)));
    expect(
      (await api.get("/v3/config/paths/replace/x", { method: "POST", body: body(10 * 1024 * 1024 + 1) }))
        .status,
    ).toBe(413);
  });

  test("does not take escapes for text that are none", async () => {
    const { api } = setUp();
    await using _ = api;
    const answer = await exchange(api.server.port, "GET /v3/paths/get/%FF HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(answer).toStartWith("HTTP/1.1 400");
  });
});
