import { copyBytes, joinBytes } from "../../../src/base/bytes.ts";
import type { RefusedError } from "../../../src/base/errors.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { Session } from "../../../src/rtmp/io/session.ts";
import type { SessionContext } from "../../../src/rtmp/io/session-context.ts";
import { openAccess } from "../../../src/stream/admission.ts";
import { House } from "../../stream/house.ts";
import { peerOf } from "../../stream/peer.ts";
import { line, ReplyReader } from "../dialogue.ts";
import { sampleSessionOptions } from "./session-options.ts";

/** What a server sends before its first reply: S0, S1 and S2. */
const handshakeBytes = 1 + 2 * 1_536;

/** A session of 192.0.2.7 over a socket that takes everything, and writes down what else is asked of it. */
export class SessionRoom {
  readonly house = new House();
  readonly calls: string[] = [];
  readonly session: Session;
  readonly #reader = new ReplyReader();
  #written: Uint8Array[] = [];
  #isShaken = false;

  constructor({
    refusal,
    access = openAccess,
    whenSafe,
  }: Partial<Pick<SessionContext, "access" | "whenSafe">> & { refusal?: RefusedError | undefined } = {}) {
    const { registry, hub, clock } = this.house;
    const note = (name: string) => () => void this.calls.push(name);
    this.session = new Session({
      peer: peerOf("c1", "192.0.2.7:4000"),
      refusal,
      socket: {
        write: (bytes) => {
          this.#written.push(copyBytes(bytes));
          return bytes.length;
        },
        setNoDelay: () => true,
        pause: note("pause"),
        resume: note("resume"),
        end: note("end"),
        terminate: note("terminate"),
      },
      context: {
        options: sampleSessionOptions,
        access,
        registry,
        events: hub,
        clock,
        log: silentLogger,
        ...(whenSafe ? { whenSafe } : {}),
      },
    });
  }

  /** Sends bytes in one segment. */
  send(...parts: readonly Uint8Array[]): void {
    this.session.data(copyBytes(joinBytes([...parts, new Uint8Array()])));
  }

  /** Replies since the last call, one line each. */
  replies(): string[] {
    let bytes = joinBytes([...this.#written.splice(0), new Uint8Array(), new Uint8Array()]);
    if (!this.#isShaken && bytes.length > 0) {
      bytes = bytes.subarray(handshakeBytes);
      this.#isShaken = true;
    }
    return this.#reader.read(bytes).map(line);
  }
}
