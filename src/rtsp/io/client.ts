import type { Socket } from "bun";
import { messageOf, TransportError, WireError } from "../../base/errors.ts";
import type { Cancel, Clock } from "../../base/time.ts";
import { Outbox } from "../../stream/outbox.ts";
import type { MediaTag } from "../depacketise/track-receiver.ts";
import { RtspReader } from "../request-reader.ts";
import { ClientDialogue } from "./client-dialogue.ts";
import { ClientMedia, type ClientTransport } from "./client-media.ts";
import type { RtspUrl } from "./rtsp-url.ts";

/** What a client hears. Each call comes in a socket's turn; `closed` comes once, last. */
export interface RtspClientHandlers {
  /** Media may flow. */
  started(): void;
  /** A sound, a picture or its configuration, as an FLV tag body. */
  tag(tag: MediaTag): void;
  /** Everything that came together was handed over. */
  turnEnded(): void;
  /** The connection is over. Undefined: by our own wish. */
  closed(error: Error | undefined): void;
}

/** What to dial. */
export interface RtspDialOptions {
  readonly url: RtspUrl;
  readonly transport: ClientTransport;
  readonly clock: Clock;
  /** Connecting and being let in may take this long, in milliseconds. */
  readonly timeoutMs: number;
  /** SHA-256 of the server's certificate, in hexadecimal digits: whoever signed it. Empty or undefined for one that can be verified. */
  readonly fingerprint?: string | undefined;
}

/** How long the server may take to hang up after we said goodbye, in milliseconds. */
const lingerMs = 1_000;

const tickMs = 1_000;

/** The server hears how its packets arrive this often, in ticks. */
const reportTicks = 5;

/** One connection to another RTSP server, from which it gets a stream. It connects by itself; {@link close} ends it. */
export class RtspClient {
  readonly #options: RtspDialOptions;
  readonly #handlers: RtspClientHandlers;
  readonly #reader = new RtspReader();
  readonly #dialogue: ClientDialogue;
  readonly #media: ClientMedia;
  readonly #outbox = new Outbox({ write: (bytes) => this.#socket?.write(bytes) ?? 0 });
  #socket: Socket | undefined;
  #bytesReceived = 0;
  #cancelTimeout: Cancel;
  #cancelTick: Cancel | undefined;
  #ticks = 0;
  #error: Error | undefined;
  #isClosing = false;
  #isClosed = false;

