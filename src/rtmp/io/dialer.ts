import type { Socket } from "bun";
import { messageOf, TransportError, WireError } from "../../base/errors.ts";
import type { Cancel, Clock } from "../../base/time.ts";
import { Outbox } from "../../stream/outbox.ts";
import { ClientConnection, type ClientEvent } from "../client-connection.ts";
import type { Message } from "../message.ts";
import { type RtmpUrl, tcUrlOf } from "../url.ts";

/** What a client hears. Each call comes in the socket's turn; `closed` comes once, last. */
export interface ClientHandlers {
  /** Media may flow: on `streamId`, through the client's outbox. */
  started(streamId: number): void;
  /** Media of a play. */
  media?(message: Message): void;
  /** The socket has room again. */
  drained(): void;
  /** The connection is over. Undefined: by our own wish. */
  closed(error: Error | undefined): void;
}

/** What to dial. */
export interface DialOptions {
  readonly url: RtmpUrl;
  readonly action: "publish" | "play";
  readonly chunkSize: number;
  readonly clock: Clock;
  /** Connecting, shaking hands and being accepted may take this long, in milliseconds. */
  readonly timeoutMs: number;
}

/** How long the server may take to hang up after we said goodbye, in milliseconds. */
const lingerMs = 1_000;

/** One outgoing RTMP connection. It connects by itself; {@link close} ends it. */
export class Client {
  readonly #options: DialOptions;
  readonly #handlers: ClientHandlers;
  readonly #connection: ClientConnection;
  readonly outbox: Outbox;
  #socket: Socket | undefined;
  #cancelTimeout: Cancel;
  #error: Error | undefined;
  #isClosing = false;
  #isClosed = false;

  constructor(options: DialOptions, handlers: ClientHandlers) {
    const { url, action, chunkSize, clock, timeoutMs } = options;
    this.#options = options;
    this.#handlers = handlers;
    this.#connection = new ClientConnection({
      action,
      app: url.app,
      name: url.name,
      tcUrl: tcUrlOf(url),
      chunkSize,
    });
    this.outbox = new Outbox({ write: (bytes) => this.#socket?.write(bytes) ?? 0 });
    this.#cancelTimeout = clock.after(timeoutMs, () => {
      this.#fail(new TransportError("TIMEOUT", `no answer within ${timeoutMs} ms`));
    });
    this.#connect();
  }

  /** Says goodbye and closes once everything is sent, or after a second. */
  close(): void {
    if (this.#isClosing || this.#isClosed) return;
    this.#isClosing = true;
    this.#cancelTimeout();
    this.#connection.finish();
    this.#flush();
    this.#cancelTimeout = this.#options.clock.after(lingerMs, () => this.#cut());
    if (!this.#socket) this.#closed();
  }

  /** Cuts the connection without a goodbye. */
  cut(): void {
    this.#isClosing = true;
    this.#cut();
  }

  /** Cuts the connection because of `error`. */
  abort(error: Error): void {
    this.#fail(error);
  }

  #connect(): void {
    const { host, port, isTls } = this.#options.url;
    Bun.connect({
      hostname: host,
      port,
      ...(isTls ? { tls: { serverName: host, rejectUnauthorized: true } } : {}),
      socket: {
        open: (socket) => this.#open(socket),
        handshake: (_socket, isAuthorized, reason) => {
          if (!isAuthorized)
            this.#fail(new TransportError("CONNECT", `TLS: ${reason?.message ?? "certificate refused"}`));
          else this.#flush();
        },
        data: (_socket, bytes) => this.#data(bytes),
        drain: () => {
          this.outbox.drained();
          this.#handlers.drained();
          this.#flush();
        },
        close: () => this.#closed(),
        error: (_socket, error) => {
          this.#error ??= new TransportError("CLOSED", messageOf(error), { cause: error });
        },
        connectError: (_socket, error) => {
          this.#error ??= new TransportError("CONNECT", messageOf(error), { cause: error });
          this.#closed();
        },
      },
    }).catch((error: unknown) => {
      this.#error ??= new TransportError("CONNECT", messageOf(error), { cause: error });
      this.#closed();
    });
  }

  #open(socket: Socket): void {
    this.#socket = socket;
    if (this.#isClosing || this.#isClosed) {
      socket.terminate();
      return;
    }
    socket.setNoDelay(true);
    // Bytes written before a TLS handshake wait in Bun; what it refuses waits in the outbox.
    this.#flush();
  }

  #data(bytes: Uint8Array): void {
    try {
      this.#connection.receive(bytes);
      for (;;) {
        const event = this.#connection.nextEvent();
        if (!event) break;
        this.#handle(event);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fail(error);
    }
    this.#flush();
  }

  #handle(event: ClientEvent): void {
    switch (event.kind) {
      case "media":
        this.#handlers.media?.(event);
        return;
      case "started":
        this.#cancelTimeout();
        this.#flush();
        this.#handlers.started(event.streamId);
        return;
      case "refused": {
        const text = event.description === "" ? event.code : `${event.code}: ${event.description}`;
        this.#fail(new TransportError("REJECTED", text));
        return;
      }
      case "status":
        return;
    }
  }

  #flush(): void {
    if (!this.#socket) return;
    const output = this.#connection.takeOutput();
    if (output) this.outbox.send(output);
    if (this.#isClosing && this.outbox.isClear) this.#socket.end();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#cut();
  }

  #cut(): void {
    this.#socket?.terminate();
    this.#closed();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimeout();
    this.outbox.close();
    if (this.#isClosing) this.#handlers.closed(undefined);
    else
      this.#handlers.closed(this.#error ?? new TransportError("CLOSED", "the server closed the connection"));
  }
}
