import { definitionOf, type FieldType } from "../../../src/hooks/event/catalogue.ts";
import type { HookEvent, HookValue } from "../../../src/hooks/event/hook-event.ts";
import { Journal } from "./journal.ts";

/** What a webhook brought. */
export interface Delivery {
  readonly event: HookEvent;
  readonly headers: Headers;
  /** Of `performance.now()`. */
  readonly atMs: number;
}

/** What a receiver answers; what it refuses is counted, and not written down as delivered. */
export type Answer = (request: {
  readonly event: HookEvent;
  readonly headers: Headers;
}) => Response | Promise<Response>;

const yes: Answer = () => new Response(null, { status: 204 });

/** An HTTP server that takes webhooks and writes those down that it says yes to, in the order they come. */
export class HookReceiver implements AsyncDisposable {
  readonly #deliveries = new Journal<Delivery>();
  /** What it answers from now on. */
  answer: Answer;
  /** Requests it said no to. */
  refused = 0;
  readonly #server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const { headers } = request;
      const event = (await request.json()) as HookEvent;
      const response = await this.answer({ event, headers });
      if (response.ok) this.#deliveries.push({ event, headers, atMs: performance.now() });
      else this.refused++;
      return response;
    },
  });

  constructor(answer: Answer = yes) {
    this.answer = answer;
  }

  get port(): number {
    return this.#server.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/events`;
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries.items;
  }

  get events(): HookEvent[] {
    return this.#deliveries.items.map(({ event }) => event);
  }

  /** Waits for the first event of a type. */
  delivery(type: string): Promise<Delivery> {
    return this.#deliveries.find(({ event }) => event.type === type, { what: `event ${type}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

const isOf: Readonly<Record<FieldType, (value: HookValue) => boolean>> = {
  s: (value) => typeof value === "string",
  i: (value) => Number.isSafeInteger(value),
  f: (value) => Number.isFinite(value),
  b: (value) => typeof value === "boolean",
};

/** What of an event is not as the catalogue says; empty where all is. */
export const catalogueFaults = ({ type, severity, data }: HookEvent): string[] => {
  const definition = definitionOf(type);
  if (!definition) return [`${type} is not in the catalogue`];
  const faults = severity === definition.severity ? [] : [`${type} has severity ${severity}`];
  for (const [name, value] of Object.entries(data)) {
    const field = definition.fields.find((each) => each.name === name);
    if (!field || !isOf[field.type](value)) faults.push(`${type}.${name}: ${JSON.stringify(value)}`);
  }
  return faults;
};
