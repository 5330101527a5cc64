import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";
import { ConfigError } from "../../../src/base/errors.ts";
import { systemClock } from "../../../src/base/time.ts";
import type { Attempt, HookOutcome } from "../../../src/hooks/delivery/hook.ts";
import { TokenCache } from "../../../src/hooks/webhook/oauth2-bearer.ts";
import { WebhookHook, type WebhookHookOptions } from "../../../src/hooks/webhook/webhook-hook.ts";
import type { AuthSettings, WebhookSettings } from "../../../src/hooks/webhook/webhook-settings.ts";
import { sampleEvent } from "../sample-event.ts";
import { sampleAttempt, sampleSettings } from "./sample-webhook.ts";
import { TokenServer } from "./token-server.ts";

interface Seen {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

let seen: Seen[] = [];
let answer: (request: Seen) => Response = () => new Response();
beforeEach(() => {
  seen = [];
  answer = () => new Response();
});

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const { method } = request;
    const one = { method, headers: request.headers.toJSON(), body: await request.text() };
    seen.push(one);
    return answer(one);
  },
});
afterAll(() => server.stop(true));

const idle = new AbortController().signal;

const hookWith = (
  settings: Partial<WebhookSettings>,
  options: Partial<WebhookHookOptions> = {},
): WebhookHook =>
  new WebhookHook({
    id: "webhook_0",
    settings: sampleSettings({ url: server.url.href, ...settings }),
    timeoutMs: 5_000,
    clock: systemClock,
    ...options,
  });

const send = (settings: Partial<WebhookSettings>, attempt: Partial<Attempt> = {}): Promise<HookOutcome> =>
  hookWith(settings).execute(sampleAttempt(attempt), idle);

const done: HookOutcome = { kind: "done" };

describe("the request of a webhook", () => {
  test("says which attempt it is, and why there is one outside of the usual course", async () => {
    await send({}, { number: 7 });
    await send({}, { occasion: "replay" });
    await send({}, { occasion: "test" });
    const marks = seen.map(({ headers }) => [
      headers["x-rtmp-attempt"],
      headers["x-rtmp-replay"],
      headers["x-rtmp-test"],
    ]);
    expect(marks).toEqual([
      ["7", undefined, undefined],
      ["1", "true", undefined],
      ["1", undefined, "true"],
    ]);
  });

  test("carries the stored body, byte for byte, and the operator's headers, by the operator's method", async () => {
    const body = '{ "é":"\\u2028",\n"x" : 1}';
    await send(
      {
        method: "PUT",
        headers: [
          ["X-Source", "rtmp-server"],
          ["Authorization", "Bearer token123"],
          ["content-type", "text/plain"],
        ],
      },
      { body },
    );
    const [{ method, headers, body: received } = { method: "", headers: {}, body: "" }] = seen;
    expect([method, received]).toEqual(["PUT", body]);
    expect(headers).toMatchObject({
      "x-source": "rtmp-server",
      authorization: "Bearer token123",
      "content-type": "text/plain",
      "webhook-id": sampleEvent().id,
    });
  });

  test("may be a CloudEvent, and is signed as it is sent", async () => {
    const auth: AuthSettings = {
      type: "hmac",
      secret: "webhook-secret",
      algorithm: "sha256",
      header: "X-Signature",
      legacySignWith: "previous",
      previousSecret: undefined,
      previousUntil: undefined,
    };
    expect(await send({ format: "cloudevents", auth })).toEqual(done);
    const { headers, body } = seen[0]!;
    expect(headers["content-type"]).toBe("application/cloudevents+json");
    expect(headers["x-signature"]).toBe(
      `sha256=${createHmac("sha256", "webhook-secret").update(body).digest("hex")}`,
    );
    const oracle = new Webhook(Buffer.from("webhook-secret"), { format: "raw" });
    expect(oracle.verify(body, headers)).toMatchObject({ specversion: "1.0" });
  });

  test("refuses headers that are not the operator's to set, when it is made", () => {
    for (const header of [
      ["Host", "x"],
      ["X-A", "a\r\nb"],
      ["webhook-id", "x"],
    ] as const)
      expect(() => hookWith({ headers: [header] })).toThrow(ConfigError);
  });

  test("keeps its connection for the next one, until it is closed", async () => {
    const ports = new Set<number>();
    const hook = hookWith({});
    answer = () => new Response();
    await using counting = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request, its) {
        ports.add(its.requestIP(request)?.port ?? 0);
        return new Response();
      },
    });
    const kept = hookWith({ url: counting.url.href });
    await kept.execute(sampleAttempt(), idle);
    await kept.execute(sampleAttempt(), idle);
    expect(ports.size).toBe(1);
    await Promise.all([kept.close(), hook.close()]);
  });
});

