import type { PathObject } from "../../../src/http/api/objects.ts";
import type { Server } from "./server.ts";

/** What a page answered. */
export interface PageAnswer {
  readonly status: number;
  /** The body, read as JSON where it is. */
  readonly body: unknown;
}

/** How often something is looked at again, in milliseconds. */
const pollMs = 20;

const portIn = (addr: unknown): string => /:(\d+)$/.exec(String(addr))?.[1] ?? "";

/** Asks `look` until it gives something. @throws Error naming `what` when that takes longer than `withinMs` milliseconds */
export const eventually = async <Value>(
  look: () => Value | undefined | Promise<Value | undefined>,
  { what, withinMs = 15_000 }: { what: string; withinMs?: number },
): Promise<Value> => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await Bun.sleep(pollMs);
  }
};

/** The control API of a server that was started with `--api-address`. */
export class ControlApi {
  readonly #base: string;

  private constructor(base: string) {
    this.#base = base;
  }

  /** Finds it by the log. */
  static async of(server: Server): Promise<ControlApi> {
    const { addr } = await server.line({ msg: "control API" });
    return new ControlApi(`http://127.0.0.1:${portIn(addr)}/v3/`);
  }

  /** Sends a request. `path` stands behind `/v3/`. */
  async ask(method: string, path: string, body?: unknown): Promise<PageAnswer> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.#base}${path}`, init);
    const text = await response.text();
    return {
      status: response.status,
      body: response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text,
    };
  }

  /** Gives what a request got that has to go well. @throws Error with the answer where it does not */
  async must<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.ask(method, path, body);
    if (answer.status !== 200)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Body;
  }

  /** A path, where there is one. */
  async path(name: string): Promise<PathObject | undefined> {
    const { status, body } = await this.ask("GET", `paths/get/${name}`);
    return status === 200 ? (body as PathObject) : undefined;
  }
}

/** The values of metrics, by name and labels as they are written: `rtmp_limit{limit="publishers"}`. */
export const metricsAt = async (port: number): Promise<ReadonlyMap<string, number>> => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const cut = line.lastIndexOf(" ");
    if (cut > 0 && !line.startsWith("#")) values.set(line.substring(0, cut), Number(line.substring(cut + 1)));
  }
  return values;
};

/** The port of the metrics of a server that was started with `--metrics-address`. */
export const metricsPortOf = async (server: Server): Promise<number> => {
  const { addr } = await server.line({ msg: "metrics and health pages" });
  return Number(portIn(addr));
};
