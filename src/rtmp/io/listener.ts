import { constants } from "node:crypto";
import type { Socket, TCPSocketListener } from "bun";
import { TransportError } from "../../base/errors.ts";
import { formatHostPort, type HostPort } from "../../base/host-port.ts";
import { listenOn } from "../../base/listen-failure.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";

/** Certificate and key of an RTMPS listener, as PEM text. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
}

/**
 * librtmp (rtmpdump, GStreamer's rtmpsink) takes a session ticket of TLS 1.3, which comes beside the first bytes, for the end of the
 * connection. An encoder connects once in hours: no other client misses tickets.
 */
const secureOptions = constants.SSL_OP_NO_TICKET;

/** An RTMP or RTMPS port; an empty host means every interface. What connects to it becomes one of the sessions, and stays when the port is closed. */
export class Listener {
  readonly #sessions: Sessions;
  readonly #host: string;
  #tls: Tls | undefined;
  #isOpen = true;
  #server: TCPSocketListener<Session>;

  /** @throws TransportError LISTEN when the address cannot be had */
  constructor(options: { address: HostPort; tls?: Tls | undefined; sessions: Sessions }) {
    this.#sessions = options.sessions;
    this.#host = options.address.host;
    this.#tls = options.tls;
    this.#server = this.#listen(options.address, options.tls);
  }

  /** The port that is listened on: the one asked for, or the one the system chose for 0. */
  get port(): number {
    return this.#server.port;
  }

  /** False once it was closed, or could not be opened again. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Shows another certificate to those who connect from now on.
   * @throws TransportError LISTEN for a certificate that cannot be used, and then the old one stays; or when the port was taken by
   * somebody else in this moment, and then it is closed
   */
  renew(tls: Tls): void {
    const address = { host: this.#host, port: this.port };
    this.close();
    try {
      this.#server = this.#listen(address, tls);
      this.#tls = tls;
    } catch (error) {
      this.#reopen(address);
      throw error;
    }
    this.#isOpen = true;
  }

  /** Why it cannot be opened says the fault that made it close. */
  #reopen(address: HostPort): void {
    try {
      this.#server = this.#listen(address, this.#tls);
      this.#isOpen = true;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
    }
  }

  /** Accepts no more connections; those there are go on. */
  close(): void {
    this.#isOpen = false;
    this.#server.stop(false);
  }

  #listen(address: HostPort, tls: Tls | undefined): TCPSocketListener<Session> {
    return listenOn(address, {
      what: `cannot listen on ${formatHostPort(address)}`,
      listen: ({ host, port }) =>
        Bun.listen<Session>({
          hostname: host,
          port,
          ...(tls ? { tls: { cert: tls.cert, key: tls.key, secureOptions } } : {}),
          socket: this.#handlers(tls !== undefined),
        }),
    });
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
