import { afterAll, describe, expect, test } from "bun:test";
import { createHash, X509Certificate } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ConfigError } from "../../../src/base/errors.ts";
import { systemClock } from "../../../src/base/time.ts";
import { EgressError } from "../../../src/hooks/webhook/egress.ts";
import { Transport, type TransportOptions } from "../../../src/hooks/webhook/transport.ts";
import type { Answer } from "../../../src/outgoing/exchange.ts";
import type { Resolver } from "../../../src/outgoing/resolver.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { needsTool } from "../../base/tool.ts";
import { Certificate } from "../../e2e/harness/certificate.ts";

const idle = new AbortController().signal;

const transports: Transport[] = [];
afterAll(() => {
  for (const transport of transports) transport.close();
});

const open = (changes: Partial<TransportOptions> = {}): Transport => {
  const transport = new Transport({
    egress: "default",
    tlsPolicy: "public",
    tls: {},
    proxy: undefined,
    clock: systemClock,
    ...changes,
  });
  transports.push(transport);
  return transport;
};

const send = (transport: Transport, url: string, signal = idle): Promise<Answer> =>
  transport.send(
    {
      url: new URL(url),
      method: "POST",
      headers: { "X-A": "a" },
      body: Buffer.from("body"),
      keptBytes: 1_024,
    },
    signal,
  );

const textOf = ({ head }: Answer): string => new TextDecoder().decode(head);

