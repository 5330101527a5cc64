import type { HookEvent } from "../event/hook-event.ts";
import type { Delivery } from "./delivery.ts";
import type { Attempt } from "./hook.ts";

/** An attempt at a delivery. Its event is read from the body when it is first asked for; most hooks send the body as it is. */
export class StoredAttempt implements Attempt {
  readonly body: string;
  readonly number: number;
  declare readonly occasion?: "replay";
  readonly #delivery: Delivery;
  #event: HookEvent | undefined;

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
    this.body = delivery.event.body;
    this.number = delivery.attempts + 1;
    if (delivery.isReplay) this.occasion = "replay";
  }

  /** What the operator had left out of the body stands here all the same, as far as it is known. */
  get event(): HookEvent {
    this.#event ??= eventOf(this.#delivery);
    return this.#event;
  }
}

const eventOf = ({ event }: Delivery): HookEvent => ({
  type: event.type,
  timestamp: Math.floor(event.at / 1_000),
  conn_id: "",
  stream_key: event.streamKey,
  data: {},
  id: event.id,
  seq: 0,
  severity: "info",
  time: new Date(event.at).toISOString(),
  server_id: "",
  session_id: event.sessionId,
  v: 1,
  ...parsed(event.body),
});

/** A body that is no object of JSON was not written by us: it is delivered as it is. */
const parsed = (body: string): Partial<HookEvent> => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
};
