import { afterAll, describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { version } from "../../../src/base/version.ts";
import type { HookOutcome } from "../../../src/hooks/delivery/hook.ts";
import { parseWebhookUrl, redactUrl, WebhookHook } from "../../../src/hooks/webhook/webhook-hook.ts";
import { needsTool } from "../../base/tool.ts";
import { Certificate } from "../../e2e/harness/certificate.ts";
import { sampleEvent } from "../sample-event.ts";

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
  new WebhookHook({ id: "webhook_0", url: parseWebhookUrl(url), timeoutMs });

const idle = new AbortController().signal;

const post = (path: string, timeoutMs?: number): Promise<HookOutcome> =>
  hookFor(`${server.url.origin}${path}`, timeoutMs).execute(sampleEvent(), idle);

/** What `run` gave, and how long it took, in milliseconds. */
const timed = async <T>(run: () => Promise<T>): Promise<[T, number]> => {
  const start = performance.now();
  return [await run(), performance.now() - start];
};

describe("a webhook", () => {
  test("posts the event as JSON, with headers that say what it is", async () => {
    const event = sampleEvent({ stream_key: 'live/é"\n' });
    const hook = hookFor(`${server.url.origin}/200?key=value`);
    expect(await hook.execute(event, idle)).toEqual({ kind: "done" });
    expect(await hook.execute(event, idle)).toEqual({ kind: "done" });
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
        "user-agent": `rtmp-server/${version}`,
        "webhook-id": event.id,
        "x-rtmp-attempt": "1",
        "x-rtmp-event": "publish_start",
      },
      body: JSON.stringify(event),
      delivery: undefined,
    });
    expect(first?.delivery).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toEqual({ ...first!, delivery: second!.delivery });
    expect(second?.delivery).not.toBe(first?.delivery);
  });

  test("calls itself what it is told to", async () => {
    const url = parseWebhookUrl(`${server.url.origin}/200`);
    const hook = new WebhookHook({ id: "x", url, timeoutMs: 5_000, userAgent: "test/1" });
    await hook.execute(sampleEvent(), idle);
    expect(seen.at(-1)?.request.headers.get("user-agent")).toBe("test/1");
  });

  test("sends user and password of the URL as Basic authorization", async () => {
    const hook = hookFor(`http://us%40er:p%C3%A9%3A@${server.url.host}/200`);
    expect(await hook.execute(sampleEvent(), idle)).toEqual({ kind: "done" });
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
      },
    },
    {
      path: "/400-long",
      outcome: { kind: "failed", error: "status 400 Bad Request", detail: "é".repeat(512) },
    },
    {
      path: "/302",
      outcome: { kind: "failed", error: "status 302 Found, redirects are not followed" },
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
    expect(outcome).toEqual({ kind: "failed", error: "timed out after 200ms" });
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
    });
    expect(failureMs).toBeWithin(300, 2_000);
  });

  test("ends when it is aborted, before and while it runs", async () => {
    const abort = new AbortController();
    const running = hookFor(`${server.url.origin}/never`).execute(sampleEvent(), abort.signal);
    abort.abort();
    expect(await running).toEqual({ kind: "failed", error: "aborted" });
    const [late, ms] = await timed(() =>
      hookFor(`${server.url.origin}/200`).execute(sampleEvent(), abort.signal),
    );
    expect(late).toEqual({ kind: "failed", error: "aborted" });
    expect(ms).toBeLessThan(1_000);
  });

  const broken: { name: string; bytes: string; error: string }[] = [
    {
      name: "in the middle of its body",
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
      error: "connection closed before the answer was whole (ECONNRESET)",
    },
    {
      name: "before its body",
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
      error: "connection closed before the answer was whole (ECONNRESET)",
    },
    {
      name: "without a byte",
      bytes: "",
      error: "connection closed before the answer was whole (ECONNRESET)",
    },
    {
      name: "with something else than HTTP",
      bytes: "HTTP/1.1 99 x\r\n\r\n",
      error: "answer is not HTTP (Malformed_HTTP_Response)",
    },
  ];
  for (const { name, bytes, error } of broken) {
    test(`fails where the answer ends ${name}`, async () => {
      using raw = rawServer(bytes);
      expect(await hookFor(`http://127.0.0.1:${raw.port}/`).execute(sampleEvent(), idle)).toEqual({
        kind: "failed",
        error,
      });
    });
  }

  test("says that a connection is refused, and shows no secret of the URL", async () => {
    const raw = rawServer("");
    const { port } = raw;
    raw.stop(true);
    const url = `http://user:secret@127.0.0.1:${port}/?token=secret`;
    const outcome = await hookFor(url).execute(sampleEvent(), idle);
    expect(outcome).toEqual({ kind: "failed", error: "connection refused (ECONNREFUSED)" });
  });

  test("says that a host name is not known", async () => {
    const outcome = await hookFor("http://nowhere.invalid/").execute(sampleEvent(), idle);
    expect(outcome).toEqual({
      kind: "failed",
      error: expect.stringMatching(/^host name (not found|could not be looked up) \(\w+\)$/),
    });
  });

  test("says that the other side speaks no TLS", async () => {
    const outcome = await hookFor(`https://${server.url.host}/200`).execute(sampleEvent(), idle);
    expect(outcome).toEqual({ kind: "failed", error: "TLS handshake failed (EPROTO)" });
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
    const outcome = await hookFor(`https://127.0.0.1:${secure.port}/`).execute(sampleEvent(), idle);
    expect(outcome).toEqual({
      kind: "failed",
      error: "certificate refused: self signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)",
    });
    expect(requests).toBe(0);
  });
});

