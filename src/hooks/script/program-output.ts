import type { Clock } from "../../base/time.ts";
import { OutputTail } from "./output-tail.ts";

/** What a program wrote just before its end is in the pipes and read at once; somebody in the background may keep them open. */
const graceMs = 100;

/** The end of what a program wrote to each of its two streams, as text. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program writes. It is read to the end whatever becomes of it, and its last 64 KiB are kept for whoever asks. */
export class ProgramOutput {
  readonly #stdout: OutputTail;
  readonly #stderr: OutputTail;
  readonly #clock: Clock;

  constructor(
    program: { readonly stdout: ReadableStream<Uint8Array>; readonly stderr: ReadableStream<Uint8Array> },
    { clock }: { clock: Clock },
  ) {
    this.#clock = clock;
    this.#stdout = new OutputTail(program.stdout, { clock });
    this.#stderr = new OutputTail(program.stderr, { clock });
  }

  /** What was written since the last call. */
  take(): Output {
    return { stdout: this.#stdout.take(), stderr: this.#stderr.take() };
  }

  /** What was written last by a program that has ended. What somebody in its background writes from now on is thrown away. */
  async takeLast(): Promise<Output> {
    await this.#settled();
    const last = this.take();
    this.#stdout.discard();
    this.#stderr.discard();
    return last;
  }

  /** Resolves when both streams have ended, or soon. */
  #settled(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(graceMs, resolve);
      void Promise.all([this.#stdout.ended, this.#stderr.ended]).then(() => {
        cancel();
        resolve();
      });
    });
  }
}
