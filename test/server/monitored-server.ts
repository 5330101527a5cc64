import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { type RunningServer, startServer } from "../../src/server.ts";
import type { DomainEvent } from "../../src/stream/event.ts";
import { type ParsedFamily, parsePage } from "../base/exposition.ts";
import { KeptLog } from "../base/kept-log.ts";

/** A whole server in this process, with its pages, until it goes out of scope. */
export class MonitoredServer implements AsyncDisposable {
  readonly #log = new KeptLog();
  readonly lines = this.#log.lines;
  readonly events: DomainEvent[] = [];
  readonly server: RunningServer;

  /** @throws ConfigError, TransportError */
  constructor(...flags: string[]) {
    const only = ["--listen", "127.0.0.1:0", "--api=false", "--rtsp=false", "--hls=false"];
    const args = [...only, "--metrics-address", "127.0.0.1:0", ...flags];
    this.server = startServer(readConfig(readServerFlags(args)), { log: this.#log });
    this.server.events.listen((event) => this.events.push(event));
  }

  /** Asks for a page. */
  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.server.metricsPort}${path}`);
  }

  /** Status and answer of a page in JSON. */
  async json(path: string): Promise<[status: number, body: Record<string, unknown>]> {
    const response = await this.get(path);
    return [response.status, (await response.json()) as Record<string, unknown>];
  }

  /** All metrics, read strictly. */
  async metrics(): Promise<ReadonlyMap<string, ParsedFamily>> {
    return parsePage(await (await this.get("/metrics")).text()).families;
  }

  /** Waits until something holds. @throws Error where it does not within ten seconds */
  async until(isDone: () => boolean | Promise<boolean>, what: string): Promise<void> {
    for (const until = performance.now() + 10_000; performance.now() < until; await Bun.sleep(20))
      if (await isDone()) return;
    throw new Error(`this never came: ${what}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }
}
