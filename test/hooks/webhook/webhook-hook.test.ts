import { afterAll, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/time.ts";
import { version } from "../../../src/base/version.ts";
import type { HookOutcome } from "../../../src/hooks/delivery/hook.ts";
import { WebhookHook } from "../../../src/hooks/webhook/webhook-hook.ts";
import { needsTool } from "../../base/tool.ts";
import { Certificate } from "../../e2e/harness/certificate.ts";
import { sampleEvent } from "../sample-event.ts";
import { sampleAttempt, sampleSettings } from "./sample-webhook.ts";

const seen: { request: Request; body: string }[] = [];
const endless = Promise.withResolvers<number>();

const stream = (pull: (give: (bytes: Uint8Array) => void) => Promise<void>, cancel?: () => void): Response =>
  new Response(
    new ReadableStream({
      pull: (controller) => pull((bytes) => controller.enqueue(bytes)),
      ...(cancel ? { cancel } : {}),
    }),
  );

const dribble = (): Response =>
  stream(async (give) => {
    await Bun.sleep(100);
    give(new Uint8Array([65]));
  });

const answers: Readonly<Record<string, () => Response | Promise<Response>>> = {
  "/200": () => new Response("fine"),
  "/204": () => new Response(null, { status: 204 }),
  "/500": () => new Response("the\ndatabase is gone", { status: 500 }),
  "/400-long": () => new Response("é".repeat(40_000), { status: 400 }),
  "/302": () => new Response(null, { status: 302, headers: { Location: "/200" } }),
  "/never": () => new Promise(() => undefined),
  "/dribble": dribble,
  "/dribble-500": () => new Response(dribble().body, { status: 500 }),
  "/10M": () => new Response(new Uint8Array(10 << 20)),
  "/endless": () => {
    let sent = 0;
    return stream(
      async (give) => {
        await Bun.sleep(0);
        sent += 65_536;
        give(new Uint8Array(65_536));
      },
      () => endless.resolve(sent),
    );
  },
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    seen.push({ request, body: await request.text() });
    return answers[new URL(request.url).pathname]?.() ?? new Response(null, { status: 404 });
  },
});
afterAll(() => server.stop(true));

/** A server that answers each request with these bytes, and closes. */
const rawServer = (bytes: string): Bun.TCPSocketListener =>
  Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        socket.end(bytes);
      },
    },
  });

const hookFor = (url: string, timeoutMs = 5_000): WebhookHook =>
  new WebhookHook({ id: "webhook_0", settings: sampleSettings({ url }), timeoutMs, clock: systemClock });

const idle = new AbortController().signal;

const post = (path: string, timeoutMs?: number): Promise<HookOutcome> =>
  hookFor(`${server.url.origin}${path}`, timeoutMs).execute(sampleAttempt(), idle);

/** What `run` gave, and how long it took, in milliseconds. */
const timed = async <T>(run: () => Promise<T>): Promise<[T, number]> => {
  const start = performance.now();
  return [await run(), performance.now() - start];
};