/** A server of bare bytes on an address of loopback. */
const listen = async (
  onData: (socket: Socket, request: string, count: number) => void,
  { host = "127.0.0.1", port = 0 } = {},
): Promise<{ server: Server; port: number; connections: () => number } & Disposable> => {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    let count = 0;
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => onData(socket, bytes.toString(), ++count));
  });
  const listening = Promise.withResolvers<void>();
  server.listen(port, host, listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    server,
    port: address.port,
    connections: () => connections,
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

const ok = (text = "ok"): string => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

const to =
  (...addresses: string[]): Resolver =>
  () =>
    Promise.resolve(addresses);

describe("a transport", () => {
  test("connects to the address that was judged, and asks for the name", async () => {
    using server = await listen((socket, request) => socket.write(ok(/^Host: .*$/m.exec(request)?.[0])));
    const transport = open({ resolve: to("127.0.0.1") });
    expect(textOf(await send(transport, `http://receiver.test:${server.port}/a?b=c`))).toBe(
      `Host: receiver.test:${server.port}`,
    );
  });

  test("asks the resolver for each request, and never connects to what it must not", async () => {
    using server = await listen((socket) => socket.write(ok()));
    // A name that means something else the second time.
    const answers = [["127.0.0.1"], ["169.254.169.254"], ["::ffff:a9fe:a9fe"], ["0.0.0.0"]];
    const transport = open({ resolve: () => Promise.resolve(answers.shift() ?? []) });
    const url = `http://rebound.test:${server.port}/`;
    expect((await send(transport, url)).status).toBe(200);
    for (let count = 0; count < 3; count++)
      await expect(send(transport, url)).rejects.toBeInstanceOf(EgressError);
    expect(server.connections()).toBe(1);
  });

  test("follows no redirect, wherever it leads", async () => {
    using target = await listen((socket) => socket.write(ok()));
    using server = await listen((socket) =>
      socket.write(
        `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${target.port}/\r\nContent-Length: 0\r\n\r\n`,
      ),
    );
    expect((await send(open(), `http://127.0.0.1:${server.port}/`)).status).toBe(302);
    expect(target.connections()).toBe(0);
  });

  test("tries the next address where nobody listens at one, and tells of the last", async () => {
    using server = await listen((socket) => socket.write(ok()), { host: "127.0.0.2" });
    const url = `http://receiver.test:${server.port}/`;
    expect((await send(open({ resolve: to("127.0.0.3", "127.0.0.2") }), url)).status).toBe(200);
    await expect(send(open({ resolve: to("127.0.0.3", "127.0.0.4") }), url)).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  test("does not send to a second address what a first one may have taken", async () => {
    using first = await listen((socket) => socket.resetAndDestroy(), { host: "127.0.0.2" });
    using second = await listen((socket) => socket.write(ok()), { host: "127.0.0.3", port: first.port });
    const transport = open({ resolve: to("127.0.0.2", "127.0.0.3") });
    await expect(send(transport, `http://receiver.test:${first.port}/`)).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    expect(second.connections()).toBe(0);
  });

  test("uses a connection again", async () => {
    using server = await listen((socket) => socket.write(ok()));
    const transport = open();
    for (let count = 0; count < 5; count++) await send(transport, `http://127.0.0.1:${server.port}/`);
    expect(server.connections()).toBe(1);
  });

  test("lets a request end that is on its way when it is closed, and keeps no connection then", async () => {
    const asked = Promise.withResolvers<Socket>();
    const closed = Promise.withResolvers<void>();
    using server = await listen((socket) => {
      socket.on("close", () => closed.resolve());
      asked.resolve(socket);
    });
    const transport = open();
    const sending = send(transport, `http://127.0.0.1:${server.port}/`);
    const socket = await asked.promise;
    transport.close();
    socket.write(ok());
    expect((await sending).status).toBe(200);
    await closed.promise;
  });

  test("is patient with an address that took the connection, though there is another one", async () => {
    using server = await listen((socket) => {
      clock.advance(60_000);
      socket.write(ok());
    });
    const clock = new FakeClock();
    const transport = open({ resolve: to("127.0.0.1", "127.0.0.1"), clock });
    const url = `http://receiver.test:${server.port}/`;
    expect((await send(transport, url)).status).toBe(200);
    expect([server.connections(), clock.timers]).toEqual([1, 0]);
  });

  test("sends once more where a connection that was kept has died, and only then", async () => {
    const requests: number[] = [];
    // Each connection carries one request, and dies at the next one.
    using server = await listen((socket, _, count) => {
      requests.push(count);
      if (count === 1) socket.write(ok());
      else socket.resetAndDestroy();
    });
    const transport = open();
    const url = `http://127.0.0.1:${server.port}/`;
    for (let count = 0; count < 3; count++) expect((await send(transport, url)).status).toBe(200);
    expect(requests).toEqual([1, 2, 1, 2, 1]);
  });

  test("does not send once more where an answer had begun, or the connection was new", async () => {
    let requests = 0;
    using server = await listen((socket, _, count) => {
      requests++;
      if (count === 1) socket.write(ok());
      else socket.write("HTTP/1.1 200 ", () => socket.resetAndDestroy());
    });
    const transport = open();
    const url = `http://127.0.0.1:${server.port}/`;
    await send(transport, url);
    await expect(send(transport, url)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(requests).toBe(2);
    using rude = await listen((socket) => {
      requests++;
      socket.resetAndDestroy();
    });
    await expect(send(open(), `http://127.0.0.1:${rude.port}/`)).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    expect(requests).toBe(3);
  });

  test("does not give up an answer that takes longer than a kept connection lives", async () => {
    using server = await listen((socket) => setTimeout(() => socket.write(ok()), 4_500));
    expect((await send(open(), `http://127.0.0.1:${server.port}/`)).status).toBe(200);
  }, 10_000);

  test("has no limit that other receivers could use up", async () => {
    const hung = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: () => new Promise(() => undefined),
    });
    using quick = await listen((socket) => socket.write(ok()));
    const abort = new AbortController();
    const hanging = Array.from({ length: 300 }, () => send(open(), hung.url.href, abort.signal));
    while (hung.pendingRequests < 300) await Bun.sleep(5);
    const start = performance.now();
    await send(open(), `http://127.0.0.1:${quick.port}/`);
    const ms = performance.now() - start;
    abort.abort();
    const outcomes = await Promise.allSettled(hanging);
    await hung.stop(true);
    expect(ms).toBeLessThan(1_000);
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
  }, 20_000);

  test("reads 64 KiB of a long answer in little memory, and closes its connection", async () => {
    const closed = Promise.withResolvers<number>();
    const chunk = Buffer.alloc(65_536);
    using server = await listen((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
      let sent = 0;
      const pump = (): void => {
        while (!socket.destroyed && sent < 1 << 30) {
          sent += chunk.length;
          if (!socket.write(chunk)) break;
        }
      };
      socket.on("drain", pump);
      socket.on("close", () => closed.resolve(sent));
      pump();
    });
    const before = process.memoryUsage.rss();
    const { head, broken } = await send(open(), `http://127.0.0.1:${server.port}/`);
    expect([head.length, broken]).toEqual([1_024, undefined]);
    expect(await closed.promise).toBeLessThan(64 << 20);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 << 20);
  });

  const answered: { name: string; bytes: string; status: number; text: string }[] = [
    {
      name: "an interim answer first",
      bytes: `HTTP/1.1 103 Early Hints\r\n\r\n${ok()}`,
      status: 200,
      text: "ok",
    },
    {
      name: "chunks",
      bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      status: 200,
      text: "ok",
    },
    { name: "an end by the connection's end", bytes: "HTTP/1.0 200 OK\r\n\r\nok", status: 200, text: "ok" },
    { name: "no body", bytes: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, text: "" },
  ];
  for (const { name, bytes, status, text } of answered) {
    test(`understands an answer with ${name}`, async () => {
      using server = await listen((socket) => socket.end(bytes));
      const answer = await send(open(), `http://127.0.0.1:${server.port}/`);
      expect({ status: answer.status, text: textOf(answer), broken: answer.broken }).toEqual({
        status,
        text,
        broken: undefined,
      });
    });
  }

  test("takes an answer that comes before the request is whole", async () => {
    using server = await listen((socket, _, count) => {
      if (count === 1) socket.end("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    const answer = await open().send(
      {
        url: new URL(`http://127.0.0.1:${server.port}/`),
        method: "POST",
        headers: {},
        body: Buffer.alloc(8 << 20),
        keptBytes: 0,
      },
      idle,
    );
    expect(answer.status).toBe(413);
  });
});

/** A certificate for a host name, and its key. */
const certificateFor = (name: string): { cert: string; key: string } => {
  const { stdout } = Bun.spawnSync([
    ..."openssl req -x509 -newkey rsa:2048 -nodes -days 2 -out - -keyout -".split(" "),
    ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`],
  ]);
  const [cert = "", key = ""] = ["CERTIFICATE", "PRIVATE KEY"].map(
    (kind) => new RegExp(`-----BEGIN ${kind}-----[^-]*-----END ${kind}-----\n`).exec(stdout.toString())?.[0],
  );
  return { cert, key };
};

describe("a transport with TLS", () => {
  const needsOpenssl = needsTool("openssl");
  const serve = async (certificate: Certificate): Promise<Bun.Server<undefined>> =>
    Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert: await Bun.file(certificate.cert).text(), key: await Bun.file(certificate.key).text() },
      fetch: () => new Response("secure"),
    });

  needsOpenssl(
    "trusts an authority of the operator's beside those of everybody, and still looks at the name",
    async () => {
      using certificate = await Certificate.make();
      await using server = await serve(certificate);
      const ca = await Bun.file(certificate.cert).text();
      const url = `https://127.0.0.1:${server.port}/`;
      expect(textOf(await send(open({ tls: { ca } }), url))).toBe("secure");
      await expect(send(open(), url)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
      const named = open({ tls: { ca }, resolve: to("127.0.0.1") });
      await expect(send(named, `https://receiver.test:${server.port}/`)).rejects.toMatchObject({
        code: "ERR_TLS_CERT_ALTNAME_INVALID",
      });
    },
  );

  needsOpenssl("trusts a certificate by its fingerprint, and sends nothing to another one", async () => {
    using certificate = await Certificate.make();
    await using server = await serve(certificate);
    const { fingerprint256, raw } = new X509Certificate(await Bun.file(certificate.cert).text());
    const url = `https://receiver.test:${server.port}/`;
    for (const fingerprint of [fingerprint256, createHash("sha256").update(raw).digest("hex")]) {
      const transport = open({ tls: { fingerprint }, resolve: to("127.0.0.1") });
      expect(textOf(await send(transport, url))).toBe("secure");
      expect(textOf(await send(transport, url))).toBe("secure");
    }
    const strange = open({ tls: { fingerprint: "ab".repeat(32) }, resolve: to("127.0.0.1") });
    const before = server.pendingRequests;
    await expect(send(strange, url)).rejects.toMatchObject({ code: "CERT_FINGERPRINT" });
    expect(server.pendingRequests).toBe(before);
  });

  needsOpenssl("knows a certificate by its fingerprint on each new connection", async () => {
    using certificate = await Certificate.make();
    const cert = await Bun.file(certificate.cert).text();
    await using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert, key: await Bun.file(certificate.key).text() },
      fetch: () => new Response("secure", { headers: { Connection: "close" } }),
    });
    const transport = open({ tls: { fingerprint: new X509Certificate(cert).fingerprint256 } });
    for (let count = 0; count < 5; count++)
      expect(textOf(await send(transport, `https://127.0.0.1:${server.port}/`))).toBe("secure");
  });

  needsOpenssl("does not send to a second address what a first one may have taken", async () => {
    const { cert, key } = certificateFor("receiver.test");
    const requests: string[] = [];
    using first = Bun.listen({
      hostname: "127.0.0.2",
      port: 0,
      tls: { cert, key },
      socket: {
        data(socket, bytes) {
          requests.push(bytes.toString().substring(0, 4));
          socket.terminate();
        },
      },
    });
    using second = await listen((socket) => socket.write(ok()), { port: first.port });
    const fingerprint = new X509Certificate(cert).fingerprint256;
    for (const tls of [{ ca: cert }, { fingerprint }]) {
      const transport = open({ tls, resolve: to("127.0.0.2", "127.0.0.1") });
      const sending = send(transport, `https://receiver.test:${first.port}/`);
      await expect(sending).rejects.toMatchObject({ code: "ECONNRESET", isUnsent: false });
    }
    const strange = open({ resolve: to("127.0.0.2", "127.0.0.1") });
    await expect(send(strange, `https://receiver.test:${first.port}/`)).rejects.toThrow("certificate");
    expect([requests, second.connections()]).toEqual([["POST", "POST"], 0]);
  });

  needsOpenssl("gives an address a second while there is another one", async () => {
    using certificate = await Certificate.make();
    await using server = await serve(certificate);
    using silent = await listen(() => undefined, { host: "127.0.0.2", port: server.port! });
    const fingerprint = new X509Certificate(await Bun.file(certificate.cert).text()).fingerprint256;
    const clock = new FakeClock();
    const transport = open({ tls: { fingerprint }, resolve: to("127.0.0.2", "127.0.0.1"), clock });
    const sending = send(transport, `https://receiver.test:${server.port}/`);
    while (silent.connections() === 0) await Bun.sleep(1);
    clock.advance(999);
    expect(await Promise.race([sending, Bun.sleep(50)])).toBeUndefined();
    clock.advance(1);
    expect(textOf(await sending)).toBe("secure");
  });

  needsOpenssl("ends a handshake that goes nowhere when it is aborted", async () => {
    const closed = Promise.withResolvers<void>();
    using silent = await listen((socket) => socket.on("close", () => closed.resolve()));
    const url = `https://127.0.0.1:${silent.port}/`;
    for (const tls of [{}, { fingerprint: "ab".repeat(32) }]) {
      const abort = new AbortController();
      const sending = send(open({ tls }), url, abort.signal);
      const before = silent.connections();
      while (silent.connections() === before) await Bun.sleep(1);
      abort.abort();
      await expect(sending).rejects.toThrow("aborted");
    }
    await closed.promise;
  });

  needsOpenssl("shows a client certificate to who asks for it", async () => {
    using certificate = await Certificate.make();
    const cert = await Bun.file(certificate.cert).text();
    const key = await Bun.file(certificate.key).text();
    await using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true },
      fetch: () => new Response("known"),
    });
    const url = `https://127.0.0.1:${server.port}/`;
    expect(textOf(await send(open({ tls: { ca: cert, cert, key } }), url))).toBe("known");
    await expect(send(open({ tls: { ca: cert } }), url)).rejects.toThrow();
  });

  const refused: { name: string; tls: TransportOptions["tls"] }[] = [
    { name: "a fingerprint of another length", tls: { fingerprint: "ab:cd" } },
    { name: "a certificate without its key", tls: { cert: "x" } },
    { name: "a certificate that is none", tls: { cert: "x", key: "-----BEGIN s3cret" } },
  ];
  for (const { name, tls } of refused) {
    test(`refuses ${name}`, () => {
      const made = (): Transport => open({ tls });
      expect(made).toThrow(ConfigError);
      expect(made).not.toThrow("s3cret");
    });
  }
});

