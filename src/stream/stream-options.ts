import type { StreamPath } from "../base/stream-path.ts";

/** How a stream behaves: what the configuration says of its path. */
export interface StreamOptions {
  /** The entry of the configuration that holds for it. */
  readonly confName: string;
  /** Keep everything since the last key frame for players that join. */
  readonly hasGopCache: boolean;
  /** Hand every packet on at once; otherwise audio waits for the next picture. */
  readonly isLowLatency: boolean;
  /** Clients may publish; otherwise the server fetches the stream itself. */
  readonly acceptsPublishers: boolean;
  /** A newcomer takes a live name over; otherwise it is refused. */
  readonly overridePublisher: boolean;
  /** How long players stay when the publisher's connection is cut, in milliseconds. */
  readonly republishGraceMs: number;
  /** How long a player waits for a stream that is not there, in milliseconds; infinite for as long as it likes. */
  readonly playWaitMs: number;
  /** Players stay when the publisher leaves, however it leaves, and wait for the next. */
  readonly keepsReaders: boolean;
  /** More readers than these are refused; 0 for any number. */
  readonly maxReaders: number;
  /** A publisher that brings more than so many bits a second is disconnected; 0 for never. */
  readonly maxBitrate: number;
  /** Readers get this stream instead. */
  readonly redirectTo: StreamPath | undefined;
  /** Readers get this stream instead while nobody publishes. */
  readonly fallbackTo: StreamPath | undefined;
}

/** What holds where nothing is said. */
export const defaultStreamOptions: StreamOptions = {
  confName: "all_others",
  hasGopCache: true,
  isLowLatency: false,
  acceptsPublishers: true,
  overridePublisher: false,
  republishGraceMs: 5_000,
  playWaitMs: 10_000,
  keepsReaders: false,
  maxReaders: 0,
  maxBitrate: 0,
  redirectTo: undefined,
  fallbackTo: undefined,
};
