import type { Socket } from "bun";
import { codeOf, messageOf, type RefusedError } from "../../base/errors.ts";
import { formatHostPort, splitAddress } from "../../base/host-port.ts";
import type { Cancel } from "../../base/time.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import { ConnectionLimits, type ConnectionRefusals } from "./connection-limits.ts";
import { Session } from "./session.ts";
import type { SessionContext } from "./session-context.ts";

/** How often sessions hear of the time, in milliseconds. */
const tickMs = 1_000;

/** Probes of an idle connection begin after this long, so that a vanished player is noticed. */
const keepAliveMs = 30_000;

/** Every RTMP connection of this process, whichever port it came through, from its acceptance to its end. */
export class Sessions {
  readonly #context: SessionContext;
  /** Says which connections are too many, of whatever protocol. */
  readonly limits: ConnectionLimits;
  /** By id, in the order in which they came. */
  readonly #byId = new Map<string, Session>();
  /** Sessions that are only told that they are too many. */
  readonly #refused = new WeakSet<Session>();
  readonly #cancelTick: Cancel;
  #count = 0;

  constructor(context: SessionContext) {
    this.#context = context;
    this.limits = new ConnectionLimits(() => context.options.bounds, context.clock);
    this.#cancelTick = context.clock.every(tickMs, () => this.#tick());
  }

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** How many connections were one too many since the start. */
  get refusals(): ConnectionRefusals {
    return this.limits.refused;
  }

  /** All there are, the oldest first; it may be gone through more than once. */
  get all(): Iterable<Session> {
    return { [Symbol.iterator]: () => this.#byId.values() };
  }

  /** Those that came by RTMP, or those that came by RTMPS. */
  *ofKind(kind: "rtmpConn" | "rtmpsConn"): Iterable<Session> {
    for (const session of this.#byId.values()) if (session.peer.kind === kind) yield session;
  }

  /** The one with this id, if it is there. */
  get(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  /** A socket was opened by a client. */
  open(socket: Socket<Session>, { isTls }: { isTls: boolean }): void {
    // A peer that was gone before we looked has no address.
    const address: string | undefined = socket.remoteAddress;
    if (address === undefined) {
      socket.terminate();
      return;
    }
    const remote = formatHostPort({ host: address, port: socket.remotePort });
    const kind = isTls ? "rtmpsConn" : "rtmpConn";
    const peer: Peer = { connId: this.#nextConnId(), remote, kind, id: crypto.randomUUID() };
    const entry = this.limits.enter(splitAddress(remote).ip);
    if (entry.kind === "dropped") {
      this.#drop(socket, peer, entry.error);
      return;
    }
    const refusal = entry.kind === "refused" ? entry.error : undefined;
    const session = new Session({ peer, socket, context: this.#context, refusal });
    if (refusal) this.#refused.add(session);
    socket.data = session;
    this.#byId.set(peer.id, session);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    const local = formatHostPort({ host: socket.localAddress, port: socket.localPort });
    this.#context.events.emit({ kind: "connectionAccepted", peer, local, isTls });
  }

  /** The socket of a session is closed. */
  closed(session: Session): void {
    this.#byId.delete(session.peer.id);
    const { ip } = splitAddress(session.peer.remote);
    this.limits.leave(ip, { wasRefused: this.#refused.has(session) });
    session.closed();
  }

  /** Hears of resets by the peer, which then show as a close, and of whatever our own callbacks throw. */
  fault(socket: Socket<Session>, { session, error }: { session: Session | undefined; error: unknown }): void {
    const conn_id = session?.peer.connId;
    const { log } = this.#context;
    if (codeOf(error) !== undefined) {
      log.debug("socket error", { conn_id, error: messageOf(error) });
      return;
    }
    const stack = error instanceof Error ? error.stack : undefined;
    log.error("session failed, this is a defect of the server", { conn_id, error: messageOf(error), stack });
    socket.terminate();
  }

  /** Ends those that came by RTMP, or those that came by RTMPS. */
  closeKind(kind: "rtmpConn" | "rtmpsConn", reason: EndReason): void {
    for (const session of [...this.#byId.values()]) if (session.peer.kind === kind) session.close(reason);
  }

  /** Ends all that are left, and the ticking: the server stops. */
  close(): void {
    for (const session of [...this.#byId.values()]) session.close("server_shutdown");
    this.#cancelTick();
  }

  /** Cuts off those that did not end by themselves. */
  cut(): void {
    for (const session of [...this.#byId.values()]) session.cut();
  }

  #drop(socket: Socket<Session>, peer: Peer, { code, message }: RefusedError): void {
    this.#context.events.emit({ kind: "connectionFailed", peer, code, message, phase: "handshake" });
    socket.terminate();
  }

  /** `c000001` and so on. */
  #nextConnId(): string {
    this.#count++;
    return `c${String(this.#count).padStart(6, "0")}`;
  }

  #tick(): void {
    const now = this.#context.clock.now();
    for (const session of this.#byId.values()) session.tick(now);
  }
}
