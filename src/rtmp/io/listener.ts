import type { Socket, TCPSocketListener } from "bun";
import { messageOf, TransportError } from "../../base/errors.ts";
import { formatHostPort, type HostPort } from "../../base/host-port.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";

/** Certificate and key of an RTMPS listener, as PEM text. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/** An RTMP or RTMPS port. What connects to it becomes one of the sessions, and stays when the port is closed. */
export class Listener {
  readonly #sessions: Sessions;
  readonly #host: string;
  #server: TCPSocketListener<Session>;

  /** @throws TransportError LISTEN when the address cannot be had */
  constructor(options: { address: HostPort; tls?: Tls | undefined; sessions: Sessions }) {
    this.#sessions = options.sessions;
    this.#host = options.address.host;
    this.#server = this.#listen(options.address, options.tls);
  }

  /** The port that is listened on: the one asked for, or the one the system chose for 0. */
  get port(): number {
    return this.#server.port;
  }

  /**
   * Shows another certificate to those who connect from now on.
   * @throws TransportError LISTEN when the port was taken by somebody else in this moment
   */
  renew(tls: Tls): void {
    const { port } = this;
    this.#server.stop(false);
    this.#server = this.#listen({ host: this.#host, port }, tls);
  }

  /** Accepts no more connections; those there are go on. */
  close(): void {
    this.#server.stop(false);
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
          socket: this.#handlers(tls !== undefined),
        });
      } catch (error) {
        failure = error;
        if (codeOf(error) === "EADDRINUSE") break;
      }
    }
    throw new TransportError("LISTEN", listenFailure(address, failure), { cause: failure });
  }

  #handlers(isTls: boolean): Bun.SocketHandler<Session> {
    const sessions = this.#sessions;
    return {
      open: (socket) => sessions.open(socket, { isTls }),
      // With this here a TLS client shows when its TCP connection is accepted, so that the deadlines hold for it from then on.
      handshake: () => undefined,
      data: (socket, bytes) => sessionOf(socket)?.data(bytes),
      drain: (socket) => sessionOf(socket)?.drain(),
      close: (socket) => {
        const session = sessionOf(socket);
        if (session) sessions.closed(session);
      },
      error: (socket, error) => sessions.fault(socket, { session: sessionOf(socket), error }),
    };
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
