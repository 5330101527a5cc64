/** What a breaker lets through: everything, nothing, or one attempt to see how things are. */
export type BreakerState = "closed" | "open" | "half-open";

/** So many failures in a row open it. */
const maxInARow = 5;

/** So many attempts within the window have to be known before their share of failures counts. */
const minAttempts = 10;

/** This share of failures opens it. */
const maxShare = 0.5;

const windowMs = 30_000;
const bucketMs = 1_000;

/** Waits before the probes, in milliseconds; the last one is that of all further probes. */
const probeDelaysMs = [1_000, 2_000, 4_000, 5_000] as const;

/** So many probes have to work in a row. */
const successesToClose = 2;

/** How many executions may run at once as a receiver proves that it keeps up; then there is no limit of this kind. */
const ramp = [1, 2, 4, 8] as const;

/** Attempts of one second. */
interface Bucket {
  readonly at: number;
  total: number;
  failed: number;
}

/**
 * Keeps a receiver that fails from being asked again and again.
 *
 *     closed --5 failures in a row, or half of 10 and more in 30 s--> open --probe starts--> half-open
 *     half-open --it failed--> open (next probe after 1, 2, 4, then every 5 s)
 *     half-open --it worked--> open (next probe at once), and --two in a row--> closed, with executions side by side growing 1, 2, 4, 8
 *
 * Attempts that were under way when it opened say nothing any more. Times are those of one clock, in milliseconds.
 */
export class CircuitBreaker {
  #state: BreakerState = "closed";
  #inARow = 0;
  #buckets: Bucket[] = [];
  #probes = 0;
  #probeAt = 0;
  #probeSuccesses = 0;
  #step: number = ramp.length;
  #stepSuccesses = 0;

  get state(): BreakerState {
    return this.#state;
  }

  /** Failures in a row so far. */
  get failures(): number {
    return this.#inARow;
  }

  /** When the next probe may start; undefined while none is to. */
  get probeAt(): number | undefined {
    return this.#state === "open" ? this.#probeAt : undefined;
  }

  /** How many executions may run at once while it is closed. */
  get concurrency(): number {
    return ramp[this.#step] ?? Number.POSITIVE_INFINITY;
  }

  /** Lets executions side by side grow from one, as after an outage. */
  restart(): void {
    this.#step = 0;
    this.#stepSuccesses = 0;
  }

  /** Forgets everything: it is closed, as at first. */
  reset(): void {
    this.#state = "closed";
    this.#inARow = 0;
    this.#buckets = [];
    this.#step = ramp.length;
  }

  /** An attempt starts. Gives true where it is a probe; its end has to be told as that of one. */
  started(): boolean {
    if (this.#state !== "open") return false;
    this.#state = "half-open";
    return true;
  }

  /** An attempt worked. Gives true where that closes the breaker. */
  succeeded(now: number, isProbe: boolean): boolean {
    if (isProbe && this.#state === "half-open") return this.#probeWorked(now);
    if (this.#state !== "closed") return false;
    this.#inARow = 0;
    this.#note(now, false);
    this.#climb();
    return false;
  }

  /** An attempt failed. Gives true where that opens the breaker. */
  failed(now: number, isProbe: boolean): boolean {
    this.#inARow++;
    if (isProbe && this.#state === "half-open") {
      this.#probeSuccesses = 0;
      this.#open(now);
      return false;
    }
    if (this.#state !== "closed") return false;
    this.#note(now, true);
    // Who was just about to recover gets less again.
    if (this.#step < ramp.length) this.restart();
    if (!this.#isTooMuch()) return false;
    this.#probes = 0;
    this.#probeSuccesses = 0;
    this.#open(now);
    return true;
  }

  /** A probe ended without saying anything about the receiver: another one may follow at once. */
  voided(now: number, isProbe: boolean): void {
    if (!isProbe || this.#state !== "half-open") return;
    this.#state = "open";
    this.#probeAt = now;
  }

  #open(now: number): void {
    this.#state = "open";
    this.#probeAt = now + (probeDelaysMs[Math.min(this.#probes, probeDelaysMs.length - 1)] ?? 0);
    this.#probes++;
  }

  #probeWorked(now: number): boolean {
    this.#inARow = 0;
    this.#probeSuccesses++;
    if (this.#probeSuccesses < successesToClose) {
      this.#state = "open";
      this.#probeAt = now;
      return false;
    }
    this.#state = "closed";
    this.#buckets = [];
    this.restart();
    return true;
  }

  /** As many successes as may run at once, and the next step is taken. */
  #climb(): void {
    const width = ramp[this.#step];
    if (width === undefined) return;
    this.#stepSuccesses++;
    if (this.#stepSuccesses < width) return;
    this.#step++;
    this.#stepSuccesses = 0;
  }

  #note(now: number, isFailure: boolean): void {
    const at = Math.floor(now / bucketMs);
    let bucket = this.#buckets.at(-1);
    if (bucket?.at !== at) {
      bucket = { at, total: 0, failed: 0 };
      this.#buckets.push(bucket);
      const oldest = at - windowMs / bucketMs;
      while (this.#buckets[0] && this.#buckets[0].at <= oldest) this.#buckets.shift();
    }
    bucket.total++;
    if (isFailure) bucket.failed++;
  }

  #isTooMuch(): boolean {
    if (this.#inARow >= maxInARow) return true;
    const total = this.#buckets.reduce((sum, bucket) => sum + bucket.total, 0);
    const failed = this.#buckets.reduce((sum, bucket) => sum + bucket.failed, 0);
    return total >= minAttempts && failed >= total * maxShare;
  }
}
