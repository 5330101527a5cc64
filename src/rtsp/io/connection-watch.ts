import { WireError } from "../../base/errors.ts";
import { Standstill } from "../../base/standstill.ts";
import type { Outbox } from "../../stream/outbox.ts";

/** Answers a peer may leave unread, in bytes. Media has bounds of its own. */
const maxAnswerBytesWaiting = 64 * 1024;

/** Looks whether a client still does what it should: ask for something now and then, and read what it is sent. */
export class ConnectionWatch {
  readonly #outbox: Outbox;
  readonly #stall = new Standstill();
  #lastRequestAt: number;
  /** Answers that went behind something else that waits, since the outbox was last clear. */
  #answerBytesWaiting = 0;

  constructor(outbox: Outbox, now: number) {
    this.#outbox = outbox;
    this.#lastRequestAt = now;
  }

  /** The client has asked for something. */
  noteRequest(now: number): void {
    this.#lastRequestAt = now;
  }

  /** An answer is about to be sent. */
  noteAnswer(bytes: number): void {
    if (!this.#outbox.isClear) this.#answerBytesWaiting += bytes;
  }

  /** @throws WireError IDLE_TIMEOUT where the client has asked for nothing for so long */
  checkSilence(now: number, timeoutMs: number): void {
    const silentMs = now - this.#lastRequestAt;
    if (silentMs >= timeoutMs)
      throw new WireError("IDLE_TIMEOUT", `client asked for nothing for ${Math.round(silentMs)} ms`);
  }

  /** The fault of a client that has taken nothing for so long while bytes wait for it; undefined where there is none. */
  stall(now: number, timeoutMs: number): WireError | undefined {
    const { isClear, bytesSent, bytesWaiting } = this.#outbox;
    const stuckMs = this.#stall.note(bytesSent, { shouldMove: !isClear, now });
    if (stuckMs === 0 || stuckMs < timeoutMs) return undefined;
    const took = `peer took nothing for ${Math.round(stuckMs)} ms`;
    return new WireError("PEER_STALLED", `${took} while ${bytesWaiting} bytes wait`);
  }

  /** @throws WireError PEER_STALLED where the client leaves too many answers unread */
  checkAnswers(): void {
    if (this.#outbox.isClear) this.#answerBytesWaiting = 0;
    if (this.#answerBytesWaiting <= maxAnswerBytesWaiting) return;
    const waiting = `${this.#answerBytesWaiting} bytes of answers wait`;
    throw new WireError("PEER_STALLED", `${waiting}, expected the peer to read them`);
  }
}
