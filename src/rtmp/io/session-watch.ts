import { WireError } from "../../base/errors.ts";
import { Standstill } from "../../base/standstill.ts";
import { BitrateLimit } from "../../stream/bitrate-limit.ts";
import type { Outbox } from "../../stream/outbox.ts";
import type { Publication } from "../../stream/publication.ts";

/** Looks now and then whether a client still does what it should. */
export class SessionWatch {
  readonly #silence = new Standstill();
  readonly #stall = new Standstill();
  readonly #rate = new BitrateLimit();

  /**
   * A publisher that sends nothing is gone, whatever its socket says. A timeout of 0 is none.
   * @throws WireError IDLE_TIMEOUT
   */
  checkSilence(
    bytesReceived: number,
    watch: { isPublishing: boolean; timeoutMs: number; now: number },
  ): void {
    const { isPublishing, timeoutMs, now } = watch;
    const shouldMove = isPublishing && timeoutMs > 0;
    const silentMs = this.#silence.note(bytesReceived, { shouldMove, now });
    if (shouldMove && silentMs >= timeoutMs)
      throw new WireError("IDLE_TIMEOUT", `publisher sent nothing for ${Math.round(silentMs)} ms`);
  }

  /** @throws WireError BITRATE where the publications bring more than the first of them may */
  checkBitrate(publications: Iterable<Publication>, now: number): void {
    let bytes = 0;
    let maxBitrate = 0;
    for (const publication of publications) {
      bytes += publication.totals.bytesReceived;
      maxBitrate ||= publication.maxBitrate;
    }
    const bitrate = this.#rate.excess(bytes, { now, maxBitrate });
    if (bitrate !== undefined) {
      const kilobits = Math.round(bitrate / 1_000);
      throw new WireError("BITRATE", `${kilobits} kbit/s, expected at most ${maxBitrate / 1_000}`);
    }
  }

  /** For how long the peer has taken nothing while bytes wait for it, in milliseconds, where that is longer than it may be. */
  stuckMs(outbox: Outbox, { timeoutMs, now }: { timeoutMs: number; now: number }): number | undefined {
    const stuckMs = this.#stall.note(outbox.bytesSent, { shouldMove: !outbox.isClear, now });
    return stuckMs < timeoutMs ? undefined : stuckMs;
  }
}
