import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Names secrets in memory without holding them: each instance by another random key. */
export class SecretKey {
  readonly #key = randomBytes(32);

  /** A short text that stands for `parts`, and for no others. */
  of(parts: readonly string[]): string {
    return createHmac("sha256", this.#key).update(JSON.stringify(parts)).digest("base64");
  }
}

/** The SHA-256 of a text in UTF-8. */
export const sha256 = (text: string): Uint8Array => createHash("sha256").update(text).digest();

/** Whether two digests are equal, in a time that does not tell where they differ. */
export const isSameDigest = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
