import { WireError } from "./errors.ts";

declare const shared: unique symbol;

/**
 * Bytes that nobody writes any more: keep them as long as you like, hand them to anybody, never change them.
 * Only readers of sockets and files mint a payload (see {@link share}); a borrowed view does not type-check
 * where a payload is due.
 */
export type Payload = Uint8Array & { readonly [shared]: true };

/** Declares `bytes` immutable from here on. The caller gives up the right to write them. */
export const share = (bytes: Uint8Array): Payload => bytes as Payload;

/** A payload of no bytes. */
export const emptyPayload: Payload = share(new Uint8Array(0));

/**
 * An exact-size copy with a buffer of its own. Use it for what is small and lives long, so that it does not
 * keep the whole read it came in alive.
 */
export const copyBytes = (bytes: Uint8Array): Payload => {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return share(copy);
};

/** Joins `parts` into one exact-size buffer. */
export const joinBytes = (parts: readonly Uint8Array[]): Uint8Array => {
  const only = parts[0];
  if (only && parts.length === 1) return only;
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** True when both hold the same bytes. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Lower-case hex of `bytes`, for tests, logs and ids. */
export const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");

/** Bytes of a hex text; white space is allowed. */
export const fromHex = (hex: string): Uint8Array =>
  new Uint8Array(Buffer.from(hex.replace(/\s+/g, ""), "hex"));

const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** UTF-8 text of `bytes`; what is not valid UTF-8 becomes U+FFFD, because peers do send Latin-1. */
export const decodeUtf8 = (bytes: Uint8Array): string => utf8.decode(bytes);

/** UTF-8 bytes of `text`. */
export const encodeUtf8 = (text: string): Uint8Array => utf8Encoder.encode(text);

/**
 * A cursor over borrowed bytes. All multi-byte reads are big-endian unless the name says otherwise.
 * Every read checks the bounds first and leaves the cursor where it was when it throws.
 * @throws WireError TRUNCATED when fewer bytes are left than asked for
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** Moves past `count` bytes and gives the offset they began at. */
  #take(count: number): number {
    if (count > this.remaining) {
      throw new WireError("TRUNCATED", `${count} bytes expected, ${this.remaining} left`);
    }
    const at = this.#position;
    this.#position += count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u24(): number {
    const at = this.#take(3);
    return (this.#view.getUint16(at) << 8) | this.#view.getUint8(at + 2);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u16le(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32le(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  /** Signed 24 bits, as composition times are. */
  i24(): number {
    return (this.u24() << 8) >> 8;
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** The next byte without moving; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#position];
  }

  /** A view of the next `length` bytes: borrowed, like the whole input. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A view of everything that is left: borrowed. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  utf8(length: number): string {
    return decodeUtf8(this.bytes(length));
  }

  skip(length: number): void {
    this.#take(length);
  }
}

/**
 * Fills one buffer from its start. Give the exact size when it is known; otherwise the buffer doubles.
 * Multi-byte writes are big-endian unless the name says otherwise.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  #make(count: number): number {
    const at = this.#length;
    const end = at + count;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = end;
    return at;
  }

  u8(value: number): this {
    const at = this.#make(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#make(2);
    this.#view.setUint16(at, value);
    return this;
  }

  u24(value: number): this {
    const at = this.#make(3);
    this.#view.setUint8(at, value >>> 16);
    this.#view.setUint16(at + 1, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#make(4);
    this.#view.setUint32(at, value);
    return this;
  }

  u16le(value: number): this {
    const at = this.#make(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32le(value: number): this {
    const at = this.#make(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  i32(value: number): this {
    const at = this.#make(4);
    this.#view.setInt32(at, value);
    return this;
  }

  i64(value: bigint): this {
    const at = this.#make(8);
    this.#view.setBigInt64(at, value);
    return this;
  }

  f64(value: number): this {
    const at = this.#make(8);
    this.#view.setFloat64(at, value);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#make(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** UTF-8 bytes of `text`, with no length in front. */
  utf8(text: string): this {
    return this.bytes(encodeUtf8(text));
  }

  zeros(count: number): this {
    const at = this.#make(count);
    this.#bytes.fill(0, at, at + count);
    return this;
  }

  /** Writes over four bytes that are there. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  /** Hands over what was written, in an exact-size view; the writer starts again with a new buffer. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(64);
    this.#view = new DataView(this.#bytes.buffer);
    this.#length = 0;
    return taken;
  }
}
