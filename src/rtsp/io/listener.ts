import type { Socket, TCPSocketListener } from "bun";
import { formatHostPort, type HostPort } from "../../base/host-port.ts";
import { listenOn } from "../../base/listen-failure.ts";
import type { RtspConnection } from "./connection.ts";
import type { RtspSessions } from "./sessions.ts";

/** Certificate and key of an RTSPS listener, as PEM text. */
export interface RtspTls {
  readonly cert: string;
  readonly key: string;
}

/** An RTSP or RTSPS port. What connects to it becomes one of the connections, and stays when the port is closed. */
export class RtspListener {
  readonly #sessions: RtspSessions;
  readonly #host: string;
  #server: TCPSocketListener<RtspConnection>;

  /** @throws TransportError LISTEN when the address cannot be had */
  constructor(options: { address: HostPort; tls?: RtspTls | undefined; sessions: RtspSessions }) {
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
  renew(tls: RtspTls): void {
    const { port } = this;
    this.#server.stop(false);
    this.#server = this.#listen({ host: this.#host, port }, tls);
  }

  /** Accepts no more connections; those there are go on. */
  close(): void {
    this.#server.stop(false);
  }

  #listen(address: HostPort, tls: RtspTls | undefined): TCPSocketListener<RtspConnection> {
    return listenOn(address, {
      what: `cannot listen on ${formatHostPort(address)}`,
      listen: ({ host, port }) =>
        Bun.listen<RtspConnection>({
          hostname: host,
          port,
          ...(tls ? { tls: { cert: tls.cert, key: tls.key } } : {}),
          socket: this.#handlers(tls !== undefined),
        }),
    });
  }

  #handlers(isTls: boolean): Bun.SocketHandler<RtspConnection> {
    const sessions = this.#sessions;
    return {
      open: (socket) => sessions.open(socket, { isTls }),
      // With this here a TLS client shows when its TCP connection is accepted, so that the deadlines hold for it from then on.
      handshake: () => undefined,
      data: (socket, bytes) => connectionOf(socket)?.data(bytes),
      drain: (socket) => connectionOf(socket)?.drain(),
      close: (socket) => {
        const connection = connectionOf(socket);
        if (connection) sessions.closed(connection);
      },
      error: (socket, error) => sessions.fault(socket, { connection: connectionOf(socket), error }),
    };
  }
}

/** The connection of a socket; none where the peer was gone before it was opened. */
const connectionOf = (socket: Socket<RtspConnection>): RtspConnection | undefined => socket.data;
