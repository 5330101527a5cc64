import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../../src/base/log.ts";
import { systemClock } from "../../../src/base/time.ts";
import { followEvents } from "../../../src/cli/hooks/event-feed.ts";
import { eventsResource } from "../../../src/http/events.ts";
import type { Resource } from "../../../src/http/resource.ts";
import { HttpServer } from "../../../src/http/server.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { Serving } from "../../http/serving.ts";

/** Events that can be raised, as a page. */
const raising = () => {
  const listeners = new Set<(line: string) => void>();
  const resource = eventsResource({
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clock: systemClock,
  });
  const raise = (line: string): void => {
    for (const listener of listeners) listener(line);
  };
  return { resource, raise, isHeard: () => listeners.size > 0 };
};

const serve = (port: number, resource: Resource): HttpServer =>
  new HttpServer({
    address: { host: "127.0.0.1", port },
    resources: [resource],
    clock: systemClock,
    log: silentLogger,
  });

const until = async (isDone: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 500 && !isDone(); turn++) await Bun.sleep(10);
  expect(isDone()).toBe(true);
};

/** Follows a server into an array. */
const follow = (port: number, clock = systemClock) => {
  const end = new AbortController();
  const heard: string[] = [];
  const options = {
    clock,
    signal: end.signal,
    onChange: (state: string) => void heard.push(`server ${state}`),
  };
  const done = (async () => {
    for await (const line of followEvents({ host: "127.0.0.1", port }, options)) heard.push(line);
  })();
  return { heard, done, stop: () => end.abort() };
};

describe("following a server", () => {
  test("gives each event once, waits for a server that goes away, and ends when it is told to", async () => {
    const first = raising();
    const server = serve(0, first.resource);
    const { port } = server;
    const { heard, done, stop } = follow(port);
    await until(first.isHeard);
    first.raise('{"n":1}');
    first.raise(`{"n":"${"ü".repeat(200_000)}"}`);
    await until(() => heard.length === 2);
    await server.stop(0);
    await until(() => heard.length === 3);
    const second = raising();
    const again = serve(port, second.resource);
    await until(() => heard.length === 4);
    second.raise('{"n":3}');
    await until(() => heard.length === 5);
    stop();
    await done;
    expect(heard).toEqual([
      '{"n":1}',
      `{"n":"${"ü".repeat(200_000)}"}`,
      "server lost",
      "server found",
      '{"n":3}',
    ]);
    await until(() => !second.isHeard());
    await again.stop(0);
  });

  test("takes a server for gone that says nothing for 45 s", async () => {
    const { resource, isHeard } = raising();
    const server = serve(0, resource);
    const clock = new FakeClock();
    const { heard, done, stop } = follow(server.port, clock);
    await until(isHeard);
    clock.advance(44_999);
    await Bun.sleep(20);
    expect(heard).toEqual([]);
    // The first empty line may have come before or after the clock moved.
    clock.advance(45_000);
    await until(() => heard.length === 1);
    expect(heard).toEqual(["server lost"]);
    stop();
    await done;
    await server.stop(0);
  });

  test("says what to do where no server answers", async () => {
    const server = serve(0, raising().resource);
    const { port } = server;
    await server.stop(0);
    await expect(follow(port).done).rejects.toMatchObject({
      code: "CONNECT",
      message: `no server answers at 127.0.0.1:${port}, expected one with --metrics-address 127.0.0.1:${port}`,
    });
  });

  test("gives up where something listens at the beginning that never answers", async () => {
    let isAsked = false;
    using deaf = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data: () => {
          isAsked = true;
        },
      },
    });
    const clock = new FakeClock();
    const { done } = follow(deaf.port, clock);
    await until(() => isAsked);
    clock.advance(45_000);
    await expect(done).rejects.toMatchObject({
      code: "TIMEOUT",
      message: "the server gave no answer within 45 s",
    });
  });

  test("ends where a server comes back without hooks", async () => {
    const { resource, isHeard } = raising();
    const server = serve(0, resource);
    const { port } = server;
    const { heard, done } = follow(port);
    const failed = done.then(
      () => "ended",
      (error: unknown) => error,
    );
    await until(isHeard);
    await server.stop(0);
    await until(() => heard.includes("server lost"));
    const again = serve(port, eventsResource({ listen: undefined, clock: systemClock }));
    expect(await failed).toMatchObject({
      code: "REJECTED",
      message: "this server has no hooks, and so no events",
    });
    await again.stop(0);
  });

  test("says what the server says that has no hooks", async () => {
    await using serving = new Serving([eventsResource({ listen: undefined, clock: systemClock })]);
    await expect(follow(serving.server.port).done).rejects.toMatchObject({
      code: "REJECTED",
      message: "this server has no hooks, and so no events",
    });
  });

  test("knows a stranger", async () => {
    await using serving = new Serving([]);
    await expect(follow(serving.server.port).done).rejects.toMatchObject({
      code: "REJECTED",
      message: expect.stringContaining("has no /hooks/events, expected an rtmp-server of this version"),
    });
  });
});
