import { type Change, ChangeDetector } from "./change-detector.ts";
import type { FlowSample } from "./flow-sample.ts";
import { RateWindow } from "./rate-window.ts";
import { SlidingMedian } from "./sliding-median.ts";

/** Seconds of the window. */
const windowSeconds = 6;

/** Frames whose distances vary by more than this part of their mean come at no fixed rate. */
const greatestVariation = 0.3;

/** Seconds whose variations tell whether the rate is fixed. */
const variationSeconds = 30;

/**
 * Finds lasting drops of a video's frame rate. It counts frames over the media's own time, so it does not matter how they travelled.
 * A video without a fixed rate, such as a shared screen, has none.
 */
export class FramerateDetector {
  readonly #changes: ChangeDetector;
  readonly #frames = new RateWindow(windowSeconds);
  readonly #squares = new RateWindow(windowSeconds);
  readonly #variation = new SlidingMedian(variationSeconds);
  #mean: number | undefined;

  /** `thresholdPercent` is the least drop that is told. */
  constructor(thresholdPercent: number) {
    this.#changes = new ChangeDetector({ thresholdPercent, direction: "down" });
  }

  /** Frames per second over the window that ends now; undefined while there is none, or the rate is not fixed. */
  get mean(): number | undefined {
    return this.#isFixed ? this.#mean : undefined;
  }

  /** Frames per second of the last half minute; undefined while it is not known, or the rate is not fixed. */
  get baseline(): number | undefined {
    return this.#isFixed ? this.#changes.baseline : undefined;
  }

  /** Judged by what was usual, so that frames that go missing from a fixed rate do not pass for a variable one. */
  get #isFixed(): boolean {
    return !(this.#variation.median > greatestVariation);
  }

  /** Takes what came in the last second. */
  evaluate(sample: FlowSample, now: number): Change | undefined {
    this.#changes.begin(now);
    this.#mean = undefined;
    const frames = sample.frames - sample.gaps;
    const span = sample.mediaMs - sample.gapMs;
    if (frames <= 0 || span <= 0) return undefined;
    this.#frames.push(frames, span);
    this.#squares.push(sample.squaredSteps, frames);
    if (this.#frames.count < windowSeconds) return undefined;
    this.#mean = this.#frames.mean(windowSeconds) * 1000;
    const meanStep = 1000 / this.#mean;
    const variance = this.#squares.mean(windowSeconds) - meanStep * meanStep;
    const isFixed = this.#isFixed;
    this.#variation.push(Math.sqrt(Math.max(0, variance)) / meanStep);
    const change = this.#changes.evaluate(this.#mean, now);
    return isFixed ? change : undefined;
  }
}
