import { parseIpAddress } from "../base/ip-address.ts";
import type { Clock } from "../base/time.ts";
import type { Access, Admission, AdmissionRequest } from "../stream/admission.ts";
import { isForAnybody, refuse } from "./answer.ts";
import { LruMap } from "./lru-map.ts";

/** Anybody mistypes: so many wrong answers in a row are given at once. */
const freeFailures = 3;

/** How long the next one is held back, in milliseconds; each one after it twice as long, up to the longest. */
const firstDelayMs = 250;
const longestDelayMs = 4_000;

/** Who was wrong no more for this long, in milliseconds, starts anew. */
const forgetMs = 300_000;

/** Answers to one address that may be held back, or not be there yet, at once. */
const maxHeld = 32;

/** Addresses that are remembered. */
const maxAddresses = 10_000;

/** What is remembered of an address. */
interface Attempts {
  failures: number;
  lastFailure: number;
  /** Answers that are not there yet. */
  pending: number;
  /** Until when answers are held back. */
  held: number[];
}

/**
 * Makes guessing slow: an address that was wrong several times gets its refusals later and later, and one with too many of them under
 * way is refused without looking. Who is right is never held back. Addresses of IPv6 count by their /64, as one client has all of it.
 */
export class AttemptGuard implements Access {
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #attempts = new LruMap<Attempts>(maxAddresses);

  constructor(access: Access, { clock }: { clock: Clock }) {
    this.#access = access;
    this.#clock = clock;
  }

  /** See {@link Access}. */
  decide(request: AdmissionRequest): Admission | Promise<Admission> {
    const key = keyOf(request);
    const known = this.#known(key);
    if (known && known.failures > freeFailures && known.held.length + known.pending >= maxHeld)
      return refuse("denied", "too many wrong attempts from this address");
    const answer = this.#access.decide(request);
    if (!(answer instanceof Promise)) return this.#judge(key, answer);
    if (known) known.pending++;
    return answer.then(
      (admission) => {
        if (known) known.pending--;
        return this.#judge(key, admission);
      },
      (error: unknown) => {
        if (known) known.pending--;
        throw error;
      },
    );
  }

  /** Counts a wrong attempt that was noticed elsewhere, such as in a challenge of RTMP, and gives the answer to it. */
  refuseWrong(request: Pick<AdmissionRequest, "ip" | "action">, message: string): Admission {
    return this.#judge(keyOf(request), refuse("denied", message));
  }

  #judge(key: string, answer: Admission): Admission {
    if (answer.isAllowed) {
      const known = isForAnybody(answer) ? undefined : this.#known(key);
      if (known) known.failures = 0;
      return answer;
    }
    if (answer.reason !== "denied") return answer;
    const attempts = this.#known(key) ?? { failures: 0, lastFailure: 0, pending: 0, held: [] };
    attempts.failures++;
    attempts.lastFailure = this.#clock.now();
    this.#attempts.set(key, attempts);
    const delayMs = delayAfter(attempts.failures);
    if (delayMs > 0) attempts.held.push(this.#clock.now() + delayMs);
    return { ...answer, delayMs };
  }

  /** What is remembered and still counts. */
  #known(key: string): Attempts | undefined {
    const known = this.#attempts.get(key);
    if (!known) return undefined;
    const now = this.#clock.now();
    if (now - known.lastFailure >= forgetMs) known.failures = 0;
    if (known.held.some((until) => until <= now)) known.held = known.held.filter((until) => until > now);
    return known;
  }
}

const delayAfter = (failures: number): number =>
  failures <= freeFailures ? 0 : Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - freeFailures - 1));

/** Actions count apart: whoever may read anything must not win new guesses at publishing by that. */
const keyOf = ({ ip, action }: Pick<AdmissionRequest, "ip" | "action">): string => {
  const address = parseIpAddress(ip);
  if (!address) return `${action} ${ip}`;
  const bytes = address.toByteArray();
  return `${action} ${Buffer.from(address.kind() === "ipv6" ? bytes.slice(0, 8) : bytes).toString("hex")}`;
};