  constructor(options: RtspDialOptions, handlers: RtspClientHandlers) {
    const { url, transport, clock, timeoutMs } = options;
    this.#options = options;
    this.#handlers = handlers;
    this.#media = new ClientMedia({
      transport,
      take: (tag) => handlers.tag(tag),
      now: () => clock.now(),
      turnEnded: () => {
        if (!this.#isClosed) handlers.turnEnded();
      },
    });
    this.#dialogue = new ClientDialogue(url, {
      send: (request) => this.#outbox.send(request),
      described: (medias) => this.#media.describe(medias),
      transportFor: (media) => this.#media.transportFor(media),
      transportRefused: () => this.#media.refuse(),
      settled: (media, settled) =>
        this.#media.settle(media, settled, this.#socket?.remoteAddress ?? url.host),
      anchored: (media, rtpTime) => this.#media.anchor(media, rtpTime),
      started: () => this.#started(),
    });
    this.#cancelTimeout = clock.after(timeoutMs, () => {
      this.abort(new TransportError("TIMEOUT", `no answer within ${timeoutMs} ms`));
    });
    this.#connect();
  }

  /** Bytes that came from the server so far, whichever way. */
  get bytesReceived(): number {
    return this.#bytesReceived + this.#media.bytesReceived;
  }

  /** How many kinds of media come, pictures and sound being two. */
  get kinds(): number {
    return this.#media.kinds;
  }

  /** Says goodbye and closes once that is sent, or after a second. */
  close(): void {
    if (this.#isClosing || this.#isClosed) return;
    this.#isClosing = true;
    this.#cancelTimeout();
    // Before the goodbye: with it the socket may be closed at once.
    this.#cancelTimeout = this.#options.clock.after(lingerMs, () => this.#cut());
    this.#dialogue.finish();
    if (this.#socket) this.#socket.end();
    else this.#closed();
  }

  /** Cuts the connection because of `error`. */
  abort(error: Error): void {
    this.#error ??= error;
    this.#cut();
  }

  #connect(): void {
    const { url, fingerprint = "" } = this.#options;
    const { host, port, isTls } = url;
    const failed = (error: unknown): void => {
      this.#error ??= new TransportError("CONNECT", messageOf(error), { cause: error });
      this.#closed();
    };
    Bun.connect({
      hostname: host,
      port,
      ...(isTls ? { tls: { serverName: host, rejectUnauthorized: fingerprint === "" } } : {}),
      socket: {
        open: (socket) => this.#open(socket),
        handshake: (socket, isAuthorized, reason) => this.#verify(socket, isAuthorized ? undefined : reason),
        data: (_socket, bytes) => this.#data(bytes),
        drain: () => this.#outbox.drained(),
        close: () => this.#closed(),
        error: (_socket, error) => {
          this.#error ??= new TransportError("CLOSED", messageOf(error), { cause: error });
        },
        connectError: (_socket, error) => failed(error),
      },
    }).catch(failed);
  }

  #open(socket: Socket): void {
    this.#socket = socket;
    if (this.#isClosing || this.#isClosed) {
      socket.terminate();
      return;
    }
    socket.setNoDelay(true);
    // With TLS nothing is said before it is known to whom.
    if (!this.#options.url.isTls) this.#dialogue.start();
  }

  /** A certificate with the fingerprint asked for is right, whoever signed it. */
  #verify(socket: Socket, fault: Error | null | undefined): void {
    const { fingerprint = "" } = this.#options;
    if (fingerprint === "") {
      if (fault === undefined) this.#dialogue.start();
      else this.abort(new TransportError("CONNECT", `TLS: ${fault?.message ?? "certificate refused"}`));
      return;
    }
    const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase();
    if (shown === fingerprint.toLowerCase()) this.#dialogue.start();
    else this.abort(new TransportError("CONNECT", "TLS: the certificate has another fingerprint"));
  }

  #data(bytes: Uint8Array): void {
    this.#bytesReceived += bytes.length;
    try {
      this.#reader.receive(bytes);
      while (!this.#isClosed) {
        const unit = this.#reader.next();
        if (!unit) break;
        if (unit.kind === "interleaved") this.#media.interleaved(unit.channel, unit.payload);
        else if (unit.kind === "response" && !this.#isClosing) this.#dialogue.take(unit);
      }
    } catch (error) {
      if (!(error instanceof WireError || error instanceof TransportError)) throw error;
      this.abort(error);
    }
    if (!this.#isClosed) this.#handlers.turnEnded();
  }

  #started(): void {
    const { clock } = this.#options;
    this.#cancelTimeout();
    this.#cancelTick = clock.every(tickMs, () => this.#tick());
    this.#handlers.started();
  }

  #tick(): void {
    this.#media.tick();
    this.#ticks++;
    if (this.#ticks % reportTicks === 0 && this.#outbox.isClear)
      this.#media.report((bytes) => this.#outbox.send(bytes));
    // Twice in the time after which the server would forget us, and a little sooner.
    const keepAliveTicks = Math.max(1, Math.floor(this.#dialogue.timeoutSeconds / 2) - 1);
    if (this.#ticks % keepAliveTicks === 0) this.#dialogue.keepAlive();
  }

  #cut(): void {
    this.#socket?.terminate();
    this.#closed();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimeout();
    this.#cancelTick?.();
    this.#outbox.close();
    this.#media.close();
    if (this.#isClosing && !this.#error) this.#handlers.closed(undefined);
    else
      this.#handlers.closed(this.#error ?? new TransportError("CLOSED", "the server closed the connection"));
  }
}
