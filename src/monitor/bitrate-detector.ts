import { type Change, ChangeDetector } from "./change-detector.ts";
import { type FlowSample, stallAfterMs } from "./flow-sample.ts";
import { RateWindow } from "./rate-window.ts";

/** The shortest and the longest window, in seconds. */
const leastWindow = 6;
const longestWindow = 45;

/** A window holds this many GOPs, so that it never lies between two key frames. */
const windowGops = 1.5;

/** Media that comes this much faster than time passes is what a stall has held back. */
const catchingUp = 1.25;

/** Catching up is waited for so long, in seconds. */
const longestCatchUp = 10;

/** Finds lasting changes of a flow's bit rate. Stalls are none: what is held back then is not counted, nor the burst after it. */
export class BitrateDetector {
  readonly #changes: ChangeDetector;
  readonly #window = new RateWindow(longestWindow);
  #longestGopMs = 0;
  /** Time without bytes that is no stall yet. */
  #emptyMs = 0;
  /** Seconds the flow may still need to catch up after a stall. */
  #catchUp = 0;
  #mean: number | undefined;

  /** `thresholdPercent` is the least change that is told. */
  constructor(thresholdPercent: number) {
    this.#changes = new ChangeDetector({ thresholdPercent, direction: "both" });
  }

  /** Seconds of the window. */
  get windowSeconds(): number {
    const gops = Math.ceil((this.#longestGopMs / 1000) * windowGops);
    return Math.min(longestWindow, Math.max(leastWindow, gops));
  }

  /** Bits per second over the window that ends now; undefined while there is none. */
  get mean(): number | undefined {
    return this.#mean;
  }

  /** Bits per second of the last half minute; undefined while it is not known. */
  get baseline(): number | undefined {
    return this.#changes.baseline;
  }

  /** Takes what came in the last second. `gopMs` is the length of the last GOP, NaN where there is none. */
  evaluate(sample: FlowSample, gopMs: number, now: number): Change | undefined {
    this.#changes.begin(now);
    if (gopMs > this.#longestGopMs) this.#longestGopMs = gopMs;
    this.#mean = undefined;
    if (sample.bytes === 0) {
      this.#wait(sample);
      return undefined;
    }
    if (this.#catchUp > 0) {
      // The first second after a stall is part of it.
      const isCatchingUp = sample.mediaMs > catchingUp * sample.elapsedMs || this.#catchUp === longestCatchUp;
      this.#catchUp = isCatchingUp ? this.#catchUp - 1 : 0;
      if (isCatchingUp) return undefined;
    }
    if (this.#emptyMs > 0) this.#window.push(0, this.#emptyMs);
    this.#emptyMs = 0;
    this.#window.push(sample.bytes, sample.elapsedMs);
    const seconds = this.windowSeconds;
    if (this.#window.count < seconds) return undefined;
    this.#mean = this.#window.mean(seconds) * 8_000;
    return this.#changes.evaluate(this.#mean, now);
  }

  #wait({ silentMs, elapsedMs }: FlowSample): void {
    if (silentMs < stallAfterMs) {
      this.#emptyMs += elapsedMs;
      return;
    }
    this.#emptyMs = 0;
    this.#catchUp = longestCatchUp;
    this.#window.clear();
    this.#changes.interrupt();
  }
}
