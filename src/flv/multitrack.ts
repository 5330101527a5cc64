import type { Codec } from "../media/codec.ts";
import type { PacketRole } from "../media/packet.ts";
import { i24At } from "./bits.ts";
import {
  compositionTimeSize,
  enhancedRole,
  readEnhancedStart,
  readEnhancedTrack,
} from "./enhanced-header.ts";

/** One track of a multitrack message. `data` is a view of the message: as long-lived as that, never to be written. */
export type MediaTrack = {
  readonly trackId: number;
  readonly codec: Codec | undefined;
  readonly role: PacketRole;
  readonly compositionTimeMs: number;
  /** Decoder configuration or coded data, behind the composition time if there is one. */
  readonly data: Uint8Array;
};

/** Tracks beyond this many in one message are left out: real encoders send a handful. */
export const maxTracksPerMessage = 16;

/**
 * Takes a multitrack message body apart (Enhanced RTMP v2: OneTrack, ManyTracks, ManyTracksManyCodecs). Gives the
 * whole tracks in front of the first malformed one, at most {@link maxTracksPerMessage}; none for a message that is
 * not multitrack. Never throws.
 */
export const splitMultitrack = (kind: "audio" | "video", body: Uint8Array): MediaTrack[] => {
  const tracks: MediaTrack[] = [];
  const first = body[0] ?? 0;
  if (kind === "video" ? (first & 0x80) === 0 : first >> 4 !== 9) return tracks;
  const start = readEnhancedStart(kind, body);
  if (start?.multitrackType === undefined) return tracks;
  let at = start.at;
  while (at < body.length && tracks.length < maxTracksPerMessage) {
    const track = readEnhancedTrack(body, { start, at, bodyLength: body.length });
    if (track === undefined) break;
    const skipped = Math.min(compositionTimeSize(start, track), track.end - track.at);
    tracks.push({
      trackId: track.trackId,
      codec: track.codec,
      role: enhancedRole(start, track),
      compositionTimeMs: skipped === 3 ? i24At(body, track.at) : 0,
      data: body.subarray(track.at + skipped, track.end),
    });
    at = track.end;
  }
  return tracks;
};
