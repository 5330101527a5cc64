import type { FlvSession } from "./session.ts";
import type { FlvConnection } from "./session-context.ts";

/**
 * So many bytes are handed over at a time: Bun takes all it is given and keeps a copy of what the socket did not take, so that this is what a
 * reader that has fallen behind costs there, and how finely it shows whether it goes on.
 */
const pieceBytes = 64 * 1024;

/** Bun holds back less than this until it is told not to, in bytes. */
const heldBackBytes = 64;

/** The body of an answer that goes on for as long as its stream does. Bun writes what it is given at once, as one chunk, with one send. */
export class HttpConnection implements FlvConnection {
  readonly body: ReadableStream<Uint8Array>;
  readonly #session: FlvSession;
  readonly #over = Promise.withResolvers<void>();
  #controller: ReadableStreamDirectController | undefined;
  #isFull = false;

  /** Once the answer is under way the reader is given this connection. */
  constructor(session: FlvSession) {
    this.#session = session;
    this.body = new ReadableStream({
      type: "direct",
      // The answer goes on until this settles; one that is rejected cuts the connection, and for no reason nothing is logged.
      pull: (controller) => {
        this.#controller = controller;
        session.connect(this);
        return this.#over.promise;
      },
    });
  }

  write(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && !this.#isFull) {
      const end = Math.min(taken + pieceBytes, bytes.length);
      this.#hand(taken === 0 && end === bytes.length ? bytes : bytes.subarray(taken, end));
      taken = end;
    }
    return taken;
  }

  end(): void {
    this.#controller?.end();
    this.#over.resolve();
  }

  terminate(): void {
    this.#over.reject();
  }

  #hand(piece: Uint8Array): void {
    const controller = this.#controller;
    // The types do not tell that it gives a promise where the socket is full, which is kept once it has room again.
    const written: unknown = controller?.write(piece as Uint8Array<ArrayBuffer>);
    const flushed: unknown = piece.length < heldBackBytes ? controller?.flush() : undefined;
    const room = [written, flushed].find((each) => each instanceof Promise);
    if (!(room instanceof Promise)) return;
    this.#isFull = true;
    const goOn = (): void => {
      this.#isFull = false;
      this.#session.drained();
    };
    room.then(goOn, () => this.#session.gone());
  }
}
