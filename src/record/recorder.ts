import type { Subscriber } from "../stream/subscriber.ts";

/** Records one publish, in whatever form. When a file fails it records nothing more; the stream does not notice. */
export interface Recorder extends Subscriber {
  /** Whether nothing more is recorded, because a file failed. */
  readonly hasFailed: boolean;
  /** Whether it got so far that a file holds something. */
  readonly hasWritten: boolean;
  end(): void;
  /** Resolves when all files begun so far are finished or given up, and their events were raised. Never rejects. */
  idle(): Promise<void>;
}