describe("a transport with a proxy", () => {
  /** A proxy that knows no name but sends everything to one port of loopback. */
  const proxyTo = async (port: number, seen: string[]): Promise<Awaited<ReturnType<typeof listen>>> =>
    await listen((socket, request, count) => {
      if (count > 1) return;
      seen.push(request.split("\r\n")[0] ?? "", /^proxy-authorization: .*$/im.exec(request)?.[0] ?? "");
      if (!request.startsWith("CONNECT ")) {
        socket.end(ok("by proxy"));
        return;
      }
      const onward = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      onward.on("error", () => socket.destroy());
    });
  const credentials = "proxy-authorization: Basic dTpw";

  needsTool("openssl")(
    "goes through it to https, with the certificate checked at the end of the way",
    async () => {
      using certificate = await Certificate.make();
      const pem = await Bun.file(certificate.cert).text();
      await using server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        tls: { cert: pem, key: await Bun.file(certificate.key).text() },
        fetch: () => new Response("secure"),
      });
      const seen: string[] = [];
      using proxy = await proxyTo(server.port!, seen);
      const url = `https://127.0.0.1:${server.port}/`;
      const by = { proxy: `http://u:p@127.0.0.1:${proxy.port}` };
      const fingerprint = new X509Certificate(pem).fingerprint256;
      expect(textOf(await send(open({ ...by, tls: { ca: pem } }), url))).toBe("secure");
      expect(textOf(await send(open({ ...by, tls: { fingerprint } }), url))).toBe("secure");
      expect(seen).toEqual([
        `CONNECT 127.0.0.1:${server.port} HTTP/1.1`,
        credentials,
        `CONNECT 127.0.0.1:${server.port} HTTP/1.1`,
        credentials,
      ]);
      await expect(send(open(by), url)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
      await expect(send(open({ ...by, tls: { fingerprint: "ab".repeat(32) } }), url)).rejects.toMatchObject({
        code: "CERT_FINGERPRINT",
      });
    },
  );

  test("leaves names to it, and sends plain http only where any way will do", async () => {
    const seen: string[] = [];
    using proxy = await proxyTo(0, seen);
    const by = {
      proxy: `http://u:p@127.0.0.1:${proxy.port}`,
      resolve: () => Promise.reject(new Error("was asked")),
    };
    await expect(send(open(by), "http://nowhere.invalid/")).rejects.toBeInstanceOf(EgressError);
    expect(textOf(await send(open({ ...by, tlsPolicy: "off" }), "http://nowhere.invalid/x"))).toBe(
      "by proxy",
    );
    expect(seen).toEqual(["POST http://nowhere.invalid/x HTTP/1.1", credentials]);
  });

  test("refuses one that is no URL, without its secrets", () => {
    for (const proxy of ["socks5://u:s3cret@h", "u:s3cret@h"]) {
      expect(() => open({ proxy })).toThrow(ConfigError);
      expect(() => open({ proxy })).not.toThrow("s3cret");
    }
  });

  test("says that it refused the way, and does not wait for ever for one that is silent", async () => {
    using denying = await listen((socket) => socket.end("HTTP/1.1 407 no\r\n\r\n"));
    await expect(
      send(open({ proxy: `http://u:s3cret@127.0.0.1:${denying.port}` }), "https://h/"),
    ).rejects.toMatchObject({ code: "ERR_PROXY_TUNNEL" });
    using silent = await listen(() => undefined);
    const transport = open({ proxy: `http://127.0.0.1:${silent.port}` });
    await expect(send(transport, "https://h/", AbortSignal.timeout(100))).rejects.toThrow("aborted");
  });
});
