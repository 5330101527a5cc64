import { isSameDigest, sha256 } from "./secret-key.ts";

/** Compared with where there is no token, so that an unknown key takes as long as a wrong token. */
const nobody = sha256(crypto.randomUUID());

/** Tokens by stream key, kept as digests. */
export class TokenMap {
  readonly #digests: ReadonlyMap<string, Uint8Array>;

  constructor(tokens: Iterable<readonly [streamKey: string, token: string]>) {
    this.#digests = new Map([...tokens].map(([key, token]) => [key, sha256(token)]));
  }

  /** Whether `token` is that of `streamKey`, compared in a time that tells nothing. */
  has(streamKey: string, token: string): boolean {
    const expected = this.#digests.get(streamKey);
    return isSameDigest(sha256(token), expected ?? nobody) && expected !== undefined;
  }
}
