import { describe, expect, test } from "bun:test";
import { eventsResource } from "../../src/http/events.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { Serving } from "./serving.ts";

/** Something that raises events, and knows who listens. */
class Raiser {
  readonly listeners = new Set<(line: string) => void>();

  readonly listen = (listener: (line: string) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  raise(line: string): void {
    for (const listener of this.listeners) listener(line);
  }
}

const setUp = () => {
  const raiser = new Raiser();
  const clock = new FakeClock();
  const serving = new Serving([eventsResource({ listen: raiser.listen, clock })]);
  return { raiser, clock, serving };
};

/** Somebody who reads what the server sends. */
class Client {
  readonly #end: AbortController;
  readonly #chunks: AsyncIterator<Uint8Array>;

  private constructor(response: Response, end: AbortController) {
    this.#chunks = (response.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    this.#end = end;
  }

  static async open(serving: Serving): Promise<Client> {
    const end = new AbortController();
    return new Client(await serving.get("/hooks/events", { signal: end.signal }), end);
  }

  async text(): Promise<string> {
    const { value } = await this.#chunks.next();
    return Buffer.from(value).toString();
  }

  leave(): void {
    this.#end.abort();
  }
}

const until = async (isDone: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 500 && !isDone(); turn++) await Bun.sleep(10);
  expect(isDone()).toBe(true);
};

describe("/hooks/events", () => {
  test("sends each event as a line, as it happens", async () => {
    const { serving, raiser } = setUp();
    await using _ = serving;
    const response = await serving.get("/hooks/events");
    expect([
      response.status,
      response.headers.get("Content-Type"),
      response.headers.get("Cache-Control"),
    ]).toEqual([200, "application/x-ndjson", "no-store"]);
    const reader = response.body!.getReader();
    const next = async (): Promise<string> => Buffer.from((await reader.read()).value!).toString();
    expect(await next()).toBe("\n");
    raiser.raise('{"n":1}');
    expect(await next()).toBe('{"n":1}\n');
    raiser.raise('{"n":2}');
    expect(await next()).toBe('{"n":2}\n');
    await reader.cancel();
  });

  test("sends an empty line every 15 s to whoever has nothing to take", async () => {
    const { serving, clock } = setUp();
    await using _ = serving;
    const client = await Client.open(serving);
    expect(await client.text()).toBe("\n");
    clock.advance(14_999);
    const beat = client.text();
    clock.advance(1);
    expect(await beat).toBe("\n");
    client.leave();
  });

  test("listens while somebody reads, and no longer", async () => {
    const { serving, raiser, clock } = setUp();
    await using _ = serving;
    expect(raiser.listeners.size).toBe(0);
    const clients = await Promise.all([Client.open(serving), Client.open(serving)]);
    expect([raiser.listeners.size, clock.timers]).toEqual([1, 1]);
    clients[0]!.leave();
    raiser.raise("{}");
    clients[1]!.leave();
    await until(() => raiser.listeners.size === 0);
    expect(clock.timers).toBe(0);
  });

  test("takes 32 readers, and another one when one of them has left", async () => {
    const { serving, raiser } = setUp();
    await using _ = serving;
    const clients = await Promise.all(Array.from({ length: 32 }, () => Client.open(serving)));
    const refused = await serving.get("/hooks/events");
    expect([refused.status, await refused.json()]).toEqual([
      503,
      { status: "error", error: "32 readers of events already, expected fewer" },
    ]);
    clients[7]!.leave();
    const statusNow = async (): Promise<number> => {
      const end = new AbortController();
      const { status } = await serving.get("/hooks/events", { signal: end.signal });
      end.abort();
      return status;
    };
    let status = 0;
    for (let turn = 0; turn < 200 && status !== 200; turn++) {
      await Bun.sleep(10);
      status = await statusNow();
    }
    expect(status).toBe(200);
    for (const client of clients) client.leave();
    await until(() => raiser.listeners.size === 0);
  });

  test("answers HEAD without taking a place", async () => {
    const { serving, raiser } = setUp();
    await using _ = serving;
    expect((await serving.get("/hooks/events", { method: "HEAD" })).status).toBe(200);
    expect(raiser.listeners.size).toBe(0);
  });

  test("says so where there are no hooks", async () => {
    const resource = eventsResource({ listen: undefined, clock: new FakeClock() });
    await using serving = new Serving([resource]);
    const response = await serving.get("/hooks/events");
    expect([response.status, await response.json()]).toEqual([
      404,
      { status: "error", error: "this server has no hooks, and so no events" },
    ]);
  });

  test("keeps no more than a mebibyte for a reader that does not read, and tells it of every event it lost", async () => {
    const { serving, raiser } = setUp();
    await using _ = serving;
    let text = "";
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: serving.server.port,
      socket: {
        open: (opened) => {
          opened.write("GET /hooks/events HTTP/1.1\r\nHost: x\r\n\r\n");
          opened.pause();
        },
        data: (_, chunk) => {
          text += chunk.toString();
        },
      },
    });
    await until(() => raiser.listeners.size === 1);
    const total = 24 * 1024;
    const filler = "x".repeat(1_000);
    for (let n = 0; n < total; n++) {
      raiser.raise(`{"n":${n},"x":"${filler}"}`);
      if (n % 100 === 0) await Bun.sleep(0);
    }
    // What was raised is 25 MB: the system keeps some of it on the way, and we one more at most.
    socket.resume();
    await until(() => text.includes('{"dropped":'));
    raiser.raise('{"last":true}');
    await until(() => text.includes('{"last":true}'));
    const lost = [...text.matchAll(/\{"dropped":(\d+)\}/g)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
    const got = [...text.matchAll(/\{"n":(\d+),/g)].map(([, n]) => Number(n));
    expect(lost).toBeGreaterThan(1_000);
    expect(got.length + lost).toBe(total);
    expect(got).toEqual([...got].sort((a, b) => a - b));
    socket.terminate();
  });
});
