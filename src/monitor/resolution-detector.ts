import type { Track } from "../media/track.ts";
import type { Resolution } from "../stream/monitor-event.ts";

/** A size has to stay for this long before it is told, in milliseconds: encoders that adapt try several. */
const settleMs = 2_000;

/** A change of the picture's size. */
export interface ResolutionChange {
  readonly previous: Resolution;
  readonly resolution: Resolution;
}

const isSame = (a: Resolution, b: Resolution): boolean => a.width === b.width && a.height === b.height;

/** Finds changes of a video's size by its decoder configuration. */
export class ResolutionDetector {
  #settled: Resolution | undefined;
  #pending: Resolution | undefined;
  #pendingSince = 0;

  /** Notes that a track was shown at `now`: for the first time, or with a change. */
  note(track: Track, { isChange, now }: { isChange: boolean; now: number }): void {
    if (track.kind !== "video" || !track.width || !track.height) return;
    const size = { width: track.width, height: track.height };
    if (!this.#settled) {
      this.#settled = size;
      return;
    }
    // Another track beside the first is no change of it.
    if (!isChange) return;
    const current = this.#pending ?? this.#settled;
    if (isSame(current, size)) return;
    this.#pending = size;
    this.#pendingSince = now;
  }

  /** Gives the change that has settled by `now`, once. */
  evaluate(now: number): ResolutionChange | undefined {
    const pending = this.#pending;
    const previous = this.#settled;
    if (!pending || !previous || now - this.#pendingSince < settleMs) return undefined;
    this.#pending = undefined;
    if (isSame(pending, previous)) return undefined;
    this.#settled = pending;
    return { previous, resolution: pending };
  }
}
