import type { Run, Sample, SampleTrack } from "../media/sample.ts";
import { encodeFragment, type FragmentSample } from "../mp4/fragment.ts";
import { encodeHeader, mp4TrackOf } from "../mp4/header.ts";
import { mp4Holds } from "../mp4/sample-entry.ts";
import { TsMuxer, tsHolds } from "../mpegts/muxer.ts";
import type { HlsVariant } from "./settings.ts";

/** Writes segments that continue each other. Pure; what it gives has a buffer of its own. */
export interface ContainerWriter {
  /** What players have to read first, where segments do not say it themselves. */
  readonly init: Uint8Array<ArrayBuffer> | undefined;
  /** What each segment begins with. */
  segmentHead(): Uint8Array | undefined;
  /** The runs are of tracks that it began with, and have a sample each. */
  part(runs: readonly Run[]): Uint8Array<ArrayBuffer>;
}

/** A form of segments. */
export interface Container {
  /** As people call it. */
  readonly name: string;
  readonly extension: "mp4" | "ts";
  /** The least version of playlists that may name its segments. */
  readonly playlistVersion: number;
  /** Whether it can hold a track. */
  holds(track: SampleTrack): boolean;
  /** Begins with these tracks, all of which it holds. */
  open(tracks: readonly SampleTrack[]): ContainerWriter;
}

const fragmentSampleOf = ({ compositionOffset, duration, isKey, data }: Sample): FragmentSample => ({
  compositionOffset,
  duration,
  isKey,
  size: data.length,
});

class Fmp4Writer implements ContainerWriter {
  readonly init: Uint8Array<ArrayBuffer>;
  readonly #ids: ReadonlyMap<SampleTrack, number>;
  #sequence = 0;

  constructor(tracks: readonly SampleTrack[]) {
    this.init = new Uint8Array(encodeHeader(tracks.map(mp4TrackOf)).bytes);
    this.#ids = new Map(tracks.map((track, index) => [track, index + 1]));
  }

  segmentHead(): undefined {
    return undefined;
  }

  part(runs: readonly Run[]): Uint8Array<ArrayBuffer> {
    const placed = runs.map(({ track, samples }) => ({
      id: this.#ids.get(track) ?? 0,
      baseTime: Math.max(0, samples[0]?.time ?? 0),
      samples: samples.map(fragmentSampleOf),
    }));
    const { head, dataBytes } = encodeFragment(++this.#sequence, placed);
    const bytes = new Uint8Array(head.length + dataBytes);
    bytes.set(head);
    let at = head.length;
    for (const { samples } of runs)
      for (const { data } of samples) {
        bytes.set(data, at);
        at += data.length;
      }
    return bytes;
  }
}

class TsWriter implements ContainerWriter {
  readonly init = undefined;
  readonly #muxer = new TsMuxer(0);

  constructor(tracks: readonly SampleTrack[]) {
    this.#muxer.begin(tracks);
  }

  segmentHead(): Uint8Array {
    return this.#muxer.tables();
  }

  part(runs: readonly Run[]): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#muxer.write(runs));
  }
}

const fmp4: Container = {
  name: "fMP4",
  extension: "mp4",
  playlistVersion: 6,
  holds: mp4Holds,
  open: (tracks) => new Fmp4Writer(tracks),
};

const mpegts: Container = {
  name: "MPEG-TS",
  extension: "ts",
  playlistVersion: 3,
  holds: tsHolds,
  open: (tracks) => new TsWriter(tracks),
};

/** The form of segments that a variant has. */
export const containerOf = (variant: HlsVariant): Container => (variant === "mpegts" ? mpegts : fmp4);
