import type { Socket } from "bun";
import { messageOf, type RefusedError } from "../../base/errors.ts";
import { formatHostPort, splitAddress } from "../../base/host-port.ts";
import type { Cancel } from "../../base/time.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import type { AnySession } from "./any-session.ts";
import { RtspConnection } from "./connection.ts";
import type { RtspContext } from "./session-context.ts";

/** The two protocols, in the words of the control API. */
export type RtspKind = "rtspSession" | "rtspsSession";

/** How often connections and sessions hear of the time, in milliseconds. */
const tickMs = 1_000;

/** Readers get a report of what their tracks are by the wall clock this often, in ticks. */
const reportTicks = 5;

/** Probes of an idle connection begin after this long, so that a vanished client is noticed. */
const keepAliveMs = 30_000;

/** Every RTSP connection and session of this process, whichever port it came through, from its beginning to its end. */
export class RtspSessions {
  readonly #context: RtspContext;
  /** By id, in the order in which they came. */
  readonly #connections = new Map<string, RtspConnection>();
  readonly #sessions = new Map<string, AnySession>();
  /** Connections that are only told that they are too many. */
  readonly #refused = new WeakSet<RtspConnection>();
  readonly #cancelTick: Cancel;
  #count = 0;
  #ticks = 0;

  constructor(context: RtspContext) {
    this.#context = context;
    this.#cancelTick = context.clock.every(tickMs, () => this.#tick());
  }

  /** How many connections there are. */
  get size(): number {
    return this.#connections.size;
  }

  /** The connections by RTSP, or those by RTSPS, the oldest first. */
  *connections(kind: RtspKind): Iterable<RtspConnection> {
    for (const connection of this.#connections.values()) if (connection.peer.kind === kind) yield connection;
  }

  /** The sessions by RTSP, or those by RTSPS, the oldest first. */
  *sessions(kind: RtspKind): Iterable<AnySession> {
    for (const session of this.#sessions.values()) if (session.peer.kind === kind) yield session;
  }

  /** The connection with this id, if it is there. */
  connection(id: string): RtspConnection | undefined {
    return this.#connections.get(id);
  }

  /** The session with this id, if it is there. */
  session(id: string): AnySession | undefined {
    return this.#sessions.get(id);
  }

  /** Ends a session and its connection. Gives false where there is none with this id. */
  kick(id: string): boolean {
    const session = this.#sessions.get(id);
    session?.order.connection.sessionEnded("kicked");
    return session !== undefined;
  }

  /** A socket was opened by a client. */
  open(socket: Socket<RtspConnection>, { isTls }: { isTls: boolean }): void {
    // A peer that was gone before we looked has no address.
    const address: string | undefined = socket.remoteAddress;
    if (address === undefined) {
      socket.terminate();
      return;
    }
    const { limits, events } = this.#context;
    const remote = formatHostPort({ host: address, port: socket.remotePort });
    const kind = isTls ? "rtspsSession" : "rtspSession";
    const peer: Peer = { connId: this.#nextConnId(), remote, kind, id: crypto.randomUUID() };
    const entry = limits?.enter(splitAddress(remote).ip);
    if (entry?.kind === "dropped") {
      this.#drop(socket, peer, entry.error);
      return;
    }
    const refusal = entry?.error;
    const connection = new RtspConnection({
      peer,
      socket,
      context: this.#context,
      sessions: {
        add: (session) => this.#sessions.set(session.peer.id, session),
        remove: (session) => this.#sessions.delete(session.peer.id),
      },
      refusal,
    });
    if (refusal) this.#refused.add(connection);
    socket.data = connection;
    this.#connections.set(peer.id, connection);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    const local = formatHostPort({ host: socket.localAddress, port: socket.localPort });
    events.emit({ kind: "connectionAccepted", peer, local, isTls });
  }

  /** The socket of a connection is closed. */
  closed(connection: RtspConnection): void {
    this.#connections.delete(connection.peer.id);
    const wasRefused = this.#refused.has(connection);
    this.#context.limits?.leave(connection.host, { wasRefused });
    connection.closed();
  }

  /** Hears of resets by the peer, which then show as a close, and of whatever our own callbacks throw. */
  fault(
    socket: Socket<RtspConnection>,
    { connection, error }: { connection: RtspConnection | undefined; error: unknown },
  ): void {
    const conn_id = connection?.peer.connId;
    const { log } = this.#context;
    if (error instanceof Error && "code" in error && typeof error.code === "string") {
      log.debug("socket error", { conn_id, error: messageOf(error) });
      return;
    }
    const stack = error instanceof Error ? error.stack : undefined;
    log.error("session failed, this is a defect of the server", { conn_id, error: messageOf(error), stack });
    socket.terminate();
  }

  /** Ends what came by RTSP, or what came by RTSPS. */
  closeKind(kind: RtspKind, reason: EndReason): void {
    for (const connection of [...this.connections(kind)]) connection.close(reason);
  }

  /** Ends the sessions whose media go by UDP: their ports are to be others. */
  closeUdp(reason: EndReason): void {
    for (const session of [...this.#sessions.values()])
      if (session.transport === "UDP") session.order.connection.sessionEnded(reason);
  }

  /** Ends all that are left, and the ticking: the server stops. */
  close(): void {
    for (const connection of [...this.#connections.values()]) connection.close("server_shutdown");
    this.#cancelTick();
  }

  /** Cuts off those that did not end by themselves. */
  cut(): void {
    for (const connection of [...this.#connections.values()]) connection.cut();
  }

  #drop(socket: Socket<RtspConnection>, peer: Peer, error: RefusedError | undefined): void {
    const { code = "TOO_MANY_CONNECTIONS", message = "too many connections" } = error ?? {};
    this.#context.events.emit({ kind: "connectionFailed", peer, code, message, phase: "request" });
    socket.terminate();
  }

  /** `r000001` and so on. */
  #nextConnId(): string {
    this.#count++;
    return `r${String(this.#count).padStart(6, "0")}`;
  }

  #tick(): void {
    const now = this.#context.clock.now();
    for (const connection of [...this.#connections.values()]) connection.tick(now);
    this.#report(++this.#ticks % reportTicks === 0, now);
  }

  /** Readers of a stream get the same report: all of them, or those that have just begun. */
  #report(isForAll: boolean, now: number): void {
    const reports = new Map<object, Uint8Array>();
    for (const session of this.#sessions.values()) {
      if (session.kind !== "read" || !(isForAll ? session.isActive : session.isSettling(now))) continue;
      const { share } = session;
      const report = reports.get(share) ?? share.report();
      reports.set(share, report);
      session.report(report);
    }
  }
}
