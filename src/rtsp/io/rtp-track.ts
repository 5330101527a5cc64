import { equalBytes } from "../../base/bytes.ts";
import type { Packet } from "../../media/packet.ts";
import type { Track } from "../../media/track.ts";
import { encodeInterleaved } from "../message.ts";
import { makeOutgoingTrack, type OutgoingTrack } from "../packetise/make-packetiser.ts";
import { type RtpRun, rtpPackets } from "../packetise/rtp-run.ts";
import { encodeRtcp } from "../rtcp.ts";
import type { MediaFormat } from "../sdp.ts";
import { encodeSenderReport } from "../sender-report.ts";
import { payloadTypeOf } from "../track-format.ts";

/** How receivers know that several tracks have one sender. RFC 3550 6.5.1. */
const canonicalName = "rtmp-server";

const random = (limit: number): number => Math.floor(Math.random() * limit);

/** One track of a stream on its way out as RTP: its numbers, and what was sent of it. */
export class RtpTrack {
  readonly kind: "video" | "audio";
  readonly format: MediaFormat;
  readonly #codec: Track["codec"];
  readonly #outgoing: OutgoingTrack;
  /** What the format was made of; undefined for codecs without. */
  readonly #config: Uint8Array | undefined;
  #ssrc = 0;
  #sequence = 0;
  #timestampOffset = 0;
  #packets = 0;
  #octets = 0;

  private constructor(track: Track, outgoing: OutgoingTrack, config: Uint8Array | undefined) {
    this.kind = track.kind;
    this.format = outgoing.format;
    this.#codec = track.codec;
    this.#outgoing = outgoing;
    this.#config = config;
    this.restart();
  }

  /** The track that `config`, a packet of the stream, describes; undefined where RTP cannot carry it. */
  static of(track: Track, config: Packet | undefined): RtpTrack | undefined {
    const { codec, kind } = track;
    const bytes = config?.payload.subarray(config.dataOffset);
    const channels = track.kind === "audio" ? track.channels : undefined;
    const payloadType = payloadTypeOf(codec, {
      index: kind === "video" ? 0 : 1,
      ...(channels ? { channels } : {}),
    });
    const outgoing = makeOutgoingTrack({ codec, config: bytes, payloadType, channels });
    return outgoing && new RtpTrack(track, outgoing, bytes);
  }

  /** What its packets say of where they come from. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** Sequence number of the next packet. */
  get sequence(): number {
    return this.#sequence;
  }

  /** A time of the stream, in milliseconds, as RTP time. */
  timeOf(streamMs: number): number {
    const time = Math.round((streamMs * this.format.clockRate) / 1_000) + this.#timestampOffset;
    return ((time % 2 ** 32) + 2 ** 32) % 2 ** 32;
  }

  /** Begins again with numbers that nobody can foresee. RFC 3550 5.1. */
  restart(): void {
    this.#ssrc = random(2 ** 32);
    this.#sequence = random(2 ** 16);
    this.#timestampOffset = random(2 ** 32);
    this.#packets = 0;
    this.#octets = 0;
  }

  /** Whether a packet of the stream belongs to this track. */
  holds({ kind, trackId }: Packet): boolean {
    return kind === this.kind && trackId === 0;
  }

  /** Whether with this configuration the track is no longer what its format says. Pictures bring their parameters along. */
  isBrokenBy(config: Packet): boolean {
    if (config.role !== "config" || !this.holds(config)) return false;
    if (config.codec !== this.#codec) return true;
    if (this.kind === "video" || !this.#config) return false;
    return !equalBytes(config.payload.subarray(config.dataOffset), this.#config);
  }

  /** The next packet of the stream as RTP packets, interleaved on `channel`. */
  encode(packet: Packet, { channel, maxPayload }: { channel: number; maxPayload: number }): RtpRun {
    const { packetiser } = this.#outgoing;
    const run = rtpPackets(packetiser.packetise(packet, maxPayload), {
      payloadType: this.format.payloadType,
      ssrc: this.#ssrc,
      sequence: this.#sequence,
      timestampOffset: this.#timestampOffset,
      channel,
    });
    this.#sequence = (this.#sequence + run.packets) & 0xffff;
    this.#packets += run.packets;
    this.#octets += run.octets;
    return run;
  }

  /** A sender report, interleaved on `channel`: the time of the stream `streamMs` is `wallMs` by the wall clock. */
  report(channel: number, { streamMs, wallMs }: { streamMs: number; wallMs: number }): Uint8Array {
    const report = encodeSenderReport({
      ssrc: this.#ssrc,
      cname: canonicalName,
      clockRate: this.format.clockRate,
      timestampOffset: this.#timestampOffset,
      streamMs,
      unixMs: wallMs,
      packets: this.#packets,
      octets: this.#octets,
    });
    return encodeInterleaved(channel, report);
  }

  /** Says that the track ends, interleaved on `channel`. */
  goodbye(channel: number): Uint8Array {
    const report = { kind: "receiverReport" as const, ssrc: this.#ssrc, blocks: [] };
    const name = { kind: "description" as const, names: [{ ssrc: this.#ssrc, cname: canonicalName }] };
    const goodbye = { kind: "goodbye" as const, sources: [this.#ssrc] };
    return encodeInterleaved(channel, encodeRtcp([report, name, goodbye]));
  }
}
