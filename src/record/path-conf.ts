/** What the configuration says of recording a path, as far as this room looks at it. */
export interface RecordConf {
  readonly record: boolean;
  /** Template of files' names: see `RecordPath`. */
  readonly recordPath: string;
  readonly recordFormat: "fmp4" | "mpegts" | "flv";
  /** A part of a segment lasts so long, in milliseconds: so much is lost when the process is killed. */
  readonly recordPartDuration: number;
  /** A part with so many bytes ends early. */
  readonly recordMaxPartSize: number;
  /** A segment lasts at least so long, in milliseconds. */
  readonly recordSegmentDuration: number;
  /** Segments that began longer ago are deleted, in milliseconds; 0 keeps them. */
  readonly recordDeleteAfter: number;
  /** The oldest segments are deleted while those of a path have more bytes than this together; 0 for no bound. */
  readonly recordMaxSize: number;
  /** Where segments that are complete are uploaded to, `s3://BUCKET/PREFIX`; empty for nowhere. */
  readonly recordUpload: string;
}

/** The configuration, as far as this room looks at it. */
export interface RecordsConf {
  readonly paths: Readonly<Record<string, RecordConf>>;
  /** The same bound for the recordings of all paths together. */
  readonly recordMaxTotalSize: number;
  /** The oldest segments are deleted while their disk has less room than this, in bytes; 0 for never. */
  readonly recordMinFreeDisk: number;
}

/** What the configuration that holds now says of a stream's name; undefined where nothing does. */
export type FindRecordConf = (name: string) => { readonly conf: RecordConf } | undefined;
