import { makeTrackReceiver } from "../depacketise/make-track-receiver.ts";
import type { MediaTag } from "../depacketise/track-receiver.ts";
import { MediaClock } from "../media-clock.ts";
import type { MediaDescription } from "../sdp.ts";
import type { RtspCounts } from "./session.ts";
import { TrackIntake } from "./track-intake.ts";

/** What an intake counts. */
export type IntakeCounts = Pick<
  RtspCounts,
  | "bytesReceived"
  | "rtpPacketsReceived"
  | "rtpPacketsLost"
  | "rtpPacketsInError"
  | "rtpPacketsJitter"
  | "rtcpPacketsReceived"
  | "rtcpPacketsInError"
>;

/** The media that somebody sends by RTP, track by track, on their way to becoming FLV tags of one stream. */
export class MediaIntake {
  /** By the index of their description; undefined for what cannot be read. */
  readonly #tracks: readonly (TrackIntake | undefined)[];

  /** `take` gets the tags, in order within each track. Packets that travel over TCP come `isOrdered`. */
  constructor(
    medias: readonly MediaDescription[],
    { take, isOrdered }: { take: (tag: MediaTag) => void; isOrdered: () => boolean },
  ) {
    const clock = new MediaClock();
    const kinds = new Set<string>();
    this.#tracks = medias.map((media) => {
      const receiver = makeTrackReceiver(media, clock);
      // A stream has one track of each kind; cameras put the better one first.
      if (!receiver || kinds.has(receiver.kind)) return undefined;
      kinds.add(receiver.kind);
      const clockRate = media.formats[0]?.clockRate ?? 0;
      return new TrackIntake({ receiver, clockRate, take, isOrdered });
    });
  }

  /** The media that can be read, by the index of their description. */
  get readable(): readonly number[] {
    return this.#tracks.flatMap((track, index) => (track ? index : []));
  }

  /** What came so far. */
  get counts(): IntakeCounts {
    const tracks = this.#tracks.filter((track) => track !== undefined);
    const sum = (of: (track: TrackIntake) => number): number =>
      tracks.reduce((all, track) => all + of(track), 0);
    return {
      bytesReceived: sum(({ bytes }) => bytes),
      rtpPacketsReceived: sum(({ packets }) => packets),
      rtpPacketsLost: sum(({ lost }) => lost),
      rtpPacketsInError: sum(({ inError }) => inError),
      rtpPacketsJitter: tracks.length === 0 ? 0 : sum(({ jitter }) => jitter) / tracks.length,
      rtcpPacketsReceived: sum(({ reports }) => reports),
      rtcpPacketsInError: sum(({ reportsInError }) => reportsInError),
    };
  }

  /** RTP-Info says that a track begins with this RTP time. */
  anchor(track: number, rtpTime: number): void {
    this.#tracks[track]?.anchor(rtpTime);
  }

  /** A packet of a track came at `now`, in milliseconds. It must not be written any more. */
  takeRtp(track: number, bytes: Uint8Array, now: number): void {
    this.#tracks[track]?.takeRtp(bytes, now);
  }

  /** A report about a track came at `now`, in milliseconds. */
  takeRtcp(track: number, bytes: Uint8Array, now: number): void {
    this.#tracks[track]?.takeRtcp(bytes, now);
  }

  /** Gives up what has been waited for long enough. */
  tick(now: number): void {
    for (const track of this.#tracks) track?.drain(now);
  }

  /** What to tell the sender of a track of how its packets arrive; undefined while none came. */
  report(track: number, now: number): Uint8Array | undefined {
    return this.#tracks[track]?.report(now);
  }
}
