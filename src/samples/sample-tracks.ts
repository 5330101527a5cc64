import { copyBytes, equalBytes } from "../base/bytes.ts";
import { readAudioHeader } from "../flv/audio-header.ts";
import { splitMultitrack } from "../flv/multitrack.ts";
import { readSoundFormat } from "../flv/sound-format.ts";
import { readVideoHeader } from "../flv/video-header.ts";
import { decodeAv1SequenceHeader } from "../media/av1.ts";
import type { Codec } from "../media/codec.ts";
import type { Packet, PacketRole } from "../media/packet.ts";
import { type SampleTrack, videoTimescale } from "../media/sample.ts";
import { tolerate } from "../media/tolerate.ts";
import { describeTrack } from "../media/track.ts";
import { decodeVp9KeyFrame } from "../media/vp9.ts";

/** One track's share of a packet. */
export interface TrackUnit {
  /** Tells tracks of a stream apart: `video 0`. */
  readonly key: string;
  readonly kind: "audio" | "video";
  readonly codec: Codec | undefined;
  readonly role: PacketRole;
  /** Presentation minus decoding time in milliseconds. */
  readonly compositionTime: number;
  readonly data: Uint8Array;
  /** First byte of a message that is all this track's: there stands the form of sound that says nothing of itself. */
  readonly head?: number | undefined;
}

/** The shares of all tracks in an audio or video packet: one, but for messages of several. */
export const unitsOf = (packet: Packet): readonly TrackUnit[] => {
  const { kind, payload } = packet;
  if (kind === "data") return [];
  const header = kind === "video" ? readVideoHeader(payload) : readAudioHeader(payload);
  if (!header) return [];
  const nanos = header.timestampOffsetNanos / 1e6;
  if (header.isMultitrack)
    return splitMultitrack(kind, payload).map(({ trackId, codec, role, compositionTimeMs, data }) => ({
      key: `${kind} ${trackId}`,
      kind,
      codec,
      role,
      compositionTime: compositionTimeMs + nanos,
      data,
    }));
  return [
    {
      key: mainKeys[kind],
      kind,
      codec: packet.codec,
      role: packet.role,
      compositionTime: header.compositionTimeMs + nanos,
      data: payload.subarray(packet.dataOffset),
      head: payload[0],
    },
  ];
};

/** The keys of main tracks: made once. */
const mainKeys = { audio: "audio 0", video: "video 0" } as const;

/** Codecs whose first frame says what a decoder needs to know. */
const isSelfDescribing = (codec: Codec): boolean => codec === "MP3" || codec === "AC3" || codec === "EAC3";

/** FLV has no word for another one. */
const g711SampleRate = 8_000;

/** Codecs whose frames mean nothing without their configuration. */
const needsConfig: ReadonlySet<Codec> = new Set(["H264", "H265", "H266", "AV1", "VP9", "AAC", "FLAC"]);

/** An OpusHead for streams that come without: stereo, nothing to skip. RFC 7845 5.1. */
const usualOpusHead = Buffer.from("4f707573486561640102000080bb0000000000", "hex");

interface Config {
  readonly kind: "audio" | "video";
  readonly codec: Codec | undefined;
  readonly bytes: Uint8Array;
}

/** The configurations of a stream's tracks: what is needed to write them to a container. */
export class SampleTracks {
  readonly #configs = new Map<string, Config>();

  /** Takes notice of a configuration; gives false where it is known already. */
  configure({ key, kind, codec, data }: TrackUnit): boolean {
    const known = this.#configs.get(key);
    if (known && known.codec === codec && equalBytes(known.bytes, data)) return false;
    this.#configs.set(key, { kind, codec, bytes: copyBytes(data) });
    return true;
  }

  /**
   * The codec of a frame's track. Old OBS sends HEVC under the number of H.264, and only the configuration tells. Undefined where
   * nobody knows, or the configuration that belongs to it has not come yet.
   */
  codecOf({ key, codec }: TrackUnit): Codec | undefined {
    const config = this.#configs.get(key);
    const isEnough = codec !== undefined && !needsConfig.has(codec);
    if (!config) return isEnough ? codec : undefined;
    if (codec === config.codec || (codec === "H264" && config.codec === "H265")) return config.codec;
    return isEnough ? codec : undefined;
  }

  /** The track that begins with this frame; undefined where it does not say enough. */
  describe(unit: TrackUnit): SampleTrack | undefined {
    const codec = this.codecOf(unit);
    if (!codec) return undefined;
    if (codec === "G711A" || codec === "G711U" || codec === "PCM") return rawSoundOf(codec, unit);
    const config = this.#configOf(codec, unit);
    const description = describeTrack(codec, config);
    if (description.kind === "audio") return { description, config, timescale: description.sampleRate ?? 0 };
    const size = description.width === undefined ? tolerate(() => sizeOf(codec, unit.data)) : undefined;
    return { description: { ...description, ...size }, config, timescale: videoTimescale };
  }

  /** The configurations that have come, as the units that brought them. */
  *configured(): Iterable<TrackUnit> {
    for (const [key, { kind, codec, bytes }] of this.#configs)
      yield { key, kind, codec, role: "config", compositionTime: 0, data: bytes };
  }

  clear(): void {
    this.#configs.clear();
  }

  #configOf(codec: Codec, { key, data }: TrackUnit): Uint8Array {
    if (isSelfDescribing(codec)) return copyBytes(data);
    const bytes = this.#configs.get(key)?.bytes;
    if (codec === "Opus" && (bytes === undefined || bytes.length === 0)) return usualOpusHead;
    return bytes ?? data;
  }
}

/** G.711 and LPCM, whose samples have a fixed size. LPCM of eight bits is without a sign, which no container of ours knows. */
const rawSoundOf = (codec: "G711A" | "G711U" | "PCM", { head }: TrackUnit): SampleTrack => {
  const format = head === undefined ? undefined : readSoundFormat(head);
  if (!format || (codec === "PCM" && format.bits !== 16))
    return { description: { kind: "audio", codec }, config: new Uint8Array(0), timescale: 0 };
  const { channels } = format;
  const sampleRate = codec === "PCM" ? format.sampleRate : g711SampleRate;
  const sampleBytes = channels * (codec === "PCM" ? 2 : 1);
  return {
    description: { kind: "audio", codec, sampleRate, channels },
    config: Uint8Array.of(sampleBytes),
    timescale: sampleRate,
  };
};

/** The size of pictures where the configuration does not tell: their first key frame does. */
const sizeOf = (codec: Codec, frame: Uint8Array): { width: number; height: number } | undefined => {
  const size =
    codec === "VP9" ? decodeVp9KeyFrame(frame) : codec === "AV1" ? decodeAv1SequenceHeader(frame) : undefined;
  return size && { width: size.width, height: size.height };
};
