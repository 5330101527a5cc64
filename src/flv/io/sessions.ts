import type { RefusedError } from "../../base/errors.ts";
import { formatHostPort } from "../../base/host-port.ts";
import type { Cancel } from "../../base/time.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import { FlvSession } from "./session.ts";
import type { FlvContext, FlvOrder } from "./session-context.ts";

/** How often readers hear of the time, in milliseconds. */
const tickMs = 1_000;

/** Everybody who reads FLV over HTTP or a WebSocket, from the moment that they may to their end. */
export class FlvSessions {
  readonly #context: FlvContext;
  /** By id, in the order in which they came. */
  readonly #byId = new Map<string, FlvSession>();
  readonly #cancelTick: Cancel;
  #count = 0;

  constructor(context: FlvContext) {
    this.#context = context;
    this.#cancelTick = context.clock.every(tickMs, () => this.#tick());
  }

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** All there are, the oldest first; it may be gone through more than once. */
  get all(): Iterable<FlvSession> {
    return { [Symbol.iterator]: () => this.#byId.values() };
  }

  /**
   * A client may read a stream: from now on it waits for that.
   * @throws RefusedError TOO_MANY_CONNECTIONS
   */
  open(order: FlvOrder): FlvSession {
    const { events, limits } = this.#context;
    const { client, local, isTls } = order;
    const remote = formatHostPort({ host: client.ip, port: client.port });
    const peer: Peer = { connId: this.#nextConnId(), remote, kind: "flvConn", id: crypto.randomUUID() };
    const entry = limits?.enter(client.ip);
    if (entry?.error) {
      if (entry.kind === "refused") limits?.leave(client.ip, { wasRefused: true });
      this.#refuse(peer, entry.error);
    }
    events.emit({ kind: "connectionAccepted", peer, local, isTls });
    const session = new FlvSession(order, {
      peer,
      context: this.#context,
      left: () => {
        this.#byId.delete(peer.id);
        limits?.leave(client.ip, { wasRefused: false });
      },
    });
    this.#byId.set(peer.id, session);
    session.subscribe();
    return session;
  }

  /** Ends all that are left, for a reason; more may come. */
  closeAll(reason: EndReason): void {
    for (const session of [...this.#byId.values()]) session.close(reason);
  }

  /** Ends all that are left, and the ticking: the server stops. */
  close(): void {
    this.closeAll("server_shutdown");
    this.#cancelTick();
  }

  #refuse(peer: Peer, error: RefusedError): never {
    const { code, message } = error;
    this.#context.events.emit({ kind: "connectionFailed", peer, code, message, phase: "request" });
    throw error;
  }

  /** `f000001` and so on. */
  #nextConnId(): string {
    this.#count++;
    return `f${String(this.#count).padStart(6, "0")}`;
  }

  #tick(): void {
    const now = this.#context.clock.now();
    for (const session of [...this.#byId.values()]) session.tick(now);
  }
}
