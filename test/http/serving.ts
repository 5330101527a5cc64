import { type Logger, silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import type { Resource } from "../../src/http/resource.ts";
import { HttpServer, type HttpServerOptions } from "../../src/http/server.ts";

/** A server on a free port of the loopback, until it goes out of scope. */
export class Serving implements AsyncDisposable {
  readonly server: HttpServer;

  constructor(
    resources: readonly Resource[],
    log: Logger = silentLogger,
    more: Partial<HttpServerOptions> = {},
  ) {
    const address = { host: "127.0.0.1", port: 0 };
    this.server = new HttpServer({ address, resources, clock: systemClock, log, ...more });
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.server.port}${path}`;
  }

  get(path: string, options?: RequestInit): Promise<Response> {
    return fetch(this.url(path), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(0);
  }
}

/** Sends `bytes` as they are, and gives what comes back until the server closes or falls silent. */
export const exchange = async (port: number, bytes: string): Promise<string> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let answer = "";
  let silence: Timer | undefined;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data: (_, chunk) => {
        answer += chunk.toString();
        clearTimeout(silence);
        silence = setTimeout(resolve, 100);
      },
      close: () => resolve(),
    },
  });
  socket.write(bytes);
  const giveUp = setTimeout(resolve, 2_000);
  await promise;
  clearTimeout(giveUp);
  socket.terminate();
  return answer;
};