describe("the URL of a webhook", () => {
  const rows: { text: string; href: string; label?: string; authorization?: string }[] = [
    { text: "http://h", href: "http://h/", label: "http://h/" },
    { text: "HTTPS://h:8443/a/b", href: "https://h:8443/a/b", label: "https://h:8443/a/b" },
    { text: "http://[::1]:80/x?a=b&c", href: "http://[::1]/x?a=b&c", label: "http://[::1]/x?a=***&***" },
    { text: "http://u@h/", href: "http://h/", label: "http://***@h/", authorization: "Basic dTo=" },
    { text: "http://:p@h/", href: "http://h/", label: "http://***@h/", authorization: "Basic OnA=" },
    { text: "http://u:a:b@h/", href: "http://h/", label: "http://***@h/", authorization: "Basic dTphOmI=" },
    {
      text: "https://h/api/webhooks/123456789012345678/aB3-aB3_aB3-aB3_aB3-aB3_",
      href: "https://h/api/webhooks/123456789012345678/aB3-aB3_aB3-aB3_aB3-aB3_",
      label: "https://h/api/webhooks/123456789012345678/***",
    },
    {
      text: "http://h/a-long-name-in-plain-words",
      href: "http://h/a-long-name-in-plain-words",
      label: "http://h/a-long-name-in-plain-words",
    },
  ];
  for (const { text, href, label, authorization } of rows) {
    test(`${text} is read, and shown as ${label}`, () => {
      expect(parseWebhookUrl(text)).toEqual({ href, label: label!, authorization });
    });
  }

  const expected = "expected http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH][?QUERY]";
  const refused: { text: string; message: string }[] = [
    { text: "", message: `"***" is no webhook URL, ${expected}` },
    { text: "/hooks/a.sh", message: `"***" is no webhook URL, ${expected}` },
    { text: "h:80/x", message: `"***" is no webhook URL, ${expected}` },
    { text: "ftp://u:secret@h/", message: `"ftp://***@h/" is no webhook URL, ${expected}` },
    { text: "http:secret", message: `"***" is no webhook URL, ${expected}` },
    { text: "http://", message: `"http://***" has no host, ${expected}` },
    { text: "http:///secret", message: `"http://secret/" has no host, ${expected}` },
    { text: "http://u:secret@", message: `"http://***" has no host, ${expected}` },
    { text: "http://:80/", message: `"http://***" has no host, ${expected}` },
    { text: "http://h:99999/", message: `"http://***" is no webhook URL, ${expected}` },
    { text: "http://u:se/cret@h/", message: `"http://***" is no webhook URL, ${expected}` },
    {
      text: "http://h/#secret",
      message: '"http://h/" has a fragment, which is never sent; write a # that is meant as %23',
    },
    {
      text: "http://h/#",
      message: '"http://h/" has a fragment, which is never sent; write a # that is meant as %23',
    },
    {
      text: "http://u:%secret@h/",
      message: '"http://***@h/" has a user or password with a % that is no escape, write it as %25',
    },
    {
      text: "http://u%3A:secret@h/",
      message: '"http://***@h/" has a user with a colon, which cannot be sent',
    },
  ];
  for (const { text, message } of refused) {
    test(`${JSON.stringify(text)} is refused without its secrets`, () => {
      expect(() => parseWebhookUrl(text)).toThrow(new ConfigError(message));
    });
  }

  test("that is no URL at all is not shown", () => {
    expect(redactUrl("user:secret@h")).toBe("***");
    expect(redactUrl("secret")).toBe("***");
  });
});
