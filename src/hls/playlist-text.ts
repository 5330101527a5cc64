import { addressEnd } from "./media-playlist.ts";

/** A playlist as it is answered. Answers share the bytes of a blob. */
export class PlaylistText {
  readonly #text: string;
  #plain: Blob | undefined;
  #gzip: Blob | undefined;

  /** {@link addressEnd} stands behind each address. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The same for everybody. Made once. */
  get plain(): Blob {
    this.#plain ??= new Blob([this.#unsigned]);
    return this.#plain;
  }

  /** The same, packed. Made once. */
  get gzip(): Blob {
    this.#gzip ??= new Blob([Bun.gzipSync(this.#unsigned)]);
    return this.#gzip;
  }

  /** For one session: each address has its token. */
  signed(token: string): Blob {
    return new Blob([this.#text.replaceAll(addressEnd, `?${tokenParameter}=${token}`)]);
  }

  get #unsigned(): string {
    return this.#text.replaceAll(addressEnd, "");
  }
}

/** The parameter of addresses that holds the token of a session. */
export const tokenParameter = "session";
