import { encodeFragment } from "../mp4/fragment.ts";
import { encodeHeader } from "../mp4/header.ts";
import type { CutRun, CutSample } from "./cut.ts";
import { type Piece, pieceOf } from "./piece.ts";
import type { SourceTrack } from "./source.ts";

/** Lays out what is played as fragmented MP4. Frames in front of the beginning last for nothing, so that they are decoded and not seen. */
export class FragmentedLayout {
  readonly #pieces: Piece[];
  #sequence = 0;

  constructor(tracks: readonly SourceTrack[]) {
    this.#pieces = [pieceOf(encodeHeader(tracks).bytes)];
  }

  /** Takes the next frames. */
  add(runs: readonly CutRun[]): void {
    // A fragment has each track once: what comes before the beginning makes one of its own.
    let fragment: CutRun[] = [];
    for (const run of runs) {
      if (fragment.some(({ track }) => track === run.track)) {
        this.#write(fragment);
        fragment = [];
      }
      fragment.push(run);
    }
    if (fragment.length > 0) this.#write(fragment);
  }

  /** What the body is made of. */
  pieces(): readonly Piece[] {
    return this.#pieces;
  }

  #write(runs: readonly CutRun[]): void {
    this.#sequence++;
    const { head } = encodeFragment(
      this.#sequence,
      runs.map(({ track, samples }) => ({
        id: track + 1,
        baseTime: Math.max(0, samples[0]?.time ?? 0),
        samples: samples.map(shown),
      })),
    );
    this.#pieces.push(pieceOf(head));
    for (const { samples, load } of runs)
      this.#pieces.push({ size: samples.reduce((sum, { size }) => sum + size, 0), load });
  }
}

/** One that began before the beginning, and goes on in it, is cut. */
const shown = (sample: CutSample): CutSample => {
  if (sample.isLead) return { ...sample, duration: 0, compositionOffset: 0 };
  return sample.time < 0 ? { ...sample, duration: Math.max(0, sample.duration + sample.time) } : sample;
};