describe("a webhook proves where it comes from", () => {
  test("with a key", async () => {
    expect(await send({ auth: { type: "api_key", key: "secret-key-123", header: "X-API-Key" } })).toEqual(
      done,
    );
    expect(seen[0]?.headers["x-api-key"]).toBe("secret-key-123");
  });

  test("with user and password, rather than those of the URL", async () => {
    const auth: AuthSettings = { type: "basic", username: "us:er".replace(":", ""), password: "pé:ss" };
    await send({ url: `http://a:b@${server.url.host}/`, auth });
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("user:pé:ss").toString("base64")}`);
  });

  const jwt: AuthSettings = {
    type: "jwt",
    secret: "jwt-signing-key",
    algorithm: "HS256",
    issuer: "rtmp-server",
    subject: undefined,
    audience: undefined,
    claims: {},
    ttlMs: 60_000,
  };

  test("with a token for this event", async () => {
    await send({ auth: jwt });
    const token = seen[0]!.headers.authorization!.replace("Bearer ", "");
    const { payload } = await jwtVerify(token, Buffer.from("jwt-signing-key"), { issuer: "rtmp-server" });
    expect(payload.jti).toBe(sampleEvent().id);
  });

  test("and, where its token is refused, tries once with another one in the same attempt", async () => {
    answer = () => new Response("who?", { status: 401 });
    expect(await send({ auth: jwt }, { number: 3 })).toMatchObject({ status: 401, verdict: "retry" });
    expect(seen.map(({ headers }) => headers["x-rtmp-attempt"])).toEqual(["3", "3"]);
  });

  test("and does not try twice with a key, which stays the same", async () => {
    answer = () => new Response("who?", { status: 401 });
    await send({ auth: { type: "api_key", key: "k", header: "X-API-Key" } });
    expect(seen).toHaveLength(1);
  });

  const oauth2 = (tokenUrl: string): AuthSettings => ({
    type: "oauth2",
    clientId: "id",
    clientSecret: "s3cret",
    tokenUrl,
    scopes: [],
    audience: undefined,
  });

  test("with a token of OAuth 2 that hooks share, and a new one where it is refused", async () => {
    using tokenServer = new TokenServer();
    const tokens = new TokenCache(systemClock);
    const auth = oauth2(tokenServer.url);
    const [one, other] = [hookWith({ auth }, { tokens }), hookWith({ auth }, { tokens })];
    expect(await one.execute(sampleAttempt(), idle)).toEqual(done);
    expect(await other.execute(sampleAttempt(), idle)).toEqual(done);
    answer = ({ headers }) =>
      new Response(null, { status: headers.authorization === "Bearer token-1" ? 401 : 200 });
    const both = [one.execute(sampleAttempt(), idle), other.execute(sampleAttempt(), idle)];
    expect(await Promise.all(both)).toEqual([done, done]);
    expect(tokenServer.asked).toHaveLength(2);
    expect(seen.map(({ headers }) => headers.authorization).toSorted()).toEqual([
      ...Array(4).fill("Bearer token-1"),
      ...Array(2).fill("Bearer token-2"),
    ]);
  });

  test("or sends nothing where there is no token", async () => {
    using tokenServer = new TokenServer();
    tokenServer.answer = () => Response.json({ error: "invalid_client" }, { status: 401 });
    expect(await send({ auth: oauth2(tokenServer.url) })).toEqual({
      kind: "failed",
      error: "token refused with status 401, invalid_client (OAUTH2)",
      code: "OAUTH2",
      verdict: "retry",
    });
    expect(await send({ auth: oauth2("http://169.254.169.254/token") })).toMatchObject({ verdict: "never" });
    expect(seen).toEqual([]);
  });

  test("within the time of the attempt, the token's too", async () => {
    using tokenServer = new TokenServer();
    tokenServer.answer = () => new Promise(() => undefined);
    const hook = hookWith({ auth: oauth2(tokenServer.url) }, { timeoutMs: 100 });
    expect(await hook.execute(sampleAttempt(), idle)).toMatchObject({ code: "timeout", verdict: "retry" });
    expect(seen).toEqual([]);
  });
});

describe("the outcome of a webhook", () => {
  test("is a pause where the receiver asks for one", async () => {
    answer = () => new Response(null, { status: 429, headers: { "Retry-After": "7" } });
    expect(await send({})).toMatchObject({ status: 429, verdict: "retry", retryAfterMs: 7_000 });
    answer = () => {
      const date = new Date(Date.now() + 60_000).toUTCString();
      return new Response(null, { status: 503, headers: { "Retry-After": date } });
    };
    const outcome = await send({});
    expect(outcome.kind === "failed" && outcome.retryAfterMs).toBeWithin(50_000, 60_001);
  });

  for (const [status, verdict] of [
    [301, "never"],
    [400, "never"],
    [410, "gone"],
    [404, "retry"],
    [501, "never"],
  ] as const) {
    test(`is ${verdict} after ${status}, and one request`, async () => {
      answer = () => new Response(null, { status, headers: { Location: server.url.href } });
      expect(await send({})).toMatchObject({ kind: "failed", status, verdict });
      expect(seen).toHaveLength(1);
    });
  }

  const never: { name: string; settings: Partial<WebhookSettings>; addresses?: string[] }[] = [
    { name: "a metadata address", settings: { url: "http://169.254.169.254/latest" } },
    { name: "one in another notation", settings: { url: "http://[::ffff:a9fe:a9fe]/" } },
    { name: "a name that means one", settings: { url: "http://h.test/" }, addresses: ["fd00:ec2::254"] },
    { name: "loopback, where only public ones will do", settings: { egress: "public-only" } },
    { name: "plain http, where it must not be", settings: { tlsPolicy: "strict" } },
    { name: "plain http to a public address", settings: { url: "http://h.test/" }, addresses: ["192.0.2.1"] },
  ];
  for (const { name, settings, addresses = [] } of never) {
    test(`is never at once for ${name}`, async () => {
      const hook = hookWith(settings, { resolve: () => Promise.resolve(addresses) });
      expect(await hook.execute(sampleAttempt(), idle)).toMatchObject({ verdict: "never", code: "EGRESS" });
      expect(seen).toEqual([]);
    });
  }

  test("is retry where the name cannot be resolved, and in time where it is not", async () => {
    const unknown = hookWith(
      { url: "http://h.test/" },
      { resolve: () => Promise.reject(Object.assign(new Error("x"), { code: "EAI_AGAIN" })) },
    );
    expect(await unknown.execute(sampleAttempt(), idle)).toEqual({
      kind: "failed",
      error: "host name could not be looked up (EAI_AGAIN)",
      code: "EAI_AGAIN",
      verdict: "retry",
    });
    const slow = hookWith(
      { url: "http://h.test/" },
      { timeoutMs: 50, resolve: () => new Promise(() => undefined) },
    );
    expect(await slow.execute(sampleAttempt(), idle)).toMatchObject({ code: "timeout", verdict: "retry" });
  });

  test("bares nothing of what was sent, where the receiver repeats it all", async () => {
    const secrets = ["k3y-s3cret", "pass%20w0rd", "t0ken-in-query", "old-s3cret", "new-s3cret"];
    answer = ({ headers }) =>
      new Response(`${JSON.stringify(headers)} ${secrets.join(" ")} pass w0rd`, { status: 500 });
    const hook = hookWith({
      url: `http://u:pass%20w0rd@${server.url.host}/?token=t0ken-in-query`,
      headers: [["X-Api-Key", "k3y-s3cret"]],
      auth: {
        type: "hmac",
        secret: "new-s3cret",
        previousSecret: "old-s3cret",
        previousUntil: Date.now() + 60_000,
        algorithm: "sha256",
        header: "X-Signature",
        legacySignWith: "current",
      },
    });
    const outcome = await hook.execute(sampleAttempt(), idle);
    const text = JSON.stringify([outcome, hook.label]);
    const { authorization, "x-signature": signature, "webhook-signature": signatures } = seen[0]!.headers;
    const sent = [
      authorization,
      signature,
      signature?.replace("sha256=", ""),
      signatures,
      signatures?.split(" ")[1],
    ];
    for (const secret of [...secrets, "pass w0rd", ...sent]) expect(text).not.toContain(secret!);
    expect(text).toContain("status 500");
  });
});
