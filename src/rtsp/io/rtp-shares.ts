import { RefusedError } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Packet } from "../../media/packet.ts";
import type { Stream } from "../../stream/stream.ts";
import { RtpShare } from "./rtp-share.ts";
import { RtpTrack } from "./rtp-track.ts";
import type { KnownStream } from "./stream-probe.ts";

/** Every stream that somebody wants by RTSP, as RTP. */
export class RtpShares {
  readonly #clock: Clock;
  readonly #maxPayload: () => number;
  readonly #byStream = new WeakMap<Stream, RtpShare>();

  /** `maxPayload` bounds the payloads of RTP packets, in bytes. */
  constructor(options: { clock: Clock; maxPayload: () => number }) {
    this.#clock = options.clock;
    this.#maxPayload = options.maxPayload;
  }

  /**
   * A stream as RTP: the same for all, as long as it stays what it is.
   * @throws RefusedError STREAM_NOT_FOUND where it has nothing that RTP can carry
   */
  of({ stream, configs }: KnownStream): RtpShare {
    const tracks = tracksOf(stream, configs);
    const known = this.#byStream.get(stream);
    if (known?.suits(configs, tracks.length)) return known;
    if (tracks.length === 0)
      throw new RefusedError("STREAM_NOT_FOUND", `stream ${stream.path} has no track that RTSP can carry`);
    const made = new RtpShare({ stream, tracks, clock: this.#clock, maxPayload: this.#maxPayload() });
    this.#byStream.set(stream, made);
    return made;
  }
}

/** The main track of each kind, pictures first. */
const tracksOf = (stream: Stream, configs: readonly Packet[]): RtpTrack[] =>
  (["video", "audio"] as const).flatMap((kind) => {
    const track = stream.tracks.find((each) => each.kind === kind);
    const config = configs.find((each) => each.kind === kind && each.trackId === 0);
    return (track && RtpTrack.of(track, config)) ?? [];
  });
