import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import type { Clock } from "../../base/time.ts";
import { parseDuration } from "../../base/units.ts";
import type { HookEvent } from "../event/hook-event.ts";
import type { RateKey, RateLimitSettings } from "./filter-settings.ts";
import { Recent } from "./recent.ts";
import { SlidingLog } from "./sliding-log.ts";

/** As many as `hooks.yaml` takes. */
const maxRate = 1_000_000;

/**
 * Reads `10/1m`: how many events in how long.
 * @throws ConfigError naming what was given and what is accepted
 */
export const parseRate = (text: string): Pick<RateLimitSettings, "maxEvents" | "windowMs"> => {
  const [, count, window] = /^(\d+)\/(.+)$/s.exec(text) ?? [];
  const maxEvents = Number(count);
  if (count === undefined || window === undefined || maxEvents < 1 || maxEvents > maxRate)
    throw new ConfigError(
      `${printable(text)} is no rate, expected 1 to ${maxRate} events, a slash and a duration, such as 10/1m`,
    );
  const windowMs = parseDuration(window);
  if (windowMs <= 0) throw new ConfigError(`${printable(text)} is no rate, expected a duration above 0`);
  return { maxEvents, windowMs };
};

/** Buckets that are remembered at once. A stream or connection beyond them starts anew: better than memory without an end. */
const maxKeys = 10_000;

/** Times that all logs of a strict limit hold together. */
const maxLoggedTimes = 1_000_000;

const keyOf: Readonly<Record<RateKey, (event: HookEvent) => string>> = {
  hook: () => "",
  stream: ({ stream_key }) => stream_key,
  conn: ({ conn_id }) => conn_id,
  event: ({ type }) => type,
};

/** What one bucket lacks. One that lacks nothing is like a new one, and need not be remembered. */
interface Bucket {
  /** How long it takes from {@link Bucket.at} until it is full again, in milliseconds. */
  debtMs: number;
  at: number;
  /** Only where the limit is strict. */
  readonly log: SlidingLog | undefined;
}

/** Two settings that limit alike, however they are written. */
const signature = ({ maxEvents, windowMs, burst, key, isStrict }: RateLimitSettings): string =>
  [maxEvents, windowMs, burst ?? maxEvents, key, isStrict].join(" ");

/**
 * Lets so many events pass in a time, and so many at once: a token bucket per key, full at the beginning and refilled
 * continuously. Instead of its tokens a bucket keeps how long it will take to be full again; an event adds the time that one token
 * takes. Time is that of the monotonic clock.
 */
export class RateLimiter {
  readonly #signature: string;
  readonly #clock: Clock;
  readonly #keyOf: (event: HookEvent) => string;
  readonly #msPerEvent: number;
  /** A bucket that needs longer than this has no token left. */
  readonly #maxDebtMs: number;
  /** A bucket that was not used for so long is full, and its log empty. */
  readonly #memoryMs: number;
  readonly #newLog: () => SlidingLog | undefined;
  readonly #buckets: Recent<Bucket>;
  #agedAt: number;

  constructor(settings: RateLimitSettings, clock: Clock) {
    const { maxEvents, windowMs, isStrict, key } = settings;
    const burst = settings.burst ?? maxEvents;
    this.#signature = signature(settings);
    this.#clock = clock;
    this.#keyOf = keyOf[key];
    this.#msPerEvent = windowMs / maxEvents;
    // Sums of fractions are off by a hair: the last event of a burst must not fail by it.
    this.#maxDebtMs = (burst - 1 + 1e-6) * this.#msPerEvent;
    this.#memoryMs = Math.max(burst * this.#msPerEvent, isStrict ? windowMs : 0);
    this.#newLog = () => (isStrict ? new SlidingLog(maxEvents, windowMs) : undefined);
    this.#buckets = new Recent(
      isStrict ? Math.max(1, Math.min(maxKeys, Math.floor(maxLoggedTimes / maxEvents))) : maxKeys,
    );
    this.#agedAt = clock.now();
  }

  /** How many buckets are in memory, at most. */
  get size(): number {
    return this.#buckets.size;
  }

  /** True where `settings` limit as this limiter does, so that it may go on with its buckets. */
  isFor(settings: RateLimitSettings): boolean {
    return signature(settings) === this.#signature;
  }

  /** Takes a token for the event; false, and nothing is taken, where there is none. */
  take(event: HookEvent): boolean {
    const now = this.#clock.now();
    if (now - this.#agedAt >= this.#memoryMs) {
      this.#buckets.age();
      this.#agedAt = now;
    }
    const key = this.#keyOf(event);
    const bucket = this.#buckets.get(key) ?? { debtMs: 0, at: now, log: this.#newLog() };
    const debtMs = Math.max(0, bucket.debtMs - (now - bucket.at));
    if (debtMs > this.#maxDebtMs || bucket.log?.isFull(now)) return false;
    bucket.debtMs = debtMs + this.#msPerEvent;
    bucket.at = now;
    bucket.log?.add(now);
    this.#buckets.set(key, bucket);
    return true;
  }
}
