import { Gate } from "../base/gate.ts";
import { LruMap } from "../base/lru-map.ts";
import { SecretKey } from "./secret-key.ts";

/** Verifications at once: each takes a core for a tenth of a second, and tens of megabytes. */
const maxAtOnce = 2;

/** Verifications that wait; with more, the last would not be answered in time. */
const maxWaiting = 64;

/** Right ones are worth more than wrong ones, which a guesser makes at will: so they have a place of their own. */
const maxRight = 4_096;
const maxWrong = 1_024;

/** Does the slow work. @throws Error for a digest that cannot be used */
export type Argon2 = (text: string, digest: string) => Promise<boolean>;

/**
 * Verifies texts against argon2 digests. It is slow by design, so each pair is verified once: a thousand readers with one password
 * cost one verification. What is remembered is named by a keyed hash, so that no password stays in memory.
 */
export class Argon2Verifier {
  readonly #argon2: Argon2;
  readonly #gate = new Gate({ maxInside: maxAtOnce, maxWaiting });
  readonly #names = new SecretKey();
  readonly #right = new LruMap<true>(maxRight);
  readonly #wrong = new LruMap<true>(maxWrong);
  readonly #pending = new Map<string, Promise<boolean>>();

  constructor(argon2: Argon2 = (text, digest) => Bun.password.verify(text, digest)) {
    this.#argon2 = argon2;
  }

  /** Whether `text` is what `digest` was made of; undefined where that is not known yet. */
  known(text: string, digest: string): boolean | undefined {
    return this.#known(this.#names.of([digest, text]));
  }

  /**
   * Whether `text` is what `digest` was made of; at once where that is known. Rejects with TransportError OVERFLOW where too many
   * verifications wait, and with an Error for a digest that cannot be used.
   */
  verify(text: string, digest: string): boolean | Promise<boolean> {
    const name = this.#names.of([digest, text]);
    const known = this.#known(name);
    if (known !== undefined) return known;
    const pending = this.#pending.get(name);
    if (pending) return pending;
    const verifying = this.#verify(name, { text, digest }).finally(() => this.#pending.delete(name));
    this.#pending.set(name, verifying);
    return verifying;
  }

  #known(name: string): boolean | undefined {
    if (this.#right.get(name)) return true;
    return this.#wrong.get(name) ? false : undefined;
  }

  async #verify(name: string, { text, digest }: { text: string; digest: string }): Promise<boolean> {
    // An empty password is none, and argon2 takes none.
    const isRight = text !== "" && (await this.#gate.run(() => this.#argon2(text, digest)));
    (isRight ? this.#right : this.#wrong).set(name, true);
    return isRight;
  }
}
