import { ConfigError } from "../../base/errors.ts";
import { parsePathPattern } from "./path-name.ts";

const plain = /^[A-Za-z0-9!$()*+.;<=>[\]^_{}@#&-]*$/;
const sha256 = /^sha256:[A-Za-z0-9+/]{43}=$/;
const argon2 = /^argon2:\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;

/** Whether a credential is a digest of the real one. */
export const isHashed = (text: string): boolean => /^(?:sha256|argon2):/.test(text);

/** Checks a user or a password. @throws ConfigError, never with it */
export const checkCredential = (text: string): void => {
  if (text.startsWith("sha256:") && !sha256.test(text))
    throw new ConfigError("sha256: without a digest, expected the 32 bytes of it in Base64 behind the colon");
  if (text.startsWith("argon2:") && !argon2.test(text))
    throw new ConfigError(
      "argon2: without a digest, expected $argon2id$… or $argon2i$… in its encoded form behind the colon",
    );
  if (!isHashed(text) && !plain.test(text))
    throw new ConfigError(
      "a character that is not allowed, expected letters, digits and any of ! $ ( ) * + . ; < = > [ ] ^ _ - { } @ # &",
    );
};

/** Checks the path of a permission. @throws ConfigError */
export const checkPermissionPath = (text: string): void => {
  if (text.startsWith("~")) parsePathPattern(text);
};

/** Checks the SHA-256 of a certificate. @throws ConfigError */
export const checkFingerprint = (text: string): void => {
  if (!/^[0-9a-fA-F]{64}$/.test(text))
    throw new ConfigError(
      "no fingerprint, expected the SHA-256 of a certificate: 64 hexadecimal digits, no colons",
    );
};
