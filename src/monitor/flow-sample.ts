import type { FlowReading } from "../stream/flow-meter.ts";

/** A flow that brings nothing for this long has stalled, in milliseconds. */
export const stallAfterMs = 2_000;

/** What one flow brought since the last evaluation. */
export interface FlowSample {
  /** Milliseconds since then. */
  readonly elapsedMs: number;
  readonly bytes: number;
  readonly frames: number;
  /** Milliseconds of media between its last frame then and its last frame now. */
  readonly mediaMs: number;
  /** Steps of more than a second in it, and their sum in milliseconds. */
  readonly gaps: number;
  readonly gapMs: number;
  /** Sum of the squares of all other steps. */
  readonly squaredSteps: number;
  /** Milliseconds since its last frame. */
  readonly silentMs: number;
}

/** Takes the differences of a meter from one evaluation to the next. Its one sample is written anew each time. */
export class FlowSampler {
  readonly #meter: FlowReading;
  readonly #sample = {
    elapsedMs: 0,
    bytes: 0,
    frames: 0,
    mediaMs: 0,
    gaps: 0,
    gapMs: 0,
    squaredSteps: 0,
    silentMs: 0,
  };
  #takenAt: number;
  #bytes = 0;
  #frames = 0;
  #time = Number.NaN;
  #gaps = 0;
  #gapMs = 0;
  #squaredSteps = 0;

  /** Reads `meter`, whose publish began at `now`. */
  constructor(meter: FlowReading, now: number) {
    this.#meter = meter;
    this.#takenAt = now;
  }

  /** The sample up to `now`, borrowed until the next call; undefined before the flow's first frame. */
  take(now: number): FlowSample | undefined {
    const meter = this.#meter;
    if (Number.isNaN(meter.lastArrival)) {
      this.#takenAt = now;
      return undefined;
    }
    const sample = this.#sample;
    sample.elapsedMs = now - this.#takenAt;
    sample.bytes = meter.bytes - this.#bytes;
    const isFirst = Number.isNaN(this.#time);
    // The first frame ends no step.
    sample.frames = meter.frames - (isFirst ? Math.min(meter.frames, 1) : this.#frames);
    sample.mediaMs = meter.frames === 0 ? 0 : meter.lastTime - (isFirst ? meter.firstTime : this.#time);
    sample.gaps = meter.gaps - this.#gaps;
    sample.gapMs = meter.gapMs - this.#gapMs;
    sample.squaredSteps = meter.squaredSteps - this.#squaredSteps;
    sample.silentMs = now - meter.lastArrival;
    this.#takenAt = now;
    this.#bytes = meter.bytes;
    this.#frames = meter.frames;
    this.#time = meter.lastTime;
    this.#gaps = meter.gaps;
    this.#gapMs = meter.gapMs;
    this.#squaredSteps = meter.squaredSteps;
    return sample;
  }
}
