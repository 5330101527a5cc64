import { LinkedQueue, type Place } from "./linked-queue.ts";

/** A script's first attempt at one event, from when it is known of until it has ended. Mint it with {@link FirstAttempts.join}. */
export interface Ticket {
  /** @internal */
  readonly stream: string;
  /** @internal */
  readonly event: string;
  /** @internal */
  readonly order: number;
  /** @internal */
  readonly hookId: string;
  /** Whether others have to wait for it now. @internal */
  readonly holdsUp: () => boolean;
  /** @internal */
  place: Place<Ticket> | undefined;
}

interface Stream {
  /** Orders of the events that some script has yet to be tried for, and how many scripts that are. */
  readonly events: Map<string, { readonly order: number; count: number }>;
  /** Tickets of each hook, in their order. */
  readonly hooks: Map<string, LinkedQueue<Ticket>>;
  /** To be called once somebody may have got out of the way. */
  readonly waiting: Set<() => void>;
}

/**
 * Keeps scripts of one stream in the order of its events, whichever hook they belong to: what stops a recording must not run before what
 * starts it. Only first attempts wait, and only for first attempts; the scripts of one event run side by side.
 *
 * Orders of one hook never run backwards, and a ticket waits for smaller orders only, so no two hooks ever wait for each other.
 */
export class FirstAttempts {
  readonly #streams = new Map<string, Stream>();
  #orders = 0;

  /** Takes note of a first attempt to come, behind those of earlier events of its stream. `holdsUp` tells whether others wait for it. */
  join(
    stream: string,
    event: string,
    { hookId, holdsUp }: { hookId: string; holdsUp: () => boolean },
  ): Ticket {
    const known = this.#streams.get(stream);
    const { events, hooks } = known ?? {
      events: new Map(),
      hooks: new Map(),
      waiting: new Set<() => void>(),
    };
    if (!known) this.#streams.set(stream, { events, hooks, waiting: new Set() });
    const turn = events.get(event) ?? { order: ++this.#orders, count: 0 };
    turn.count++;
    events.set(event, turn);
    const queue = hooks.get(hookId) ?? new LinkedQueue<Ticket>();
    hooks.set(hookId, queue);
    const order = Math.max(turn.order, queue.last?.order ?? 0);
    const ticket: Ticket = { stream, event, order, hookId, holdsUp, place: undefined };
    ticket.place = queue.push(ticket);
    return ticket;
  }

  /** Whether the first attempt may start now; else `again` is called once that may have changed. */
  mayStart(ticket: Ticket, again: () => void): boolean {
    const stream = this.#streams.get(ticket.stream);
    if (!stream || !ticket.place) return true;
    for (const [hookId, { first }] of stream.hooks) {
      if (hookId === ticket.hookId || !first || first.order >= ticket.order || !first.holdsUp()) continue;
      stream.waiting.add(again);
      return false;
    }
    return true;
  }

  /** The first attempt has ended, or will never be made. */
  leave(ticket: Ticket): void {
    const stream = this.#streams.get(ticket.stream);
    const queue = stream?.hooks.get(ticket.hookId);
    if (!stream || !queue || !ticket.place) return;
    queue.remove(ticket.place);
    ticket.place = undefined;
    if (queue.length === 0) stream.hooks.delete(ticket.hookId);
    const turn = stream.events.get(ticket.event);
    if (turn && --turn.count === 0) stream.events.delete(ticket.event);
    if (stream.hooks.size === 0) this.#streams.delete(ticket.stream);
    release(stream);
  }

  /** Who holds others up has changed: everybody looks again. */
  reconsider(): void {
    for (const stream of [...this.#streams.values()]) release(stream);
  }
}

const release = ({ waiting }: Stream): void => {
  if (waiting.size === 0) return;
  const all = [...waiting];
  waiting.clear();
  for (const again of all) again();
};
