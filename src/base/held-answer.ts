import type { Clock } from "./time.ts";

/** Whoever waits for an answer, and what its answers are like. */
export interface HeldAnswerHost<Answer> {
  readonly clock: Clock;
  /** An answer is waited for: nothing more is to be read. */
  readonly held: () => void;
  /** It was given. */
  readonly resumed: () => void;
  /** How long an answer is to be held back, in milliseconds. */
  readonly delayOf: (answer: Answer) => number;
  /** What is answered where there should have been an answer, and an error came. */
  readonly failed: (error: unknown) => Answer;
}

/** The one answer that somebody waits for at a time, which may come late and be held back. Given at once where that is possible. */
export class HeldAnswer<Answer> {
  readonly #host: HeldAnswerHost<Answer>;
  #ticket: symbol | undefined;

  constructor(host: HeldAnswerHost<Answer>) {
    this.#host = host;
  }

  /** Whether an answer is waited for, or held back. */
  get isWaiting(): boolean {
    return this.#ticket !== undefined;
  }

  /** Calls `answered` with the answer; never once this is closed, or waits for another. */
  wait(answer: Answer | Promise<Answer>, answered: (answer: Answer) => void): void {
    const { clock, held, resumed, delayOf, failed } = this.#host;
    if (!(answer instanceof Promise) && delayOf(answer) === 0) {
      answered(answer);
      return;
    }
    const ticket = Symbol("question");
    this.#ticket = ticket;
    held();
    const settle = (settled: Answer): void => {
      if (this.#ticket !== ticket) return;
      this.#ticket = undefined;
      answered(settled);
      resumed();
    };
    Promise.resolve(answer).then(
      (late) => {
        const delayMs = delayOf(late);
        if (delayMs === 0) settle(late);
        else clock.after(delayMs, () => settle(late));
      },
      (error: unknown) => settle(failed(error)),
    );
  }

  /** Nothing is answered any more. */
  close(): void {
    this.#ticket = undefined;
  }
}
