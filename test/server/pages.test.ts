import { describe, expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import { type Logger, silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { json } from "../../src/http/resource.ts";
import { Certificates } from "../../src/server/certificates.ts";
import { Pages } from "../../src/server/pages.ts";
import type { RunConfig } from "../../src/server/run-config.ts";
import { openAccess } from "../../src/stream/admission.ts";

const configOf = (args: readonly string[], environment: Record<string, string> = {}): RunConfig =>
  readConfig(readServerFlags(args), { environment });

/** Pages of the control API that say how often their resources were asked for. */
class Board implements AsyncDisposable {
  readonly warnings: string[] = [];
  asked = 0;
  readonly pages: Pages;

  constructor() {
    const log: Logger = { ...silentLogger, warn: (message) => void this.warnings.push(message) };
    this.pages = new Pages({
      name: "api",
      resources: () => {
        const count = ++this.asked;
        return [{ path: "/count", methods: { GET: () => json(count) } }];
      },
      access: openAccess,
      certificates: new Certificates(),
      clock: systemClock,
      log,
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.pages.port}/count`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pages.stop();
  }
}

const local = ["--api-address", "127.0.0.1:0"];

describe("pages", () => {
  test("are on this machine alone unless something else is said", () => {
    expect(configOf([]).server).toMatchObject({ api: true, apiAddress: "127.0.0.1:9997" });
    expect(configOf([]).server).toMatchObject({ metrics: true, metricsAddress: "127.0.0.1:9998" });
    expect(configOf([]).server).toMatchObject({ pprof: false, playback: false });
  });

  test("come and go with their switch", async () => {
    await using board = new Board();
    board.pages.configure(configOf([...local, "--api=false"]));
    expect(board.pages.port).toBeUndefined();
    board.pages.configure(configOf(local));
    const { url } = board;
    expect(await (await fetch(url)).json()).toBe(1);
    board.pages.configure(configOf([...local, "--api=false"]));
    expect(fetch(url)).rejects.toThrow();
  });

  test("show something else at the same port where only that has changed", async () => {
    await using board = new Board();
    board.pages.configure(configOf(local));
    const { url } = board;
    board.pages.configure(configOf([...local, "--api-allow-origins", "https://a.example"]));
    const response = await fetch(url, { headers: { Origin: "https://a.example" } });
    expect([await response.json(), response.headers.get("Access-Control-Allow-Origin")]).toEqual([
      2,
      "https://a.example",
    ]);
  });

  test("move, and stay where they were when they cannot", async () => {
    await using board = new Board();
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    board.pages.configure(configOf(local));
    const { url } = board;
    expect(() => board.pages.configure(configOf(["--api-address", `127.0.0.1:${taken.port}`]))).toThrow(
      TransportError,
    );
    expect(board.url).toBe(url);
    expect((await fetch(url)).status).toBe(200);
    board.pages.configure(configOf(["--api-address", "localhost:0"]));
    expect(board.url).not.toBe(url);
    expect(fetch(url)).rejects.toThrow();
  });

  test("move to other interfaces of the same port, and answer whoever asks while they cannot move", async () => {
    await using board = new Board();
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    board.pages.configure(configOf(local));
    const { port } = board.pages;
    const asked = Promise.all(Array.from({ length: 5 }, () => fetch(board.url)));
    expect(() => board.pages.configure(configOf(["--api-address", `127.0.0.1:${taken.port}`]))).toThrow(
      TransportError,
    );
    expect((await asked).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    board.pages.configure(configOf(["--api-address", `:${port}`]));
    expect((await fetch(board.url)).status).toBe(200);
    expect(board.pages.port).toBe(port);
  });

  test("that nobody asked for are not there where their port is taken, which is told once", async () => {
    await using board = new Board();
    using _taken = takePort(9997);
    board.pages.configure(configOf(["--metrics"]));
    board.pages.configure(configOf(["--metrics"]));
    expect(board.pages.port).toBeUndefined();
    expect(board.warnings).toHaveLength(1);
    expect(board.warnings[0]).toMatch(/^api is off: .*in use.*; apiAddress chooses another address, api: no/);
  });

  test("that somebody asked for are an error then, which names who did", async () => {
    await using board = new Board();
    using _taken = takePort(9997);
    const rows: [string[], Record<string, string>, RegExp][] = [
      [["--api"], {}, /^--api: .*in use/],
      [["--api", "--api-address", "127.0.0.1:9997"], {}, /^--api-address: .*in use/],
      [[], { MTX_API: "yes" }, /^MTX_API: api: .*in use/],
    ];
    for (const [args, environment, message] of rows)
      expect(() => board.pages.configure(configOf(args, environment))).toThrow(message);
  });
});

/** Takes a port of this machine, unless somebody has it already. */
const takePort = (port: number): Disposable => {
  try {
    const listener = Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
    return { [Symbol.dispose]: () => listener.stop(true) };
  } catch {
    return { [Symbol.dispose]: () => undefined };
  }
};
