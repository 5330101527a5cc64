import type { Cancel, Clock } from "../base/time.ts";

/** How long a command for a stream may take, and goes on, in milliseconds. */
export interface OnDemandTimes {
  readonly startTimeoutMs: number;
  readonly closeAfterMs: number;
}

/**
 * When a command that makes a stream on demand has to end: when nobody publishes what it is to bring for the start timeout, be it
 * at the beginning or after a publisher left; or when nobody has wanted the stream for its closing time. It begins wanted and not
 * published. Calls `end` once, with the reason.
 */
export class OnDemand {
  readonly #times: OnDemandTimes;
  readonly #clock: Clock;
  readonly #end: (reason: string) => void;
  #isOver = false;
  #cancelStart: Cancel | undefined;
  #cancelClose: Cancel | undefined;

  constructor(times: OnDemandTimes, { clock, end }: { clock: Clock; end: (reason: string) => void }) {
    this.#times = times;
    this.#clock = clock;
    this.#end = end;
    this.setPublished(false);
  }

  /** Somebody wants the stream, or nobody does. */
  setWanted(isWanted: boolean): void {
    if (isWanted || this.#isOver) this.#cancelClose = cancelled(this.#cancelClose);
    else
      this.#cancelClose ??= this.#clock.after(this.#times.closeAfterMs, () =>
        this.end("not needed by anyone"),
      );
  }

  /** Somebody publishes the stream, or nobody does. */
  setPublished(isPublished: boolean): void {
    if (isPublished || this.#isOver) this.#cancelStart = cancelled(this.#cancelStart);
    else this.#cancelStart ??= this.#clock.after(this.#times.startTimeoutMs, () => this.end("timed out"));
  }

  /** Ends it for another reason. */
  end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelStart = cancelled(this.#cancelStart);
    this.#cancelClose = cancelled(this.#cancelClose);
    this.#end(reason);
  }
}

const cancelled = (cancel: Cancel | undefined): undefined => {
  cancel?.();
  return undefined;
};
