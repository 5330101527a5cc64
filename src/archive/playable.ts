import type { JoinableSegment } from "./joins.ts";

/** A segment that can be played. */
export interface PlayableSegment extends JoinableSegment {
  /** Where it is, or was, on this machine. */
  readonly file: string;
  readonly isLocal: boolean;
  /** Where it is in a store, `s3://BUCKET/KEY`. */
  readonly remote: string | undefined;
  /** Its size as it was looked into last. */
  readonly bytes: number;
}
