import type { AudioTrack, VideoTrack } from "./track.ts";

/** One frame as containers hold it. Times are in units of its track's timescale. */
export interface Sample {
  /** Coded data as in FLV and MP4: NAL units behind their lengths, bare AAC, OBUs. Shared. */
  readonly data: Uint8Array;
  /** Decoding time. */
  readonly time: number;
  /** Presentation minus decoding time; may be negative. */
  readonly compositionOffset: number;
  readonly duration: number;
  /** Whether decoding can begin here. */
  readonly isKey: boolean;
}

/** A track that is written to a container. */
export interface SampleTrack {
  readonly description: VideoTrack | AudioTrack;
  /**
   * Decoder configuration: avcC, hvcC, av1C, vpcC, AudioSpecificConfig, OpusHead, STREAMINFO; the first frame for MP3, AC-3 and E-AC-3;
   * for G.711 and LPCM one byte, the size of a sample of all channels in bytes.
   */
  readonly config: Uint8Array;
  /** Units of time in a second: the sample rate of sound, 90,000 for pictures. */
  readonly timescale: number;
}

/** Some samples of one track, in order of decoding. */
export interface Run {
  readonly track: SampleTrack;
  readonly samples: readonly Sample[];
}

/** Units of time in a second of a video track. */
export const videoTimescale = 90_000;
