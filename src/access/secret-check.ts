import type { Argon2Verifier } from "./argon2-verifier.ts";
import { isSameDigest, sha256 } from "./secret-key.ts";

/** Compares texts with what the operator wrote, in a time that tells nothing about it. */
export interface SecretCheck {
  /** Undefined where it takes long to tell. */
  atOnce(text: string): boolean | undefined;
  verify(text: string): boolean | Promise<boolean>;
}

/** The check of a user or a password: plain, `sha256:BASE64`, or `argon2:` and its encoded form. */
export const secretCheckOf = (written: string, argon2: Argon2Verifier): SecretCheck => {
  if (written.startsWith("argon2:")) {
    const digest = written.substring("argon2:".length);
    return {
      atOnce: (text) => argon2.known(text, digest),
      verify: (text) => argon2.verify(text, digest),
    };
  }
  const expected = written.startsWith("sha256:")
    ? new Uint8Array(Buffer.from(written.substring("sha256:".length), "base64"))
    : sha256(written);
  const isSame = (text: string): boolean => isSameDigest(sha256(text), expected);
  return { atOnce: isSame, verify: isSame };
};
