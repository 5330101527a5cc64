/** Where bytes leave: a socket, as far as this room knows one. */
export interface ByteSink {
  /** Takes what it can of `bytes` now and gives how many; 0 when it is full, negative when it is closed. Keeps nothing. */
  write(bytes: Uint8Array): number;
}

/**
 * The bytes owed to one peer, in order. What the sink does not take at once stays here until {@link drained}; the buffers are
 * shared with other peers and never copied.
 */
export class Outbox {
  readonly #sink: ByteSink;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #sent = 0;
  #isClosed = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Bytes that the sink has taken so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** Bytes that wait for the sink. */
  get bytesWaiting(): number {
    return this.#waitingBytes;
  }

  /** True when nothing waits: the next bytes go straight to the sink. */
  get isClear(): boolean {
    return this.#waitingBytes === 0;
  }

  /** Sends `bytes`, or as much as goes; the rest follows by itself. They must not be written any more (shared). */
  send(bytes: Uint8Array): void {
    if (this.#waitingBytes > 0) {
      this.#wait(bytes);
      return;
    }
    const taken = this.#write(bytes);
    if (taken < bytes.length && !this.#isClosed) this.#wait(bytes.subarray(taken));
  }

  /** To be called when the sink has room again. */
  drained(): void {
    while (this.#waitingBytes > 0) {
      const [first] = this.#waiting;
      if (!first) return;
      const taken = this.#write(first);
      if (this.#isClosed) return;
      this.#waitingBytes -= taken;
      if (taken < first.length) {
        this.#waiting[0] = first.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
  }

  /** Drops what waits and takes nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #wait(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Bytes taken by the sink. */
  #write(bytes: Uint8Array): number {
    if (this.#isClosed) return 0;
    const taken = this.#sink.write(bytes);
    if (taken < 0) {
      this.close();
      return 0;
    }
    this.#sent += taken;
    return taken;
  }
}
