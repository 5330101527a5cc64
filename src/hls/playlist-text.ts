import { encodeUtf8 } from "../base/bytes.ts";
import { addressEnd } from "./media-playlist.ts";

/** A playlist as it is answered. */
export class PlaylistText {
  readonly #text: string;
  #plain: Uint8Array<ArrayBuffer> | undefined;
  #gzip: Uint8Array<ArrayBuffer> | undefined;

  /** {@link addressEnd} stands behind each address. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The same for everybody. Made once. */
  get plain(): Uint8Array<ArrayBuffer> {
    this.#plain ??= bytesOf(this.#text.replaceAll(addressEnd, ""));
    return this.#plain;
  }

  /** The same, packed. Made once. */
  get gzip(): Uint8Array<ArrayBuffer> {
    this.#gzip ??= Bun.gzipSync(this.plain);
    return this.#gzip;
  }

  /** For one session: each address has its token. */
  signed(token: string): Uint8Array<ArrayBuffer> {
    return bytesOf(this.#text.replaceAll(addressEnd, `?${tokenParameter}=${token}`));
  }
}

/** The parameter of addresses that holds the token of a session. */
export const tokenParameter = "session";

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encodeUtf8(text) as Uint8Array<ArrayBuffer>;
