import type { OutgoingEvent } from "../../src/hooks/delivery/delivery.ts";
import type { DeliveryPolicy } from "../../src/hooks/delivery/policy.ts";
import { DeliveryHost } from "../../src/hooks/delivery-host.ts";
import type { DeliverySettings, FromDelivery } from "../../src/hooks/messages.ts";
import type { HookDefinition } from "../../src/hooks/settings/settings.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog } from "../base/kept-log.ts";
import { durable, fleeting } from "./delivery/engine-bench.ts";
import { scriptSettings } from "./script/script-files.ts";
import { sampleSettings } from "./webhook/sample-webhook.ts";

const common = (id: string, policy: DeliveryPolicy) => ({
  id,
  isEnabled: true,
  eventTypes: ["*"],
  filter: {
    eventTypes: undefined,
    streamPatterns: undefined,
    requiresStream: false,
    conditions: [],
    rateLimit: undefined,
    minSeverity: undefined,
  },
  policy,
  timeoutMs: 5_000,
});

/** A webhook whose events are kept. */
export const durableWebhook = (
  id: string,
  url: string,
  policy: Partial<DeliveryPolicy> = {},
): HookDefinition => ({
  kind: "webhook",
  ...common(id, { ...durable, ...policy }),
  webhook: sampleSettings({ url }),
});

/** A webhook whose events are in memory only. */
export const fleetingWebhook = (id: string, url: string): HookDefinition => ({
  kind: "webhook",
  ...common(id, fleeting),
  webhook: sampleSettings({ url }),
});

/** A script that runs all the time, and whose events are in memory only. */
export const streamScript = (id: string, path: string): HookDefinition => ({
  kind: "shell",
  ...common(id, fleeting),
  script: scriptSettings(path, { mode: "stream" }),
});

/** What a receiver got: the id of the event, and all that came. */
export interface Post {
  readonly path: string;
  readonly id: string;
  readonly body: string;
}

/** A receiver of webhooks on the loopback. It answers 200 unless a test says otherwise. */
export class Receiver implements AsyncDisposable {
  readonly posts: Post[] = [];
  /** The status for a path and the number of its posts so far. */
  answer: (path: string, count: number) => number = () => 200;
  readonly #server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const body = await request.text();
      this.posts.push({ path: pathname, id: String(JSON.parse(body).id), body });
      return new Response("", { status: this.answer(pathname, this.idsOf(pathname).length) });
    },
  });

  /** The address of a path. */
  url(path: string): string {
    return `http://127.0.0.1:${this.#server.port}${path}`;
  }

  /** Ids of the events that came to a path, in order. */
  idsOf(path: string): string[] {
    return this.posts.filter((post) => post.path === path).map(({ id }) => id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

/** A host whose time a test moves, over a real store and real receivers. */
export class HostBench {
  readonly clock: FakeClock;
  readonly heard: FromDelivery[] = [];
  readonly #log = new KeptLog();
  readonly lines = this.#log.lines;
  readonly host: DeliveryHost;
  readonly #directory: string;

  constructor(directory: string, clock = new FakeClock()) {
    this.#directory = directory;
    this.clock = clock;
    this.host = new DeliveryHost({ post: (message) => void this.heard.push(message), clock, log: this.#log });
  }

  /** Begins with these hooks; with a store where one of them is durable. */
  open(hooks: readonly HookDefinition[], more: Partial<DeliverySettings> = {}): this {
    this.host.receive({ kind: "open", ...this.#parts(hooks, more) });
    return this;
  }

  /** Replaces the hooks. */
  configure(hooks: readonly HookDefinition[], more: Partial<DeliverySettings> = {}): void {
    this.host.receive({ kind: "configure", ...this.#parts(hooks, more) });
  }

  /** Hands events over, as one message. */
  raise(...events: readonly OutgoingEvent[]): void {
    this.host.receive({ kind: "events", events });
  }

  /** Lets a little time pass at a time until something holds. @throws Error where it never does */
  async until(isDone: () => boolean, what: string): Promise<void> {
    for (let round = 0; round < 2_000; round++) {
      if (isDone()) return;
      this.clock.advance(2);
      await Bun.sleep(1);
    }
    throw new Error(`this never came: ${what}`);
  }

  /** Lets some rounds go by: time for what should not happen. */
  async pause(rounds = 30): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      this.clock.advance(2);
      await Bun.sleep(1);
    }
  }

  /** How delivery does. */
  report(): Extract<FromDelivery, { kind: "report" }>["report"] {
    this.host.receive({ kind: "report", id: 7 });
    const answer = this.of("report").at(-1);
    if (answer?.id !== 7) throw new Error("no report");
    return answer.report;
  }

  /** Ends it, and gives whether everything was delivered. */
  async close(timeoutMs = 1_000): Promise<boolean> {
    this.host.receive({ kind: "close", timeoutMs });
    await this.until(() => this.of("closed").length > 0, "the goodbye");
    return this.of("closed")[0]?.isDrained ?? false;
  }

  /** Messages of one kind so far. */
  of<Kind extends FromDelivery["kind"]>(kind: Kind): Extract<FromDelivery, { kind: Kind }>[] {
    return this.heard.filter(
      (message): message is Extract<FromDelivery, { kind: Kind }> => message.kind === kind,
    );
  }

  /** Events taken so far. */
  get taken(): number {
    return this.of("taken").reduce((sum, { count }) => sum + count, 0);
  }

  #parts(hooks: readonly HookDefinition[], more: Partial<DeliverySettings>) {
    const isDurable = hooks.some(
      ({ policy, isEnabled }) => isEnabled && policy.guarantee === "at-least-once",
    );
    const directory = this.#directory;
    return {
      settings: { hooks, concurrency: 10, deadLetter: undefined, ...more },
      store: isDurable ? { directory, maxBytes: 1024 ** 3, maxRows: 1_000_000 } : undefined,
    };
  }
}
