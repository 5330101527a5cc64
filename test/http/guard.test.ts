import { describe, expect, test } from "bun:test";
import { type Logger, silentLogger } from "../../src/base/log.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { healthResources } from "../../src/http/health.ts";
import type { Resource } from "../../src/http/resource.ts";
import type { Access, Admission, AdmissionRequest } from "../../src/stream/admission.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { Serving } from "./serving.ts";

const page: Resource = { path: "/page", methods: { GET: () => new Response("secret page") } };

/** A server whose pages are guarded by what `answers` says, one after the other. */
const setUp = (answer: Admission, resources: readonly Resource[] = [page]) => {
  const asked: AdmissionRequest[] = [];
  const access: Access = {
    decide: (request) => {
      asked.push(request);
      return Promise.resolve(answer);
    },
  };
  const logged: unknown[] = [];
  const log: Logger = { ...silentLogger, warn: (message, fields) => void logged.push([message, fields]) };
  const clock = new FakeClock();
  const serving = new Serving(resources, log, {
    clock,
    access: { access, action: "metrics" },
    trustedProxies: ["127.0.0.0/8"],
    cors: { origins: ["https://a.example"], methods: ["OPTIONS", "GET"], headers: ["Authorization"] },
  });
  return { serving, asked, logged, clock };
};

const allowed: Admission = { isAllowed: true, user: "" };
const missing: Admission = { isAllowed: false, reason: "missing", message: "nothing shown", delayMs: 0 };
const denied: Admission = { isAllowed: false, reason: "denied", message: "wrong", delayMs: 2_000 };

const body = '{"status":"error","error":"authentication error"}';

describe("a page that is guarded", () => {
  test("is shown to whoever may see it, and Access hears who that is", async () => {
    const { serving, asked, logged } = setUp(allowed);
    await using _ = serving;
    const response = await serving.get("/page?token=t&a=1", {
      headers: {
        Authorization: `Basic ${btoa("u:p")}`,
        "X-Forwarded-For": "203.0.113.5",
        "User-Agent": "curl/8",
      },
    });
    expect(await response.text()).toBe("secret page");
    expect(asked).toEqual([
      {
        action: "metrics",
        path: undefined,
        ip: "203.0.113.5",
        port: expect.any(Number),
        protocol: "",
        id: undefined,
        credentials: { user: "u", password: "p", token: "" },
        query: "token=t&a=1",
        userAgent: "curl/8",
        tcUrl: "",
      },
    ]);
    expect(logged).toEqual([]);
  });

  test("is not shown to whoever shows nothing, who is told at once what to show", async () => {
    const { serving, logged, clock } = setUp(missing);
    await using _ = serving;
    const response = await serving.get("/page", { headers: { Origin: "https://a.example" } });
    expect([response.status, await response.text(), response.headers.get("WWW-Authenticate")]).toEqual([
      401,
      body,
      'Basic realm="mediamtx"',
    ]);
    expect(response.headers.get("Content-Type")).toBe("application/json; charset=utf-8");
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://a.example");
    expect([logged, clock.timers]).toEqual([[], 0]);
  });

  test("is not shown to whoever shows something wrong, who waits for that", async () => {
    const { serving, logged, clock } = setUp(denied);
    await using _ = serving;
    let isAnswered = false;
    const answer = serving.get("/page").then((response) => {
      isAnswered = true;
      return response;
    });
    while (clock.timers === 0) await Bun.sleep(1);
    clock.advance(1_999);
    await Bun.sleep(20);
    expect(isAnswered).toBe(false);
    clock.advance(1);
    const response = await answer;
    expect([response.status, await response.text(), response.headers.get("WWW-Authenticate")]).toEqual([
      401,
      body,
      null,
    ]);
    expect(logged).toEqual([
      [
        "HTTP client failed to authenticate",
        { client_ip: "127.0.0.1", action: "metrics", stream: undefined, reason: "denied", error: "wrong" },
      ],
    ]);
  });

  test("is not shown while nobody can tell who may see it", async () => {
    const { serving } = setUp({ ...denied, reason: "unavailable", delayMs: 0 });
    await using _ = serving;
    const response = await serving.get("/page");
    expect([response.status, await response.text(), response.headers.get("WWW-Authenticate")]).toEqual([
      401,
      body,
      null,
    ]);
  });

  test("does not tell by its answer whether it is there", async () => {
    const { serving } = setUp(missing);
    await using _ = serving;
    for (const [method, path] of [
      ["GET", "/page/"],
      ["GET", "/nope"],
      ["POST", "/page"],
      ["OPTIONS", "/page"],
      ["HEAD", "/page"],
    ] as const)
      expect((await serving.get(path, { method, redirect: "manual" })).status).toBe(401);
  });

  test("answers a preflight before it asks", async () => {
    const { serving, asked } = setUp(missing);
    await using _ = serving;
    const preflight = (origin: string): Promise<Response> =>
      serving.get("/nope", {
        method: "OPTIONS",
        headers: { Origin: origin, "Access-Control-Request-Method": "GET" },
      });
    const response = await preflight("https://a.example");
    expect(response.status).toBe(204);
    expect(
      ["Origin", "Methods", "Headers"].map((name) => response.headers.get(`Access-Control-Allow-${name}`)),
    ).toEqual(["https://a.example", "OPTIONS, GET", "Authorization"]);
    expect(response.headers.get("Vary")).toBe("Origin");
    expect((await preflight("https://b.example")).headers.get("Access-Control-Allow-Origin")).toBeNull();
    expect(asked).toEqual([]);
  });
});

test("probes of health need no credentials, all else does", async () => {
  const sources = { unreadiness: () => [], hooks: () => undefined, clock: new FakeClock() };
  const { serving, asked } = setUp(missing, healthResources(sources));
  await using _ = serving;
  const statuses = async (method: string): Promise<number[]> =>
    Promise.all(
      ["/healthz", "/readyz", "/health/hooks"].map(
        async (path) => (await serving.get(path, { method })).status,
      ),
    );
  expect([await statuses("GET"), await statuses("HEAD")]).toEqual([
    [200, 200, 401],
    [200, 200, 401],
  ]);
  expect(asked).toHaveLength(2);
});

test("a handler may ask for itself, about a path", async () => {
  const playback: Resource = {
    path: "/get",
    isUnguarded: true,
    methods: {
      GET: async (_, call) =>
        (await call.refusal({ action: "playback", path: parseStreamPath("live/a") })) ??
        new Response("media"),
    },
  };
  const { serving, asked } = setUp(allowed, [playback]);
  await using _ = serving;
  expect(await (await serving.get("/get")).text()).toBe("media");
  expect(asked).toMatchObject([{ action: "playback", path: "live/a", ip: "127.0.0.1" }]);
});
