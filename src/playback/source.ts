/** A track of a recording, as it is written to what is played. */
export interface SourceTrack {
  readonly kind: "video" | "audio";
  readonly timescale: number;
  /** The whole `stsd` box. */
  readonly description: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A frame of a recording. Times count from the zero of its file, in units of its track. */
export interface SourceSample {
  readonly time: number;
  readonly compositionOffset: number;
  readonly duration: number;
  readonly isKey: boolean;
  readonly size: number;
}

/** Some frames of one track, in order. */
export interface SourceRun {
  /** Which of the source's tracks. */
  readonly track: number;
  readonly samples: readonly SourceSample[];
  /** Reads the data of the samples from one up to another, in one run. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** A recorded file that can be played: opened, its tracks known. */
export interface Source {
  readonly tracks: readonly SourceTrack[];
  /** The frames of all tracks in parts of about a second, from the beginning. */
  parts(): AsyncGenerator<readonly SourceRun[]>;
}
