/** Clients that connect and leave at once: each raises `connection_accept` and `connection_close`. Dispose of it to stop. */
export class ConnectionChurn implements Disposable {
  readonly #port: number;
  readonly #perTick: number;
  readonly #timer: Timer;
  readonly #startedAt = performance.now();
  #done = 0;
  #due = 0;

  /** Raises `eventsPerSecond` events at the server on 127.0.0.1:`port`. */
  constructor(options: { port: number; eventsPerSecond: number }) {
    this.#port = options.port;
    this.#perTick = (options.eventsPerSecond / 2) * (tickMs / 1000);
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Clients that came and went. */
  get clients(): number {
    return this.#done;
  }

  /** Events raised per second so far. */
  get eventsPerSecond(): number {
    return (2 * this.#done * 1000) / (performance.now() - this.#startedAt);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    // As many as should have come by now, so that late ticks are made up for.
    const target = ((performance.now() - this.#startedAt) / tickMs) * this.#perTick;
    for (; this.#due < target; this.#due++) void this.#visit();
  }

  async #visit(): Promise<void> {
    try {
      const socket = await Bun.connect({
        hostname: "127.0.0.1",
        port: this.#port,
        socket: { data: () => undefined },
      });
      socket.end();
      this.#done++;
    } catch {
      // Not counted: the rate shows it.
    }
  }
}

const tickMs = 10;

/** An HTTP server that says yes to every webhook and counts them. */
export class CountingReceiver implements AsyncDisposable {
  #count = 0;
  readonly #server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      await request.arrayBuffer();
      this.#count++;
      return new Response(null, { status: 204 });
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/`;
  }

  /** Webhooks so far. */
  get count(): number {
    return this.#count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}
