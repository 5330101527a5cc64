import { describe, expect, test } from "bun:test";
import { createHash, X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import fc from "fast-check";
import { AccessCounts } from "../../src/access/access-counts.ts";
import { AttemptGuard } from "../../src/access/attempt-guard.ts";
import { HttpAccess, type HttpAccessOptions } from "../../src/access/http-access.ts";
import { ConfigError } from "../../src/base/errors.ts";
import { systemClock } from "../../src/base/time.ts";
import type { Admission } from "../../src/stream/admission.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { needsTool } from "../base/tool.ts";
import { Certificate } from "../e2e/harness/certificate.ts";
import { type Backend, nobodyUrl, openBackend, response } from "./backend.ts";
import { adminRequest, sampleRequest } from "./sample-request.ts";

const open = (address: string, changes: Partial<HttpAccessOptions> = {}): HttpAccess =>
  new HttpAccess({
    address,
    fingerprint: "",
    form: "mediamtx",
    exclude: [],
    clock: systemClock,
    counts: new AccessCounts(),
    ...changes,
  });

const always =
  (text: string) =>
  (socket: Socket): void => {
    socket.end(text);
  };

const shown = { credentials: { user: "anna", password: "hunter2" } };

const refusal = (answer: Admission): { reason: string; message: string } => {
  if (answer.isAllowed) throw new Error("expected a refusal");
  return { reason: answer.reason, message: answer.message };
};

/** Has `count` requests wait at the backend. */
const arrived = async (backend: Backend, count: number): Promise<void> => {
  while (backend.requests.length < count) await Bun.sleep(1);
};

describe("a server that is asked", () => {
  test("gets a POST of JSON, and lets in by any success", async () => {
    using backend = await openBackend(always(response(204)));
    const answer = await open(backend.url).decide(sampleRequest(shown));
    expect(answer).toEqual({ isAllowed: true, user: "anna" });
    const [request = ""] = backend.requests;
    expect(request).toStartWith("POST /auth?key=backend-key HTTP/1.1\r\n");
    expect(request).toMatch(/^content-type: application\/json\r$/im);
    expect(JSON.parse(request.split("\r\n\r\n")[1] ?? "")).toMatchObject({ user: "anna", path: "live/cam1" });
  });

  test("gets user and password of its URL as Basic authorization", async () => {
    using backend = await openBackend(always(response(200)));
    const url = backend.url.replace("http://", "http://me:p%40ss@");
    expect((await open(url).decide(sampleRequest())).isAllowed).toBe(true);
    expect(backend.requests[0]).toContain(`Authorization: Basic ${btoa("me:p@ss")}\r\n`);
  });

  test.each([
    { status: 401, request: sampleRequest(), expected: "missing" },
    { status: 401, request: sampleRequest(shown), expected: "denied" },
    { status: 403, request: sampleRequest({ query: "psk=1" }), expected: "denied" },
    { status: 500, request: sampleRequest(shown), expected: "unavailable" },
    { status: 401, request: adminRequest({ query: "page=0" }), expected: "missing" },
    { status: 401, request: adminRequest({ query: "page=0", ...shown }), expected: "denied" },
  ])("and says $status is $expected", async ({ status, request, expected }) => {
    using backend = await openBackend(always(response(status, "hunter2")));
    expect(refusal(await open(backend.url).decide(request)).reason).toBe(expected);
  });

  test("and knows streams by secret names denies, even where nothing was shown", async () => {
    using backend = await openBackend(always(response(404)));
    const answer = await open(backend.url, { form: "nginx-rtmp" }).decide(sampleRequest());
    expect(refusal(answer).reason).toBe("denied");
    const playback = sampleRequest({ action: "playback", protocol: "", query: "path=live/cam1" });
    expect(refusal(await open(backend.url, { form: "srs" }).decide(playback)).reason).toBe("denied");
  });

  test("is not asked about what is excluded, nor about what its form has no words for", async () => {
    using backend = await openBackend(always(response(200, "0")));
    const access = open(backend.url, { form: "srs", exclude: [{ action: "metrics", path: "" }] });
    expect(access.decide(adminRequest({ action: "metrics" }))).toMatchObject({ isAllowed: true });
    expect(access.decide(adminRequest())).toMatchObject({
      reason: "missing",
      message: "authHTTPForm srs cannot ask about api, expected it in authHTTPExclude",
    });
    expect(access.decide(adminRequest(shown))).toMatchObject({ reason: "unavailable", delayMs: 0 });
    expect(await access.decide(sampleRequest())).toMatchObject({ isAllowed: true });
    expect(backend.requests.length).toBe(1);
  });

  test("is asked once by a crowd, and not again for five seconds", async () => {
    const clock = new FakeClock();
    const counts = new AccessCounts();
    using backend = await openBackend(always(response(200)));
    const shared = (): void => counts.hit();
    const access = new AttemptGuard(open(backend.url, { clock, counts }), { clock, shared });
    const read = sampleRequest({ ...shown, action: "read" });
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, port) => access.decide({ ...read, port, id: `${port}` })),
    );
    expect(new Set(answers.map(({ isAllowed }) => isAllowed))).toEqual(new Set([true]));
    clock.advance(4_999);
    expect(access.decide(read)).toEqual({ isAllowed: true, user: "anna" });
    expect({ requests: backend.requests.length, hits: counts.hits }).toEqual({ requests: 1, hits: 1_000 });
    clock.advance(1);
    await access.decide(read);
    expect(backend.requests.length).toBe(2);
  });

  test("has its no remembered for a second, and its word about a publish never", async () => {
    const clock = new FakeClock();
    using backend = await openBackend((socket, request) =>
      socket.end(response(request.includes('"publish"') ? 200 : 401)),
    );
    const access = open(backend.url, { clock });
    const read = sampleRequest({ ...shown, action: "read" });
    await access.decide(read);
    clock.advance(999);
    expect(access.decide(read)).not.toBeInstanceOf(Promise);
    clock.advance(1);
    await access.decide(read);
    await access.decide(sampleRequest(shown));
    await access.decide(sampleRequest(shown));
    expect(backend.requests.length).toBe(4);
  });

  test.each([
    { password: "other" },
    { user: "other" },
    { token: "other" },
    { path: "live/other" },
    { ip: "192.0.2.1" },
    { query: "psk=other" },
    { action: "playback" as const },
  ])("is asked anew about %j", async (change) => {
    using backend = await openBackend(always(response(200)));
    const access = open(backend.url);
    await access.decide(sampleRequest({ ...shown, action: "read" }));
    const { password, user, token, ...others } = { password: "hunter2", user: "anna", token: "", ...change };
    await access.decide(sampleRequest({ action: "read", credentials: { password, user, token }, ...others }));
    expect(backend.requests.length).toBe(2);
  });

  test("is never asked by more than 64 at once", async () => {
    const sockets: Socket[] = [];
    using backend = await openBackend((socket) => void sockets.push(socket));
    const access = open(backend.url);
    const asks = Array.from({ length: 80 }, (_, index) =>
      access.decide(sampleRequest({ path: `live/cam${index}`, ...shown })),
    );
    await arrived(backend, 64);
    for (let more = 1; more <= 3; more++) {
      sockets.shift()?.end(response(200));
      await arrived(backend, 64 + more);
      expect(backend.requests.length).toBe(64 + more);
    }
    for (const socket of sockets.splice(0)) socket.end(response(200));
    await arrived(backend, 80);
    for (const socket of sockets) socket.end(response(200));
    expect(new Set((await Promise.all(asks)).map((answer) => JSON.stringify(answer)))).toEqual(
      new Set(['{"isAllowed":true,"user":"anna"}']),
    );
  });
});

