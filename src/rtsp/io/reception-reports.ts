import { WireError } from "../../base/errors.ts";
import { decodeRtcp } from "../rtcp.ts";

/** What readers say of what they receive. */
export class ReceptionReports {
  /** Packets that each track lost, by its source. */
  readonly #lost = new Map<number, number>();
  #bytes = 0;
  #packets = 0;
  #inError = 0;

  /** Bytes that came. */
  get bytes(): number {
    return this.#bytes;
  }

  /** RTCP packets that came. */
  get packets(): number {
    return this.#packets;
  }

  /** RTCP packets that could not be read. */
  get inError(): number {
    return this.#inError;
  }

  /** RTP packets that did not arrive, as the reader says. */
  get lost(): number {
    let sum = 0;
    for (const lost of this.#lost.values()) sum += lost;
    return sum;
  }

  /** Takes an RTCP packet; `isOurs` tells of which sources reports are about what it is sent. */
  take(bytes: Uint8Array, isOurs: (ssrc: number) => boolean): void {
    this.#bytes += bytes.length;
    try {
      for (const packet of decodeRtcp(bytes)) {
        if (packet.kind !== "receiverReport" && packet.kind !== "senderReport") continue;
        for (const { ssrc, lost } of packet.blocks) if (isOurs(ssrc)) this.#lost.set(ssrc, Math.max(0, lost));
      }
      this.#packets++;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#inError++;
    }
  }
}
