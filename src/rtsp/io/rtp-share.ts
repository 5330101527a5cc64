import { emptyPayload, joinBytes, type Payload, share } from "../../base/bytes.ts";
import type { Clock } from "../../base/time.ts";
import type { Packet } from "../../media/packet.ts";
import type { WireForm } from "../../media/wire-form.ts";
import type { Batch } from "../../stream/batch.ts";
import type { Stream } from "../../stream/stream.ts";
import { interleavedPrefixSize } from "../message.ts";
import { encodeSdp } from "../sdp.ts";
import { areUsual, type Channels, keyOfChannels, rechannelled, usualChannel } from "./channels.ts";
import type { RtpTrack } from "./rtp-track.ts";
import type { TrackStart } from "./track-start.ts";

/** A packet of the stream as RTP. */
interface Encoded {
  /** Interleaved, on the usual channels. */
  readonly bytes: Payload;
  readonly rtpPackets: number;
}

/** Where the sequence number stands in an interleaved packet. */
const sequenceAt = interleavedPrefixSize + 2;

const nothing: Encoded = { bytes: emptyPayload, rtpPackets: 0 };

/** A step of the stream's time against the clock by more than this is followed by what reports say, in milliseconds. */
const maxDriftMs = 500;

/** More choices of channels than any server sees at once; clients pick them, so there has to be an end. */
const maxForms = 64;

/**
 * One stream as RTP, for all who read it by RTSP: each packet is cut and numbered once, when the first of them gets it, in the order in
 * which the stream brings it. Whoever joins with cached frames, or falls behind and takes up again, gets the same bytes.
 *
 * Numbers begin anew when nobody reads any more: what the stream brings meanwhile has none.
 */
export class RtpShare {
  readonly stream: Stream;
  readonly tracks: readonly RtpTrack[];
  readonly #clock: Clock;
  readonly #maxPayload: number;
  readonly #forms = new Map<string, WireForm>();
  readonly #usual: WireForm = { encode: (packets) => this.#encodeAll(packets) };
  #encoded = new WeakMap<Packet, Encoded>();
  #readers = 0;
  /** The last batch, and how many RTP packets it holds: all readers ask for the same. */
  #batch: { readonly batch: Batch; readonly rtpPackets: number } | undefined;
  /** A moment of the stream's time, by both clocks. */
  #anchor: { readonly streamMs: number; readonly atMs: number; readonly wallMs: number } | undefined;
  #isBroken = false;

  /** `maxPayload` bounds the payloads of RTP packets, in bytes. */
  constructor(options: { stream: Stream; tracks: readonly RtpTrack[]; clock: Clock; maxPayload: number }) {
    this.stream = options.stream;
    this.tracks = options.tracks;
    this.#clock = options.clock;
    this.#maxPayload = options.maxPayload;
  }

  /** Readers that play. */
  get readers(): number {
    return this.#readers;
  }

  /** Whether the stream has become something that the description, which readers have, does not fit. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Whether the stream is still what was described, by the configuration of its tracks. */
  suits(configs: readonly Packet[], tracks: number): boolean {
    return (
      !this.#isBroken && tracks === this.tracks.length && configs.every((config) => !this.#breaks(config))
    );
  }

  /** The description of the stream; `controlOf` gives each track its URL. */
  sdp(controlOf: (track: number) => string): Uint8Array {
    const tracks = this.tracks.map(({ kind, format }, index) => ({
      kind,
      format,
      control: controlOf(index),
    }));
    return new TextEncoder().encode(encodeSdp({ name: this.stream.path, tracks }));
  }

