/** What the configuration says of recording a path, as far as this room looks at it. */
export interface RecordConf {
  readonly record: boolean;
  /** Template of files' names: see `RecordPath`. */
  readonly recordPath: string;
  readonly recordFormat: "fmp4" | "mpegts" | "flv";
  /** A segment lasts at least so long, in milliseconds. */
  readonly recordSegmentDuration: number;
}

/** The configuration, as far as this room looks at it. */
export interface RecordsConf {
  readonly paths: Readonly<Record<string, RecordConf>>;
}

/** What the configuration that holds now says of a stream's name; undefined where nothing does. */
export type FindRecordConf = (name: string) => { readonly conf: RecordConf } | undefined;
