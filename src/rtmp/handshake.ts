import { randomFillSync } from "node:crypto";
import { copyBytes, emptyPayload } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { findClientDigest, signServerBlock, signServerReply } from "./handshake-digest.ts";

/*
 * RTMP 1.0 section 5.2. Each side sends one version byte and a block of 1536 bytes, and echoes the other's block:
 *
 *   client   C0 C1 ------------->            C2 ------>  commands
 *   server          S0 S1 S2 <-- (one write)
 *
 * C2 is read and not judged: GStreamer overwrites part of it, and clients with digests send a signature instead.
 */

/** Length of C1, C2, S1 and S2, in bytes. */
export const handshakeBlockBytes = 1536;

const rtmpVersion = 3;

/** How a handshake was answered: `simple`, or `complex` with digests. */
export type HandshakeScheme = "simple" | "complex";

/** Gathers a fixed number of bytes over several reads. */
class Gatherer {
  readonly #bytes: Uint8Array;
  #filled = 0;

  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
  }

  /** Takes what it can use of `bytes` and gives the rest. */
  add(bytes: Uint8Array): Uint8Array {
    const used = bytes.subarray(0, this.#bytes.length - this.#filled);
    this.#bytes.set(used, this.#filled);
    this.#filled += used.length;
    return bytes.subarray(used.length);
  }

  get filled(): number {
    return this.#filled;
  }

  /** All bytes, once they are there. */
  get whole(): Uint8Array | undefined {
    return this.#filled === this.#bytes.length ? this.#bytes : undefined;
  }
}

const randomBlock = (): Uint8Array => {
  const block = new Uint8Array(handshakeBlockBytes);
  randomFillSync(block, 8);
  return block;
};

/**
 * Checks the version byte of C0. Obsolete versions are let in and answered with 3, as the standard says.
 * @throws WireError NOT_RTMP for everything that cannot be plain RTMP, with a hint of what it looks like
 */
const checkVersion = (version: number): void => {
  if (version < 0x20 && version !== 6 && version !== 8 && version !== 9 && version !== 0x16) return;
  const seen = version.toString(16).padStart(2, "0");
  const hint =
    version === 0x16
      ? "this looks like TLS: use the RTMPS port"
      : version < 0x20
        ? "this looks like RTMPE, which is not supported"
        : "this looks like HTTP or another text protocol";
  throw new WireError("NOT_RTMP", `first byte 0x${seen}, expected 0x03: ${hint}`);
};

/** The server's side. Feed it bytes until {@link scheme} is set and it gives bytes back: those belong to the chunk layer. */
export class ServerHandshake {
  #hello: Gatherer | undefined = new Gatherer(1 + handshakeBlockBytes);
  readonly #echo = new Gatherer(handshakeBlockBytes);
  #scheme: HandshakeScheme | undefined;
  #output: Uint8Array = emptyPayload;

  /** True once C2 is in. */
  get isComplete(): boolean {
    return this.#echo.whole !== undefined;
  }

  /** How C1 was answered; undefined before. */
  get scheme(): HandshakeScheme | undefined {
    return this.#scheme;
  }

  /**
   * Takes bytes (borrowed) and gives those that follow the handshake, borrowed from the input.
   * @throws WireError NOT_RTMP
   */
  receive(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    if (this.#hello) {
      if (this.#hello.filled === 0 && rest[0] !== undefined) checkVersion(rest[0]);
      rest = this.#hello.add(rest);
      const hello = this.#hello.whole;
      if (!hello) return rest;
      this.#answer(hello.subarray(1));
      this.#hello = undefined;
    }
    return this.#echo.add(rest);
  }

  /** Bytes owed to the client: S0, S1 and S2 in one piece, because some encoders fail on fragments. */
  takeOutput(): Uint8Array {
    const output = this.#output;
    this.#output = emptyPayload;
    return output;
  }

  #answer(c1: Uint8Array): void {
    const s1 = randomBlock();
    let s2 = c1;
    const hasVersion = c1[4] !== 0 || c1[5] !== 0 || c1[6] !== 0 || c1[7] !== 0;
    const client = hasVersion ? findClientDigest(c1) : undefined;
    if (client) {
      this.#scheme = "complex";
      // Any version from 3 up tells the client that digests follow; without digests it has to stay zero.
      s1.set([4, 5, 0, 1], 4);
      signServerBlock(s1, client.scheme);
      s2 = randomBlock();
      signServerReply(s2, client.digest);
    } else {
      this.#scheme = "simple";
    }
    const output = new Uint8Array(1 + 2 * handshakeBlockBytes);
    output[0] = rtmpVersion;
    output.set(s1, 1);
    output.set(s2, 1 + handshakeBlockBytes);
    this.#output = output;
  }
}

/** The client's side, always simple. C0 and C1 are in the output from the start. */
export class ClientHandshake {
  readonly #hello = new Gatherer(1 + handshakeBlockBytes);
  readonly #echo = new Gatherer(handshakeBlockBytes);
  #output: Uint8Array;
  #hasAnswered = false;

  constructor() {
    const output = new Uint8Array(1 + handshakeBlockBytes);
    output[0] = rtmpVersion;
    output.set(randomBlock(), 1);
    this.#output = output;
  }

  /** True once S2 is in. */
  get isComplete(): boolean {
    return this.#echo.whole !== undefined;
  }

  /**
   * Takes bytes (borrowed) and gives those that follow the handshake, borrowed from the input.
   * @throws WireError NOT_RTMP
   */
  receive(bytes: Uint8Array): Uint8Array {
    if (this.#hello.filled === 0 && bytes[0] !== undefined) checkVersion(bytes[0]);
    const rest = this.#hello.add(bytes);
    const hello = this.#hello.whole;
    if (!hello) return rest;
    if (!this.#hasAnswered) {
      this.#hasAnswered = true;
      this.#output = copyBytes(hello.subarray(1));
    }
    return this.#echo.add(rest);
  }

  /** Bytes owed to the server: C0 and C1 first, then C2. */
  takeOutput(): Uint8Array {
    const output = this.#output;
    this.#output = emptyPayload;
    return output;
  }
}
