import { copyBytes, equalBytes } from "../base/bytes.ts";
import type { Codec } from "../media/codec.ts";
import { Packet } from "../media/packet.ts";
import { describeTrack, type Track } from "../media/track.ts";

/** Tracks of one stream whose headers are kept; Enhanced RTMP multitrack rarely has more than four. */
const maxHeaders = 64;

/** Metadata longer than this is passed on and not kept. */
const maxMetadataBytes = 64 * 1024;

/** A copy that does not keep the whole read alive that the packet came in. */
const kept = (packet: Packet): Packet => new Packet(packet, packet.timestamp, copyBytes(packet.payload));

/**
 * What every late joiner needs before the first frame: metadata, then the decoder configuration of each track, then what the flows
 * say of themselves. Also knows the tracks that these describe.
 */
export class StreamHeaders {
  #metadata: Packet | undefined;
  readonly #configs = new Map<string, Packet>();
  /** Metadata inside the audio and video flows: HDR information, channel layouts. */
  readonly #flowMetadata = new Map<string, Packet>();
  readonly #tracks = new Map<string, Track>();
  /** Codec of the main track of each kind, so that a frame is judged by one comparison. */
  #videoCodec: Codec | undefined;
  #audioCodec: Codec | undefined;

  /** The tracks seen so far, main tracks first in order of appearance. */
  get tracks(): readonly Track[] {
    return [...this.#tracks.values()];
  }

  /** The kept packets in the order a joiner wants them, with the given time. */
  packets(timestamp: number): Packet[] {
    const video = [...this.#configs.values()].filter((packet) => packet.kind === "video");
    const audio = [...this.#configs.values()].filter((packet) => packet.kind === "audio");
    const metadata = this.#metadata ? [this.#metadata] : [];
    return [...metadata, ...video, ...audio, ...this.#flowMetadata.values()].map((packet) =>
      packet.at(timestamp),
    );
  }

  /** Keeps a metadata packet; gives true for an onMetaData that differs from the last. */
  keepMetadata(packet: Packet): boolean {
    if (packet.size > maxMetadataBytes) return false;
    if (packet.kind !== "data") {
      const key = `${packet.kind} ${packet.trackId}`;
      if (this.#flowMetadata.has(key) || this.#flowMetadata.size < maxHeaders)
        this.#flowMetadata.set(key, kept(packet));
      return false;
    }
    const isNew = !this.#metadata || !equalBytes(this.#metadata.payload, packet.payload);
    if (isNew) this.#metadata = kept(packet);
    return isNew;
  }

  /** Forgets the metadata. */
  clearMetadata(): void {
    this.#metadata = undefined;
  }

  /** Keeps a configuration packet and gives the track it describes; undefined where it is the one already kept. */
  keepConfig(packet: Packet): Track | undefined {
    const key = `${packet.kind} ${packet.trackId}`;
    const known = this.#configs.get(key);
    if (known && equalBytes(known.payload, packet.payload)) return undefined;
    if (!known && this.#configs.size >= maxHeaders) return undefined;
    this.#configs.set(key, kept(packet));
    return this.#describe(key, packet);
  }

  /** Whether the codec of this frame's track is news: true once for codecs that come without configuration, and on a change. */
  isNewCodec(packet: Packet): boolean {
    if (packet.trackId !== 0 || packet.codec === undefined) return false;
    const known = packet.kind === "video" ? this.#videoCodec : this.#audioCodec;
    // Old OBS sends HEVC under the number of H.264: only its configuration tells.
    return packet.codec !== known && !(known === "H265" && packet.codec === "H264");
  }

  /** Learns a track from its first frame. */
  learn(packet: Packet): Track | undefined {
    return this.#describe(`${packet.kind} 0`, packet);
  }

  /** Reads what the packet says of its track and notes it; undefined where the codec is unknown to us. */
  #describe(key: string, packet: Packet): Track | undefined {
    if (packet.codec === undefined) return undefined;
    const track = describeTrack(packet.codec, packet.payload.subarray(packet.dataOffset));
    if (packet.trackId === 0) {
      if (packet.kind === "video") this.#videoCodec = packet.codec;
      else this.#audioCodec = packet.codec;
    }
    this.#tracks.set(key, track);
    return track;
  }

  /** Forgets everything: another publisher brings its own. */
  clear(): void {
    this.#metadata = undefined;
    this.#configs.clear();
    this.#flowMetadata.clear();
    this.#tracks.clear();
    this.#videoCodec = undefined;
    this.#audioCodec = undefined;
  }
}
