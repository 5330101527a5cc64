import { describe, expect, test } from "bun:test";
import { ConfigError, RefusedError, TransportError } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import type { Handler, Resource } from "../../src/http/resource.ts";
import { HttpServer } from "../../src/http/server.ts";
import { needsTool } from "../base/tool.ts";
import { exchange, Serving } from "./serving.ts";

const resource = (path: string, get: Handler): Resource => ({ path, methods: { GET: get } });

const hello = resource("/hello", () => new Response("hello"));

const thrown = async (run: () => unknown): Promise<unknown> => {
  try {
    return await run();
  } catch (error) {
    return error;
  }
};

const listen = (host: string, port: number): HttpServer =>
  new HttpServer({ address: { host, port }, resources: [hello], clock: systemClock, log: silentLogger });

describe("the HTTP server", () => {
  test("serves what is under a path, and says who it is", async () => {
    await using serving = new Serving([hello]);
    const response = await serving.get("/hello?x=1");
    expect([response.status, response.headers.get("Server"), await response.text()]).toEqual([
      200,
      "mediamtx",
      "hello",
    ]);
  });

  test("answers HEAD where a resource does, without the body", async () => {
    const get = hello.methods.GET!;
    await using serving = new Serving([{ path: "/hello", methods: { GET: get, HEAD: get } }]);
    const response = await serving.get("/hello", { method: "HEAD" });
    expect([response.status, response.headers.get("Content-Length"), await response.text()]).toEqual([
      200,
      "5",
      "",
    ]);
  });

  test("says that a page is not there under other paths, however near, and to methods that are not for it", async () => {
    const both: Resource = { ...hello, methods: { ...hello.methods, POST: () => new Response("posted") } };
    await using serving = new Serving([both]);
    expect(await (await serving.get("/hello", { method: "POST" })).text()).toBe("posted");
    const lines = ["/", "/hello/x", "/Hello", "/__proto__", "/constructor"].map((path) => `GET ${path}`);
    for (const line of [...lines, "PUT /hello", "DELETE /hello", "OPTIONS /hello", "PATCH /hello"]) {
      const [method = "", path = ""] = line.split(" ");
      const response = await serving.get(path, { method });
      expect([line, response.status, response.headers.get("Content-Type"), await response.text()]).toEqual([
        line,
        404,
        "text/plain",
        "404 page not found",
      ]);
    }
    const head = await serving.get("/hello", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([404, ""]);
  });

  test("takes a path as it is meant, whatever of it is escaped", async () => {
    await using serving = new Serving([hello]);
    expect(await (await serving.get("/%68ello")).text()).toBe("hello");
  });

  const failures: { error: unknown; status: number; text: string }[] = [
    {
      error: new RefusedError("STREAM_NOT_FOUND", "no stream live/a"),
      status: 404,
      text: "no stream live/a",
    },
    { error: new RefusedError("ALREADY_PUBLISHING", "taken"), status: 409, text: "taken" },
    { error: new RefusedError("SHUTTING_DOWN", "stopping"), status: 503, text: "stopping" },
    { error: new ConfigError("limit 0, expected 1 to 9"), status: 400, text: "limit 0, expected 1 to 9" },
    { error: new TransportError("TIMEOUT", "too late"), status: 504, text: "too late" },
    { error: new TransportError("LISTEN", "port is taken"), status: 400, text: "port is taken" },
    { error: new TransportError("DISK", "disk full"), status: 502, text: "disk full" },
    { error: new Error("password is hunter2"), status: 500, text: "internal error" },
    { error: "thrown text", status: 500, text: "internal error" },
  ];
  for (const { error, status, text } of failures) {
    test(`turns ${error instanceof Error ? `${error.name} ${error.message}` : error} into ${status}`, async () => {
      const logged: unknown[] = [];
      const log = { ...silentLogger, error: (_: string, fields?: object) => void logged.push(fields) };
      const fail = (): never => {
        throw error;
      };
      await using serving = new Serving(
        [resource("/now", fail), resource("/later", async () => fail())],
        log,
      );
      for (const path of ["/now", "/later"]) {
        const response = await serving.get(path);
        expect([response.status, await response.json(), response.headers.get("Server")]).toEqual([
          status,
          { status: "error", error: text },
          "mediamtx",
        ]);
      }
      expect(logged).toHaveLength(status === 500 ? 2 : 0);
    });
  }

  test("survives requests that are none", async () => {
    await using serving = new Serving([hello]);
    const { port } = serving.server;
    expect(await exchange(port, 'GET /hello HTTP/1.1\r\nHost: a b"<\r\n\r\n')).toStartWith("HTTP/1.1 400");
    for (const bytes of ["\0\0\0\0", "GET\r\n\r\n", "GET /hello HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\0\x01"])
      expect(await exchange(port, bytes)).not.toContain("200");
    expect((await serving.get("/hello")).status).toBe(200);
  });

  test("takes no body of more than a megabyte", async () => {
    await using serving = new Serving([
      {
        path: "/in",
        methods: { POST: async (request) => new Response(String((await request.bytes()).length)) },
      },
    ]);
    const post = (size: number): Promise<Response> =>
      serving.get("/in", { method: "POST", body: new Uint8Array(size) });
    expect(await (await post(1024 * 1024)).text()).toBe("1048576");
    expect((await post(1024 * 1024 + 1)).status).toBe(413);
  });

  test("says what is wrong when it cannot have its address", async () => {
    for (const host of ["127.0.0.1", ""]) {
      const taken = listen(host, 0);
      try {
        const error = await thrown(() => listen(host, taken.port));
        expect(error).toBeInstanceOf(TransportError);
        expect(error).toMatchObject({
          code: "LISTEN",
          message: `cannot listen for HTTP on ${host}:${taken.port}: the port is in use by another program`,
        });
      } finally {
        await taken.stop(0);
      }
    }
    expect(await thrown(() => listen("192.0.2.1", 0))).toMatchObject({
      code: "LISTEN",
      message: "cannot listen for HTTP on 192.0.2.1:0: this machine has no such address",
    });
  });

  test("listens on every interface where no host is given", async () => {
    const server = listen("", 0);
    try {
      const response = await fetch(`http://127.0.0.1:${server.port}/hello`);
      expect(await response.text()).toBe("hello");
    } finally {
      await server.stop(0);
    }
  });
});

describe("the HTTP server that stops", () => {
  test("lets a request that runs end, takes no new ones, and gives the port back", async () => {
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const slow = resource("/slow", async () => {
      enter();
      await gate;
      return new Response("done");
    });
    const server = new HttpServer({
      address: { host: "127.0.0.1", port: 0 },
      resources: [slow],
      clock: systemClock,
      log: silentLogger,
    });
    const { port } = server;
    const answer = fetch(`http://127.0.0.1:${port}/slow`).then((response) => response.text());
    await entered;
    const stopped = server.stop(5_000);
    expect(await thrown(() => fetch(`http://127.0.0.1:${port}/slow`, { keepalive: false }))).toBeInstanceOf(
      Error,
    );
    open();
    expect(await answer).toBe("done");
    await stopped;
    const next = listen("127.0.0.1", port);
    await next.stop(0);
  });

  test("cuts off a request that does not end in time", async () => {
    const serving = new Serving([resource("/hang", () => new Promise<Response>(() => undefined))]);
    const answer = thrown(() => serving.get("/hang"));
    await Bun.sleep(50);
    const startedAt = performance.now();
    await serving.server.stop(100);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(await answer).toBeInstanceOf(Error);
  });

  test("does not wait for connections that ask for nothing", async () => {
    const serving = new Serving([hello]);
    await (await serving.get("/hello")).text();
    const idle = await Bun.connect({
      hostname: "127.0.0.1",
      port: serving.server.port,
      socket: { data: () => undefined },
    });
    const startedAt = performance.now();
    await serving.server.stop(300);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    idle.terminate();
  });
});

needsTool("curl")("curl gets what fetch gets", async () => {
  await using serving = new Serving([hello]);
  const curl = async (...args: string[]): Promise<string> => {
    const child = Bun.spawn(["curl", "-sS", "--max-time", "5", "--noproxy", "*", ...args], {
      stdout: "pipe",
      stderr: "inherit",
    });
    return new Response(child.stdout).text();
  };
  expect(await curl(serving.url("/hello"))).toBe("hello");
  expect(await curl("-i", serving.url("/hello"))).toMatch(
    /^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*Server: mediamtx\r\n/i,
  );
  expect(await curl("-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", serving.url("/hello"))).toBe(
    "404",
  );
  expect(await curl(serving.url("/nope"))).toBe("404 page not found");
});