/** What is wrong with a backend, for real. */
const faults: Readonly<Record<string, (socket: Socket) => void>> = {
  "says nothing": () => undefined,
  "hangs up": (socket) => void socket.destroy(),
  "answers with garbage": (socket) => void socket.end("220 mail.example ESMTP\r\n"),
  "answers with a status that is none": (socket) => void socket.end("HTTP/1.1 abc\r\n\r\n"),
  "hangs after its headers": (socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
  "hangs up within its body": (socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n0"),
  redirects: (socket) => void socket.end(response(302, "", "Location: /elsewhere\r\n")),
  drips: (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const timer = setInterval(() => socket.write("1\r\n0\r\n"), 100);
    socket.on("close", () => clearInterval(timer));
  },
  "answers with a gigabyte": (socket) => {
    const size = 1024 ** 3;
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    const block = Buffer.alloc(2 ** 20, "0");
    const more = (): void => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on("drain", more);
    more();
  },
};

describe.concurrent("a server that is asked, and", () => {
  for (const [name, fault] of Object.entries(faults))
    for (const form of ["mediamtx", "srs", "nginx-rtmp", "native"] as const)
      test(`${name} (${form}), lets nobody in, within 3 s`, async () => {
        using backend = await openBackend(fault);
        const start = performance.now();
        const { reason, message } = refusal(await open(backend.url, { form }).decide(sampleRequest(shown)));
        expect(performance.now() - start).toBeLessThan(3_000);
        expect(reason).toBe(name === "redirects" ? "denied" : "unavailable");
        expect(message).not.toMatch(/hunter2|backend-key/);
      });

  test("is not there, lets nobody in", async () => {
    const { reason, message } = refusal(await open(await nobodyUrl()).decide(sampleRequest(shown)));
    expect(reason).toBe("unavailable");
    expect(message).toBe("the access server: no connection could be made (ECONNREFUSED)");
  });

  test("whose name nobody knows, lets nobody in", async () => {
    const answer = await open("http://nowhere.invalid/").decide(sampleRequest(shown));
    expect(refusal(answer).reason).toBe("unavailable");
  });
});

describe("a refusal", () => {
  test("shows nothing of what was shown, whatever the server says", async () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9%&=+]{6,20}$/);
    let say = "";
    using backend = await openBackend((socket) => socket.end(say));
    await fc.assert(
      fc.asyncProperty(
        fc.record({ user: secret, password: secret, token: secret, query: secret }),
        fc.constantFrom(200, 302, 403, 500),
        fc.constantFrom("mediamtx", "srs", "nginx-rtmp", "native"),
        async ({ query, ...credentials }, status, form) => {
          const echo = `${JSON.stringify(credentials)} ${query}`;
          say = response(status, JSON.stringify({ allowed: false, reason: echo, code: 1 }));
          const answer = await open(backend.url, { form }).decide(
            sampleRequest({ credentials, query: `x=${query}` }),
          );
          const message = answer.isAllowed ? "" : answer.message;
          for (const text of [...Object.values(credentials), query]) expect(message).not.toContain(text);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a pinned certificate", () => {
  needsTool("openssl")("is the only one that is trusted", async () => {
    using certificate = await Certificate.make();
    const cert = await Bun.file(certificate.cert).text();
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert, key: await Bun.file(certificate.key).text() },
      fetch: () => new Response(),
    });
    const address = `https://127.0.0.1:${server.port}/`;
    const right = createHash("sha256").update(new X509Certificate(cert).raw).digest("hex");
    const outcomes = await Promise.all(
      [right, "ab".repeat(32), ""].map(async (fingerprint) => {
        const answer = await open(address, { fingerprint }).decide(sampleRequest(shown));
        return answer.isAllowed ? "allowed" : answer.reason;
      }),
    );
    expect(outcomes).toEqual(["allowed", "unavailable", "unavailable"]);
  });

  test("that is none is an error of the operator's", () => {
    expect(() => open("https://127.0.0.1/", { fingerprint: "zz" })).toThrow(ConfigError);
    expect(() => open("ftp://127.0.0.1/")).toThrow(ConfigError);
  });
});
