import type { Socket, TCPSocketListener } from "bun";
import { messageOf, type RefusedError, TransportError } from "../../base/errors.ts";
import { formatHostPort, type HostPort, splitAddress } from "../../base/host-port.ts";
import type { Cancel } from "../../base/time.ts";
import type { Peer } from "../../stream/event.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { Session } from "./session.ts";
import type { SessionContext } from "./session-context.ts";

/** Certificate and key of an RTMPS listener, as PEM text. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** How often sessions hear of the time, in milliseconds. */
const tickMs = 1_000;

/** Probes of an idle connection begin after this long, so that a vanished player is noticed. */
const keepAliveMs = 30_000;

/** Names connections: `c000001` and so on, over all listeners of this process. */
export class ConnectionIds {
  #count = 0;

  next(): string {
    this.#count++;
    return `c${String(this.#count).padStart(6, "0")}`;
  }
}

/** An RTMP or RTMPS port, and the sessions that came through it. */
export class Listener {
  readonly #context: SessionContext;
  readonly #ids: ConnectionIds;
  readonly #host: string;
  readonly #isTls: boolean;
  readonly #limits: ConnectionLimits;
  /** In the order in which they came. */
  readonly #sessions = new Set<Session>();
  /** Sessions that are only told that they are too many. */
  readonly #refused = new WeakSet<Session>();
  #server: TCPSocketListener<Session>;
  readonly #cancelTick: Cancel;

  /** @throws TransportError LISTEN when the address cannot be had */
  constructor(options: {
    address: HostPort;
    tls?: Tls | undefined;
    ids: ConnectionIds;
    limits: ConnectionLimits;
    context: SessionContext;
  }) {
    const { address, tls, ids, limits, context } = options;
    this.#host = address.host;
    this.#limits = limits;
    this.#context = context;
    this.#ids = ids;
    this.#isTls = tls !== undefined;
    this.#server = this.#listen(address, tls);
    this.#cancelTick = context.clock.every(tickMs, () => this.#tick());
  }

  /** The port that is listened on: the one asked for, or the one the system chose for 0. */
  get port(): number {
    return this.#server.port;
  }

  /** Connections that are open. */
  get sessions(): Iterable<Session> {
    return this.#sessions;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Shows another certificate to those who connect from now on; sessions there are go on.
   * @throws TransportError LISTEN when the port was taken by somebody else in this moment
   */
  renew(tls: Tls): void {
    const { port } = this;
    this.#server.stop(false);
    this.#server = this.#listen({ host: this.#host, port }, tls);
  }

  /** Accepts no more connections; those there are go on. */
  stopAccepting(): void {
    this.#server.stop(false);
  }

  /** Cuts off the sessions that did not end by themselves. */
  cut(): void {
    for (const session of this.#sessions) session.cut();
  }

  /** Ends the sessions that are left, and the ticking. */
  close(): void {
    for (const session of this.#sessions) session.close("server_shutdown");
    this.#cancelTick();
  }

  /** An empty host means every interface: both families where the system has both. */
  #listen(address: HostPort, tls: Tls | undefined): TCPSocketListener<Session> {
    const hosts = address.host === "" ? ["::", "0.0.0.0"] : [address.host];
    let failure: unknown;
    for (const hostname of hosts) {
      try {
        return Bun.listen<Session>({
          hostname,
          port: address.port,
          ...(tls ? { tls: { cert: tls.cert, key: tls.key } } : {}),
          socket: this.#handlers(),
        });
      } catch (error) {
        failure = error;
        if (codeOf(error) === "EADDRINUSE") break;
      }
    }
    throw new TransportError("LISTEN", listenFailure(address, failure), { cause: failure });
  }

  #handlers(): Bun.SocketHandler<Session> {
    return {
      open: (socket) => this.#open(socket),
      // With this here a TLS client shows when its TCP connection is accepted, so that the deadlines hold for it from then on.
      handshake: () => undefined,
      data: (socket, bytes) => sessionOf(socket)?.data(bytes),
      drain: (socket) => sessionOf(socket)?.drain(),
      close: (socket) => this.#closed(socket),
      error: (socket, error) => this.#fault(socket, error),
    };
  }

  /** Hears of resets by the peer, which then show as a close, and of whatever our own callbacks throw. */
  #fault(socket: Socket<Session>, error: unknown): void {
    const conn_id = sessionOf(socket)?.peer.connId;
    if (codeOf(error) !== undefined) {
      this.#context.log.debug("socket error", { conn_id, error: messageOf(error) });
      return;
    }
    const stack = error instanceof Error ? error.stack : undefined;
    this.#context.log.error("session failed, this is a defect of the server", {
      conn_id,
      error: messageOf(error),
      stack,
    });
    socket.terminate();
  }

  #open(socket: Socket<Session>): void {
    // A peer that was gone before we looked has no address.
    const address: string | undefined = socket.remoteAddress;
    if (address === undefined) {
      socket.terminate();
      return;
    }
    const remote = formatHostPort({ host: address, port: socket.remotePort });
    const kind = this.#isTls ? "rtmpsConn" : "rtmpConn";
    const peer: Peer = { connId: this.#ids.next(), remote, kind, id: crypto.randomUUID() };
    const entry = this.#limits.enter(splitAddress(remote).ip);
    if (entry.kind === "dropped") {
      this.#drop(socket, peer, entry.error);
      return;
    }
    const refusal = entry.kind === "refused" ? entry.error : undefined;
    const session = new Session({ peer, socket, context: this.#context, refusal });
    if (refusal) this.#refused.add(session);
    socket.data = session;
    this.#sessions.add(session);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    const local = formatHostPort({ host: socket.localAddress, port: socket.localPort });
    this.#context.events.emit({ kind: "connectionAccepted", peer, local, isTls: this.#isTls });
  }

  #drop(socket: Socket<Session>, peer: Peer, { code, message }: RefusedError): void {
    this.#context.events.emit({ kind: "connectionFailed", peer, code, message, phase: "handshake" });
    socket.terminate();
  }

  #closed(socket: Socket<Session>): void {
    const session = sessionOf(socket);
    if (!session) return;
    this.#sessions.delete(session);
    const { ip } = splitAddress(session.peer.remote);
    this.#limits.leave(ip, { wasRefused: this.#refused.has(session) });
    session.closed();
  }

  #tick(): void {
    const now = this.#context.clock.now();
    for (const session of this.#sessions) session.tick(now);
  }
}

/** The session of a socket; none where the peer was gone before it was opened. */
const sessionOf = (socket: Socket<Session>): Session | undefined => socket.data;

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const listenFailure = (address: HostPort, error: unknown): string => {
  const at = formatHostPort(address);
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return `cannot listen on ${at}: the port is in use by another program`;
    case "EACCES":
      return `cannot listen on ${at}: not permitted, ports below 1024 need privileges`;
    case "EADDRNOTAVAIL":
      return `cannot listen on ${at}: this machine has no such address`;
    default:
      return `cannot listen on ${at}: ${messageOf(error)}`;
  }
};
