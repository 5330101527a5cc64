import { describe, expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import { systemClock } from "../../src/base/time.ts";
import { type Reply, Requester, type RequesterOptions } from "../../src/outgoing/requester.ts";

const serve = (body: string, hostname = "127.0.0.1") => {
  const state = { requests: 0 };
  const server = Bun.serve({
    hostname,
    port: 0,
    fetch: async (request) => {
      state.requests++;
      return new Response(`${request.method} ${await request.text()}${body}`);
    },
  });
  return { state, port: server.port, [Symbol.dispose]: () => void server.stop(true) };
};

const ask = (url: string, changes: Partial<RequesterOptions> = {}, maxBytes = 100): Promise<Reply> =>
  new Requester({ url, deadlineMs: 2_000, clock: systemClock, ...changes }).ask({
    method: "POST",
    contentType: "text/plain",
    body: "hé",
    maxBytes,
  });

const failureOf = async (reply: Promise<Reply>): Promise<unknown> => {
  try {
    return await reply;
  } catch (error) {
    return error instanceof TransportError ? error.code : error;
  }
};

describe("a requester", () => {
  test("gives a whole answer, and says where there was more", async () => {
    using server = serve("!");
    const url = `http://127.0.0.1:${server.port}/`;
    expect([await ask(url, {}, 9), await ask(url, {}, 8)]).toEqual([
      { status: 200, body: "POST hé!", isWhole: true },
      { status: 200, body: "POST hé!".substring(0, 7), isWhole: false },
    ]);
  });

  test("keeps more than an exchange reads by itself, where it is asked for", async () => {
    using server = serve("x".repeat(120_000));
    const { body, isWhole } = await ask(`http://127.0.0.1:${server.port}/`, {}, 131_072);
    expect([body.length, isWhole]).toEqual([120_007, true]);
  });

  test("tries the next address of a host where there is no connection, and once more only", async () => {
    using server = serve("");
    const url = `http://server.test:${server.port}/`;
    const resolve = (...addresses: string[]) => ({ resolve: async () => addresses });
    expect(await ask(url, resolve("127.0.0.2", "127.0.0.1"))).toMatchObject({ status: 200 });
    expect(await failureOf(ask(url, resolve("127.0.0.2", "127.0.0.3", "127.0.0.1")))).toBe("CONNECT");
    expect(await failureOf(ask(url, resolve("127.0.0.2")))).toBe("CONNECT");
    expect(await failureOf(ask(url, resolve()))).toBe("CONNECT");
    expect(server.state.requests).toBe(1);
  });

  test("gives up in time where a name server does not answer", async () => {
    const resolve = (): Promise<readonly string[]> => new Promise(() => undefined);
    expect(await failureOf(ask("http://server.test/", { resolve, deadlineMs: 50 }))).toBe("TIMEOUT");
  });

  test("does not send again what may have arrived", async () => {
    let connections = 0;
    using server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: () => void connections++,
        data: (socket) => void socket.terminate(),
      },
    });
    expect(await failureOf(ask(`http://127.0.0.1:${server.port}/`))).toBe("CLOSED");
    expect(connections).toBe(1);
  });
});
