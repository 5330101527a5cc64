import { clientNetwork } from "../base/ip-address.ts";
import { LruMap } from "../base/lru-map.ts";
import type { Clock } from "../base/time.ts";
import type { Access, Admission, AdmissionRequest } from "../stream/admission.ts";
import { isForAnybody, type Refusal, refuse, showsNothing } from "./answer.ts";
import { type Judge, partsOf } from "./question.ts";
import { QuestionLines } from "./question-lines.ts";
import { SecretKey } from "./secret-key.ts";

/** Anybody mistypes: so many wrong answers in a row are given at once. */
const freeFailures = 3;

/** How long the next one is held back, in milliseconds; each one after it twice as long, up to the longest. */
const firstDelayMs = 250;
const longestDelayMs = 4_000;

/**
 * Whoever guesses one by one waits out each delay. Delays of guesses that are made side by side add up to what that would have taken,
 * in milliseconds; beyond this nobody looks any more.
 */
const longestDebtMs = 60_000;

/** Who was wrong no more for this long, in milliseconds, starts anew. */
const forgetMs = 300_000;

/** Clients that are remembered. */
const maxClients = 10_000;

/** What was right or wrong that is remembered. */
const maxRight = 10_000;
const maxWrong = 10_000;

/** What is remembered of a client that was wrong. */
interface Attempts {
  failures: number;
  lastFailure: number;
  /** When all of its delays would be over, had it waited for one after the other. */
  paidAt: number;
}

/** Who asks for what, as far as it matters here. */
type Attempt = Pick<AdmissionRequest, "ip" | "action">;

const locked = refuse("denied", "too many wrong attempts from this address");

/**
 * Makes guessing slow: a client that was wrong several times gets its refusals later and later, and one that guesses faster than that is
 * refused without looking. Who is right is never held back, but that does not make up for what was wrong: it may be somebody else
 * behind the same address. The same wrong guess again is none, so that an encoder with an old password locks nobody out. Clients count
 * by their address, those of IPv6 by their /64.
 */
export class AttemptGuard implements Access {
  readonly #judge: Judge;
  readonly #clock: Clock;
  readonly #lines: QuestionLines;
  readonly #names = new SecretKey();
  readonly #attempts = new LruMap<Attempts>(maxClients);
  /** Questions whose answer is known: to ask them again is no guess. Places of their own, as anybody can be wrong as often as they like. */
  readonly #right = new LruMap<true>(maxRight);
  readonly #wrong = new LruMap<true>(maxWrong);

  /** `shared` hears of each question that is answered by one that is being asked. */
  constructor(judge: Judge, { clock, shared = () => undefined }: { clock: Clock; shared?: () => void }) {
    this.#judge = judge;
    this.#clock = clock;
    this.#lines = new QuestionLines({ clock, shared });
  }

  /** See {@link Access}. */
  decide(request: AdmissionRequest): Admission | Promise<Admission> {
    const name = this.#names.of(partsOf(request));
    if (this.#isBarred(request, name)) return this.#unlooked(request);
    const answer = this.#judge.atOnce(request);
    if (answer) return this.#weighed(request, name, answer);
    const ask = async (): Promise<Admission> =>
      // Others of the same client may have been wrong while it waited.
      this.#isBarred(request, name)
        ? locked
        : this.#weighed(request, name, await this.#judge.decide(request));
    return this.#lines.answer({ name, client: clientNetwork(request.ip), ask });
  }

  /** Others decide from now on: nobody who comes later gets an answer that was asked for before. What is remembered of clients stays. */
  startAnew(): void {
    this.#lines.startAnew();
  }

  /** Whether what a client shows is not to be looked at. */
  isLocked(attempt: Attempt): boolean {
    const attempts = this.#known(attempt);
    return attempts !== undefined && attempts.paidAt - this.#clock.now() >= longestDebtMs;
  }

  /** Counts a wrong attempt that was noticed elsewhere, such as in a challenge of RTMP, and gives the answer to it. */
  refuseWrong(attempt: Attempt, message: string): Refusal {
    if (this.isLocked(attempt)) return locked;
    return { ...refuse("denied", message), delayMs: this.#count(attempt) };
  }

  #isBarred(request: AdmissionRequest, name: string): boolean {
    return this.isLocked(request) && this.#right.get(name) === undefined;
  }

  /** The answer to a client that is locked: whoever shows nothing does not guess, and gets what that gets. */
  #unlooked(request: AdmissionRequest): Admission {
    const isGuess =
      !showsNothing(request.credentials) || (request.path !== undefined && request.query !== "");
    const answer = isGuess ? undefined : this.#judge.atOnce(request);
    const isFair = answer && (answer.isAllowed || answer.reason === "missing");
    return isFair ? answer : locked;
  }

  #weighed(request: AdmissionRequest, name: string, answer: Admission): Admission {
    if (answer.isAllowed) {
      if (!isForAnybody(answer)) this.#right.set(name, true);
      return answer;
    }
    if (answer.reason !== "denied") return answer;
    this.#right.delete(name);
    const delayMs = this.#wrong.get(name) ? this.#repeat(request) : this.#count(request);
    this.#wrong.set(name, true);
    return { ...answer, delayMs } satisfies Refusal;
  }

  /** How long the answer to a guess that was wrong before is held back. It counts until delays are at their longest. */
  #repeat(attempt: Attempt): number {
    const delayMs = delayAfter(this.#known(attempt)?.failures ?? 0);
    return delayMs === longestDelayMs ? delayMs : this.#count(attempt);
  }

  /** Counts a wrong guess, and says how long the answer to it is held back. */
  #count(attempt: Attempt): number {
    const now = this.#clock.now();
    const attempts = this.#known(attempt) ?? { failures: 0, lastFailure: now, paidAt: now };
    attempts.failures++;
    attempts.lastFailure = now;
    const delayMs = delayAfter(attempts.failures);
    attempts.paidAt = Math.max(now, attempts.paidAt) + delayMs;
    this.#attempts.set(keyOf(attempt), attempts);
    return delayMs;
  }

  /** What is remembered and still counts. */
  #known(attempt: Attempt): Attempts | undefined {
    const known = this.#attempts.get(keyOf(attempt));
    if (known && this.#clock.now() - known.lastFailure >= forgetMs) known.failures = 0;
    return known;
  }
}

const delayAfter = (failures: number): number =>
  failures <= freeFailures ? 0 : Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - freeFailures - 1));

/** Actions count apart: whoever is wrong about reading may publish. */
const keyOf = ({ ip, action }: Attempt): string => `${action} ${clientNetwork(ip)}`;
