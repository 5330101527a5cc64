import type { Socket } from "bun";
import { messageOf, TransportError, WireError } from "../../base/errors.ts";
import type { Cancel, Clock } from "../../base/time.ts";
import { Outbox } from "../../stream/outbox.ts";
import { answerTo, type Login, readChallenge } from "../adobe-answer.ts";
import { ClientConnection, type ClientEvent } from "../client-connection.ts";
import type { Message } from "../message.ts";
import { isAccessRefusal } from "../refusal.ts";
import { type RtmpUrl, tcUrlOf } from "../url.ts";

/** What a client hears. Each call comes in the socket's turn; `closed` comes once, last. */
export interface ClientHandlers {
  /** Media may flow: on `streamId`, through the client's outbox. */
  started(streamId: number): void;
  /** Media of a play. */
  media?(message: Message): void;
  /** Everything that came in one read was handed over. */
  turnEnded?(): void;
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
  /** SHA-256 of the server's certificate, in hexadecimal digits: whoever signed it. Empty or undefined for one that can be verified. */
  readonly fingerprint?: string | undefined;
  /** Who we are, for a server that asks. */
  readonly login?: Login | undefined;
}

/** A server asks who comes, and then for a proof: more connections than these it does not need. */
const maxLogins = 2;

/** How long the server may take to hang up after we said goodbye, in milliseconds. */
const lingerMs = 1_000;

/** One outgoing RTMP connection. It connects by itself; {@link close} ends it. */
export class Client {
  readonly #options: DialOptions;
  readonly #handlers: ClientHandlers;
  #connection: ClientConnection;
  #outbox: Outbox;
  /** Connections so far that were only there to log in. */
  #logins = 0;
  #bytesReceived = 0;
  #socket: Socket | undefined;
  #cancelTimeout: Cancel;
  #error: Error | undefined;
  #isClosing = false;
  #isClosed = false;

  constructor(options: DialOptions, handlers: ClientHandlers) {
    const { clock, timeoutMs } = options;
    this.#options = options;
    this.#handlers = handlers;
    this.#connection = this.#prepare("");
    this.#outbox = this.#makeOutbox();
    this.#cancelTimeout = clock.after(timeoutMs, () => {
      this.#fail(new TransportError("TIMEOUT", `no answer within ${timeoutMs} ms`));
    });
    this.#connect();
  }

  /** Where media goes; to be asked for once it may flow. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  /** Bytes that came from the server so far. */
  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** Says goodbye and closes once everything is sent, or after a second. */
  close(): void {
    if (this.#isClosing || this.#isClosed) return;
    this.#isClosing = true;
    this.#cancelTimeout();
    // Before the goodbye: with it the socket may be closed at once.
    this.#cancelTimeout = this.#options.clock.after(lingerMs, () => this.#cut());
    this.#connection.finish();
    this.#flush();
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

  /** The machine of the next connection; `login` stands behind the application's name. */
  #prepare(login: string): ClientConnection {
    const { url, action, chunkSize } = this.#options;
    const query = login === "" ? "" : `${url.app.includes("?") ? "&" : "?"}${login}`;
    return new ClientConnection({
      action,
      app: url.app + query,
      name: url.name,
      tcUrl: tcUrlOf(url) + query,
      chunkSize,
    });
  }

  #makeOutbox(): Outbox {
    return new Outbox({ write: (bytes) => this.#socket?.write(bytes) ?? 0 });
  }

  #connect(): void {
    const { url, fingerprint = "" } = this.#options;
    const { host, port, isTls } = url;
    const attempt = this.#logins;
    /** Calls of a connection that another one has followed say nothing. */
    const isCurrent = (): boolean => attempt === this.#logins;
    const failed = (error: unknown): void => {
      if (!isCurrent()) return;
      this.#error ??= new TransportError("CONNECT", messageOf(error), { cause: error });
      this.#closed();
    };
    Bun.connect({
      hostname: host,
      port,
      ...(isTls ? { tls: { serverName: host, rejectUnauthorized: fingerprint === "" } } : {}),
      socket: {
        open: (socket) => this.#open(socket),
        handshake: (socket, isAuthorized, reason) => {
          if (isCurrent()) this.#verify(socket, isAuthorized ? undefined : reason);
        },
        data: (_socket, bytes) => {
          if (isCurrent()) this.#data(bytes);
        },
        drain: () => {
          if (isCurrent()) this.#drained();
        },
        close: () => {
          if (isCurrent()) this.#closed();
        },
        error: (_socket, error) => {
          if (isCurrent()) this.#error ??= new TransportError("CLOSED", messageOf(error), { cause: error });
        },
        connectError: (_socket, error) => failed(error),
      },
    }).catch(failed);
  }

  /** A certificate with the fingerprint asked for is right, whoever signed it. */
  #verify(socket: Socket, fault: Error | null | undefined): void {
    const { fingerprint = "" } = this.#options;
    if (fingerprint === "") {
      if (fault !== undefined)
        this.#fail(new TransportError("CONNECT", `TLS: ${fault?.message ?? "certificate refused"}`));
      else this.#flush();
      return;
    }
    const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase();
    if (shown === fingerprint.toLowerCase()) this.#flush();
    else this.#fail(new TransportError("CONNECT", "TLS: the certificate has another fingerprint"));
  }

  #drained(): void {
    this.#outbox.drained();
    this.#handlers.drained();
    this.#flush();
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
    this.#bytesReceived += bytes.length;
    const connection = this.#connection;
    try {
      connection.receive(bytes);
      // Who is gone, or has gone on to another connection, has nothing more to hear from this one.
      while (!this.#isClosed && connection === this.#connection) {
        const event = connection.nextEvent();
        if (!event) break;
        this.#handle(event);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fail(error);
    }
    if (this.#isClosed) return;
    this.#handlers.turnEnded?.();
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
        if (this.#logIn(event.description)) return;
        this.#fail(
          new TransportError(isAccessRefusal(event) ? "DENIED" : "REJECTED", this.#refusalText(event)),
        );
        return;
      }
      case "status":
        return;
    }
  }

  /** The server's words, but for those of a login: names stand in them. */
  #refusalText({ code, description }: { code: string; description: string }): string {
    if (description === "") return code;
    if (!readChallenge(description)) return `${code}: ${description}`;
    return this.#options.login
      ? `${code}: the server refuses this user and password`
      : `${code}: the server wants a user and a password, expected USER:PASSWORD@ in front of the host`;
  }

  /** Connects again with what a refusal asks for. Gives false where that is of no use. */
  #logIn(description: string): boolean {
    const { login } = this.#options;
    const challenge = readChallenge(description);
    if (!login || !challenge || this.#isClosing || this.#logins >= maxLogins) return false;
    const answer = answerTo(challenge, login);
    if (answer === undefined) return false;
    this.#logins++;
    const old = this.#socket;
    this.#socket = undefined;
    this.#connection = this.#prepare(answer);
    this.#outbox = this.#makeOutbox();
    old?.end();
    this.#connect();
    return true;
  }

  #flush(): void {
    if (!this.#socket) return;
    const output = this.#connection.takeOutput();
    if (output) this.#outbox.send(output);
    if (this.#isClosing && this.#outbox.isClear) this.#socket.end();
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
    this.#outbox.close();
    if (this.#isClosing) this.#handlers.closed(undefined);
    else
      this.#handlers.closed(this.#error ?? new TransportError("CLOSED", "the server closed the connection"));
  }
}