  /** A reader begins to play. */
  enter(): void {
    if (this.#readers++ > 0) return;
    this.#encoded = new WeakMap();
    this.#batch = undefined;
    this.#anchor = undefined;
    for (const track of this.tracks) track.restart();
  }

  /** A reader plays no more. */
  leave(): void {
    this.#readers--;
  }

  /** How readers with these channels get the stream: the same object for the same channels, so that its bytes are shared. */
  form(channels: Channels): WireForm {
    if (areUsual(channels) && channels.length === this.tracks.length) return this.#usual;
    const key = keyOfChannels(channels);
    const known = this.#forms.get(key);
    if (known) return known;
    const form: WireForm = {
      encode: (packets) => share(rechannelled(this.#encodeAll(packets), channels)),
    };
    if (this.#forms.size < maxForms) this.#forms.set(key, form);
    return form;
  }

  /** Gives the packets of a batch their numbers, where they have none, and tells how many RTP packets they are. */
  number(batch: Batch): number {
    if (this.#batch?.batch === batch) return this.#batch.rtpPackets;
    batch.encoded(this.#usual);
    let rtpPackets = 0;
    for (const packet of batch.packets) rtpPackets += this.#encode(packet).rtpPackets;
    this.#batch = { batch, rtpPackets };
    const last = batch.packets.at(-1);
    if (last) this.#follow(last.timestamp);
    return rtpPackets;
  }

  /** Where each track begins for a reader that is given these packets first: one moment, in the time of each track. */
  starts(opening: readonly Packet[]): TrackStart[] {
    const [first] = opening;
    return this.tracks.map((track, index) => ({
      sequence: this.#firstSequence(opening, index) ?? track.sequence,
      rtpTime: first && track.timeOf(first.timestamp),
    }));
  }

  /** Sender reports of all tracks, on their usual channels, for the given time of the stream, or for now. */
  report(streamMs?: number): Uint8Array {
    const now = this.#clock.now();
    const anchor = this.#anchor ?? {
      streamMs: streamMs ?? 0,
      atMs: now,
      wallMs: this.#clock.date().getTime(),
    };
    const at = streamMs ?? anchor.streamMs + now - anchor.atMs;
    const wallMs = anchor.wallMs + at - anchor.streamMs;
    return joinBytes(
      this.tracks.map((track, index) => track.report(usualChannel(index) + 1, { streamMs: at, wallMs })),
    );
  }

  /** Says of all tracks, on their usual channels, that they end. */
  goodbye(): Uint8Array {
    return joinBytes(this.tracks.map((track, index) => track.goodbye(usualChannel(index) + 1)));
  }

  /** Sequence number of the first RTP packet of a track among these packets. */
  #firstSequence(packets: readonly Packet[], track: number): number | undefined {
    for (const packet of packets) {
      const { bytes } = this.#encode(packet);
      if (bytes.length === 0 || bytes[1] !== usualChannel(track)) continue;
      return ((bytes[sequenceAt] ?? 0) << 8) | (bytes[sequenceAt + 1] ?? 0);
    }
    return undefined;
  }

  #encodeAll(packets: readonly Packet[]): Payload {
    const [only] = packets;
    if (only && packets.length === 1) return this.#encode(only).bytes;
    return share(joinBytes(packets.map((packet) => this.#encode(packet).bytes)));
  }

  #encode(packet: Packet): Encoded {
    const known = this.#encoded.get(packet);
    if (known) return known;
    const encoded = this.#cut(packet);
    this.#encoded.set(packet, encoded);
    return encoded;
  }

  #cut(packet: Packet): Encoded {
    const index = this.tracks.findIndex((track) => track.holds(packet));
    const track = this.tracks[index];
    if (packet.role === "config" && this.#breaks(packet)) this.#isBroken = true;
    if (!track) return nothing;
    const { bytes, packets } = track.encode(packet, {
      channel: usualChannel(index),
      maxPayload: this.#maxPayload,
    });
    return { bytes, rtpPackets: packets };
  }

  #breaks(config: Packet): boolean {
    return this.tracks.some((track) => track.isBrokenBy(config));
  }

  /** Keeps time: reports want to know what the stream's time is by the wall clock, and it must not wander with each packet. */
  #follow(streamMs: number): void {
    const now = this.#clock.now();
    const anchor = this.#anchor;
    if (anchor && Math.abs(streamMs - anchor.streamMs - (now - anchor.atMs)) <= maxDriftMs) return;
    this.#anchor = { streamMs, atMs: now, wallMs: this.#clock.date().getTime() };
  }
}
