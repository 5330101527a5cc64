/**
 * Why a reader that is too slow loses a frame.
 *
 * - `skipped_to_key`: it is older than a key frame that waits too, to which the reader jumps ahead.
 * - `queue_full`: a picture, and no key frame waits to jump to.
 * - `awaiting_key`: a picture that refers to one that was lost.
 * - `sound_too_old`: sound that is too much, or too old, all by itself.
 */
export type DropReason = "skipped_to_key" | "queue_full" | "awaiting_key" | "sound_too_old";

/** Counts the frames that readers lose, by reason. Any number of them may share one. */
export class DropTally {
  readonly #counts: Record<DropReason, number> = {
    skipped_to_key: 0,
    queue_full: 0,
    awaiting_key: 0,
    sound_too_old: 0,
  };

  /** How many frames were lost so far for each reason. */
  get counts(): Readonly<Record<DropReason, number>> {
    return this.#counts;
  }

  /** Counts one more frame. */
  note(reason: DropReason): void {
    this.#counts[reason]++;
  }
}
