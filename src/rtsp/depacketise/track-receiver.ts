import type { Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import type { Codec } from "../../media/codec.ts";
import { DecodeTimes } from "../decode-times.ts";
import type { TrackClock } from "../media-clock.ts";
import type { RtpPacket } from "../rtp.ts";
import type { AccessUnit, Depacketiser } from "./depacketiser.ts";

/** An FLV tag of a track: what a publisher over RTMP would bring. */
export type MediaTag = {
  readonly kind: "audio" | "video";
  /** Decoding time in whole milliseconds of the session. */
  readonly timestamp: number;
  readonly body: Payload;
};

/** The range of the 24 bits that a composition time has. */
const maxCompositionMs = 0x7fffff;

/**
 * From the RTP packets of one track, in order, to its FLV tags: waits for the first key frame and for the configuration, drops pictures
 * after a loss until the next key frame, and gives decoding times.
 */
export class TrackReceiver {
  readonly kind: "audio" | "video";
  readonly codec: Codec;
  /** Access units that were dropped because they came behind a loss, or in front of the first key frame. */
  dropped = 0;
  /** To be told of sender reports and RTP-Info. */
  readonly clock: TrackClock;
  readonly #depacketiser: Depacketiser;
  readonly #payloadType: number | undefined;
  readonly #decodeTimes: DecodeTimes;
  #needsKey = true;
  #isConfigured = false;

  /** With a payload type, packets of another (comfort noise, error correction) are passed over. */
  constructor(track: {
    readonly depacketiser: Depacketiser;
    readonly clock: TrackClock;
    readonly payloadType?: number;
  }) {
    const { depacketiser } = track;
    this.kind = depacketiser.kind;
    this.codec = depacketiser.codec;
    this.clock = track.clock;
    this.#depacketiser = depacketiser;
    this.#payloadType = track.payloadType;
    this.#decodeTimes = new DecodeTimes(depacketiser.reorderDepth ?? 0);
    this.#needsKey = depacketiser.kind === "video";
  }

  /**
   * The tags that a packet completes. `nowMs` is when it arrived.
   * @throws WireError RTP_PACKET for a payload that cannot be read; the next packet may be given all the same
   */
  receive(packet: RtpPacket, nowMs: number): MediaTag[] {
    const tags: MediaTag[] = [];
    if (this.#payloadType !== undefined && packet.payloadType !== this.#payloadType) return tags;
    let units: readonly AccessUnit[];
    try {
      units = this.#depacketiser.receive(packet);
    } catch (error) {
      if (error instanceof WireError) this.#needsKey = this.kind === "video";
      throw error;
    }
    for (const unit of units) this.#take(unit, nowMs, tags);
    return tags;
  }

  #take(unit: AccessUnit, nowMs: number, tags: MediaTag[]): void {
    if (unit.isAfterLoss && this.kind === "video") this.#needsKey = true;
    const { config, needsConfig, reorderDepth } = this.#depacketiser;
    if ((this.#needsKey && !unit.isKey) || (needsConfig && config === undefined)) {
      this.dropped += 1;
      return;
    }
    this.#needsKey = false;
    if (reorderDepth !== undefined) this.#decodeTimes.setDepth(reorderDepth);
    const presentationMs = this.clock.at(unit.timestamp, nowMs);
    const decodingMs = this.kind === "audio" ? presentationMs : this.#decodeTimes.next(presentationMs);
    const timestamp = Math.round(decodingMs);
    const composition = Math.round(presentationMs) - timestamp;
    const changed = this.#isConfigured ? unit.config : (unit.config ?? config);
    if (changed) tags.push({ kind: this.kind, timestamp, body: changed });
    this.#isConfigured = true;
    const compositionMs = Math.max(-maxCompositionMs - 1, Math.min(maxCompositionMs, composition));
    tags.push({ kind: this.kind, timestamp, body: this.#depacketiser.body(unit, compositionMs) });
  }
}