describe("a webhook", () => {
  test("posts the event as JSON, with headers that say what it is", async () => {
    const event = sampleEvent({ stream_key: 'live/é"\n' });
    const hook = hookFor(`${server.url.origin}/200?key=value`);
    expect(await hook.execute(sampleAttempt({ event }), idle)).toEqual({ kind: "done" });
    expect(await hook.execute(sampleAttempt({ event }), idle)).toEqual({ kind: "done" });
    const [first, second] = seen
      .filter((_, index) => index >= seen.length - 2)
      .map(({ request, body }) => {
        const { "x-rtmp-delivery": delivery, ...headers } = request.headers.toJSON();
        return { method: request.method, url: request.url, headers, body, delivery };
      });
    expect({ ...first, delivery: undefined }).toEqual({
      method: "POST",
      url: `${server.url.origin}/200?key=value`,
      headers: {
        accept: "*/*",
        "accept-encoding": "identity",
        connection: "keep-alive",
        "content-length": String(Buffer.byteLength(JSON.stringify(event))),
        "content-type": "application/json",
        host: server.url.host,
        traceparent: expect.stringMatching(/^00-019b0000000070008000000000000001-[0-9a-f]{16}-01$/),
        "user-agent": `rtmp-server/${version}`,
        "webhook-id": event.id,
        "x-rtmp-attempt": "1",
        "x-rtmp-event": "publish_start",
        "x-rtmp-hook-version": "1",
      },
      body: JSON.stringify(event),
      delivery: undefined,
    });
    expect(first?.delivery).toMatch(/^[0-9a-f-]{36}$/);
    const { traceparent: firstSpan, ...firstHeaders } = first!.headers;
    const { traceparent: secondSpan, ...secondHeaders } = second!.headers;
    const unlike = { delivery: undefined };
    expect({ ...second, ...unlike, headers: secondHeaders }).toEqual({
      ...first,
      ...unlike,
      headers: firstHeaders,
    });
    expect(secondSpan).not.toBe(firstSpan);
    expect(second?.delivery).not.toBe(first?.delivery);
  });

  test("calls itself what it is told to", async () => {
    const settings = sampleSettings({ url: `${server.url.origin}/200` });
    const hook = new WebhookHook({
      id: "x",
      settings,
      timeoutMs: 5_000,
      clock: systemClock,
      userAgent: "test/1",
    });
    await hook.execute(sampleAttempt(), idle);
    expect(seen.at(-1)?.request.headers.get("user-agent")).toBe("test/1");
  });

  test("sends user and password of the URL as Basic authorization", async () => {
    const hook = hookFor(`http://us%40er:p%C3%A9%3A@${server.url.host}/200`);
    expect(await hook.execute(sampleAttempt(), idle)).toEqual({ kind: "done" });
    const { request } = seen.at(-1)!;
    expect(request.headers.get("authorization")).toBe(`Basic ${Buffer.from("us@er:pé:").toString("base64")}`);
    expect(hook.label).toBe(`http://***@${server.url.host}/200`);
  });

  const outcomes: { path: string; outcome: HookOutcome }[] = [
    { path: "/200", outcome: { kind: "done" } },
    { path: "/204", outcome: { kind: "done" } },
    {
      path: "/500",
      outcome: {
        kind: "failed",
        error: "status 500 Internal Server Error",
        detail: "the\ndatabase is gone",
        status: 500,
        verdict: "retry",
      },
    },
    {
      path: "/400-long",
      outcome: {
        kind: "failed",
        error: "status 400 Bad Request",
        detail: "é".repeat(512),
        status: 400,
        verdict: "never",
      },
    },
    {
      path: "/302",
      outcome: {
        kind: "failed",
        error: "status 302 Found, redirects are not followed",
        status: 302,
        verdict: "never",
      },
    },
    { path: "/10M", outcome: { kind: "done" } },
  ];
  for (const { path, outcome } of outcomes) {
    test(`that is answered with ${path} is ${outcome.kind}`, async () => {
      const before = seen.length;
      expect(await post(path)).toEqual(outcome);
      expect(seen.length - before).toBe(1);
    });
  }

  test("cuts an endless answer off", async () => {
    expect(await post("/endless")).toEqual({ kind: "done" });
    expect(await endless.promise).toBeLessThan(64 << 20);
  });

  test("that is never answered fails at its timeout", async () => {
    const [outcome, ms] = await timed(() => post("/never", 200));
    expect(outcome).toEqual({
      kind: "failed",
      error: "timed out after 200ms",
      code: "timeout",
      verdict: "retry",
    });
    expect(ms).toBeWithin(150, 2_000);
  });

  test("is not held past its timeout by an answer that dribbles, and the status stands", async () => {
    const [outcome, ms] = await timed(() => post("/dribble", 350));
    expect(outcome).toEqual({ kind: "done" });
    expect(ms).toBeWithin(300, 2_000);
    const [failure, failureMs] = await timed(() => post("/dribble-500", 350));
    expect(failure).toEqual({
      kind: "failed",
      error: "status 500 Internal Server Error",
      detail: expect.stringMatching(/^A+$/),
      status: 500,
      verdict: "retry",
    });
    expect(failureMs).toBeWithin(300, 2_000);
  });

  test("ends when it is aborted, before and while it runs", async () => {
    const abort = new AbortController();
    const running = hookFor(`${server.url.origin}/never`).execute(sampleAttempt(), abort.signal);
    abort.abort();
    expect(await running).toEqual({ kind: "failed", error: "aborted", verdict: "aborted" });
    const [late, ms] = await timed(() =>
      hookFor(`${server.url.origin}/200`).execute(sampleAttempt(), abort.signal),
    );
    expect(late).toEqual({ kind: "failed", error: "aborted", verdict: "aborted" });
    expect(ms).toBeLessThan(1_000);
  });

  const broken: { name: string; bytes: string; error: string; code: string }[] = [
    {
      name: "in the middle of its body",
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
      error: "connection closed before the answer was whole (ECONNRESET)",
      code: "ECONNRESET",
    },
    {
      name: "before its body",
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
      error: "connection closed before the answer was whole (ECONNRESET)",
      code: "ECONNRESET",
    },
    {
      name: "without a byte",
      bytes: "",
      error: "connection closed before the answer was whole (ECONNRESET)",
      code: "ECONNRESET",
    },
    {
      name: "with something else than HTTP",
      bytes: "HTTP/1.1 99 x\r\n\r\n",
      error: "answer is not HTTP (HPE_INVALID_STATUS)",
      code: "HPE_INVALID_STATUS",
    },
  ];
  for (const { name, bytes, error, code } of broken) {
    test(`fails where the answer ends ${name}`, async () => {
      using raw = rawServer(bytes);
      expect(await hookFor(`http://127.0.0.1:${raw.port}/`).execute(sampleAttempt(), idle)).toEqual({
        kind: "failed",
        error,
        code,
        verdict: "retry",
      });
    });
  }

  test("says that a connection is refused, and shows no secret of the URL", async () => {
    const raw = rawServer("");
    const { port } = raw;
    raw.stop(true);
    const url = `http://user:secret@127.0.0.1:${port}/?token=secret`;
    const outcome = await hookFor(url).execute(sampleAttempt(), idle);
    expect(outcome).toEqual({
      kind: "failed",
      error: "connection refused (ECONNREFUSED)",
      code: "ECONNREFUSED",
      verdict: "retry",
    });
  });

  test("says that a host name is not known", async () => {
    const outcome = await hookFor("http://nowhere.invalid/").execute(sampleAttempt(), idle);
    expect(outcome).toEqual({
      kind: "failed",
      error: expect.stringMatching(/^host name (not found|could not be looked up) \(\w+\)$/),
      code: expect.any(String),
      verdict: "retry",
    });
  });

  test("says that the other side speaks no TLS", async () => {
    const outcome = await hookFor(`https://${server.url.host}/200`).execute(sampleAttempt(), idle);
    expect(outcome).toEqual({
      kind: "failed",
      error: "TLS handshake failed (ERR_SSL_WRONG_VERSION_NUMBER)",
      code: "ERR_SSL_WRONG_VERSION_NUMBER",
      verdict: "retry",
    });
  });

  needsTool("openssl")("refuses a certificate that nobody signed, and says so", async () => {
    using certificate = await Certificate.make();
    let requests = 0;
    await using secure = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert: Bun.file(certificate.cert), key: Bun.file(certificate.key) },
      fetch() {
        requests++;
        return new Response();
      },
    });
    const outcome = await hookFor(`https://127.0.0.1:${secure.port}/`).execute(sampleAttempt(), idle);
    expect(outcome).toEqual({
      kind: "failed",
      error: "certificate refused: self signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)",
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
      verdict: "retry",
    });
    expect(requests).toBe(0);
  });
});
