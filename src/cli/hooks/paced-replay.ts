import type { Clock } from "../../base/time.ts";
import type { DeadLetter, DeadLetterFilter, DeadLetters } from "../../hooks/store/dead-letters.ts";
import { pause } from "./pause.ts";

/** Dead letters are read so many at a time: each may be 256 KiB. */
const pageSize = 100;

/**
 * The oldest `limit` dead letters that fit, one by one; the caller removes each before it asks for the next. Those that are added meanwhile
 * are not among them: what fails again would never end otherwise.
 */
export function* oldestLetters(
  letters: DeadLetters,
  filter: DeadLetterFilter,
  limit: number = Number.POSITIVE_INFINITY,
): Generator<DeadLetter> {
  let left = Math.min(limit, letters.count(filter));
  let lastId = 0;
  while (left > 0) {
    const page = letters.list(filter, { limit: Math.min(pageSize, left) }).filter(({ id }) => id > lastId);
    if (page.length === 0) return;
    for (const letter of page) {
      yield letter;
      lastId = letter.id;
      left--;
    }
  }
}

/** How fast, and until when. */
export interface Pace {
  /** Undefined for as fast as it goes. */
  readonly rate: { readonly maxEvents: number; readonly windowMs: number } | undefined;
  /** At most so many, the oldest. */
  readonly limit: number | undefined;
  readonly clock: Clock;
  /** Ends it between two. */
  readonly signal: AbortSignal;
}

/** Puts dead letters back into the queue, evenly spaced where there is a rate. Gives how many. @throws TransportError DISK */
export const replayPaced = async (
  letters: DeadLetters,
  filter: DeadLetterFilter,
  { rate, limit, clock, signal }: Pace,
): Promise<number> => {
  if (!rate && limit === undefined) return letters.replay(filter);
  const intervalMs = rate ? rate.windowMs / rate.maxEvents : 0;
  const startedAt = clock.now();
  let count = 0;
  let begun = 0;
  for (const { id } of oldestLetters(letters, filter, limit)) {
    const waitMs = startedAt + begun++ * intervalMs - clock.now();
    // Timers of less than a millisecond are none; what is late is made up for.
    if (waitMs >= 1) await pause(waitMs, { clock, signal });
    if (signal.aborted) break;
    count += letters.replay({ id: String(id) });
  }
  return count;
};
