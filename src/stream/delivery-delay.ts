import { Histogram } from "../base/metrics.ts";
import type { Clock } from "../base/time.ts";

/** Bounds for the time that packets take through the server, in seconds. */
const delayBounds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
];

/**
 * One turn in so many is measured. A prime: groups of pictures have round lengths, and would otherwise have the same frame of each
 * measured again and again.
 */
const turnsPerSample = 17;

/** How long packets take from their arrival to the sockets of all readers of their stream, over all streams. */
export class DeliveryDelay {
  /** In seconds. */
  readonly histogram = new Histogram(delayBounds);
}

/** Measures some turns of one stream. A turn that is not measured costs a subtraction. */
export class DelayProbe {
  readonly #delay: DeliveryDelay;
  readonly #clock: Clock;
  #turnsLeft = turnsPerSample;

  constructor(delay: DeliveryDelay, clock: Clock) {
    this.#delay = delay;
    this.#clock = clock;
  }

  /** A turn whose first packet came at `since` was handed to all readers. */
  note(since: number): void {
    this.#turnsLeft--;
    if (this.#turnsLeft > 0) return;
    this.#turnsLeft = turnsPerSample;
    this.#delay.histogram.observe((this.#clock.now() - since) / 1_000);
  }
}
