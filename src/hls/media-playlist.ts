import type { ListedPart, ListedSegment, Listing, WholeSegment } from "./listing.ts";

/** Stands behind each address, where something may be put: no name holds it. */
export const addressEnd = "\u0001";

/** Parts are listed of so many whole segments: clients begin close to the end, and do not look further back for them. */
const segmentsWithParts = 2;

/** Clients may leave out what is so far from the end, in target durations. RFC 8216bis 4.4.3.8. */
const skipReach = 6;

/** Clients with parts begin so far from the end, in part target durations. RFC 8216bis 4.4.3.8. */
export const partHoldBack = 3;

/** Those without begin so far from it, in target durations. */
const holdBack = 3;

/** Playlists that tell of what is left out have at least this version. RFC 8216bis 8. */
const skipVersion = 9;

/** Milliseconds as the seconds that tags have. */
const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

/** How a playlist is asked for. */
export interface PlaylistForm {
  /** Without segments that the client has already. */
  readonly isDelta: boolean;
}

/** The text of a media playlist; {@link addressEnd} stands behind each address. RFC 8216bis 4.4. */
export const mediaPlaylist = (listing: Listing, { isDelta }: PlaylistForm): string => {
  const { segments, open, nextPart, isEnded } = listing;
  const skipped = isDelta ? skippable(listing) : 0;
  const lines = head(listing);
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  const withParts = firstWithParts(listing);
  let init = skipped > 0 ? segments[skipped - 1]?.init : undefined;
  segments.forEach((segment, index) => {
    if (index < skipped) return;
    begin(lines, segment, init);
    init = segment.init;
    if (index >= withParts) addParts(lines, segment.parts, listing);
    lines.push(`#EXTINF:${seconds(segment.durationMs)},`, segment.name + addressEnd);
  });
  if (open) {
    begin(lines, open, init);
    addParts(lines, open.parts, listing);
  }
  if (nextPart !== undefined) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${nextPart}${addressEnd}"`);
  if (isEnded) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
};

const head = ({
  version,
  targetMs,
  partTargetMs,
  mediaSequence,
  discontinuitySequence,
}: Listing): string[] => {
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${partTargetMs === undefined ? version : Math.max(version, skipVersion)}`,
    `#EXT-X-TARGETDURATION:${Math.round(targetMs / 1_000)}`,
  ];
  if (partTargetMs !== undefined)
    lines.push(
      `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${seconds(partHoldBack * partTargetMs)},HOLD-BACK=${seconds(holdBack * targetMs)},CAN-SKIP-UNTIL=${seconds(skipReach * targetMs)}`,
      `#EXT-X-PART-INF:PART-TARGET=${seconds(partTargetMs)}`,
    );
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${mediaSequence}`);
  if (discontinuitySequence > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`);
  return lines;
};

const begin = (lines: string[], segment: ListedSegment, lastInit: string | undefined): void => {
  const { isDiscontinuous, init, dateMs } = segment;
  if (isDiscontinuous) lines.push("#EXT-X-DISCONTINUITY");
  if (init !== undefined && init !== lastInit) lines.push(`#EXT-X-MAP:URI="${init}${addressEnd}"`);
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(dateMs).toISOString()}`);
};

/** A part that a pause made longer than promised is listed with what was promised. */
const addParts = (
  lines: string[],
  parts: readonly ListedPart[],
  { partTargetMs = Number.POSITIVE_INFINITY }: Listing,
): void => {
  for (const { name, durationMs, isIndependent } of parts) {
    const duration = seconds(Math.min(durationMs, partTargetMs));
    lines.push(
      `#EXT-X-PART:DURATION=${duration},URI="${name}${addressEnd}"${isIndependent ? ",INDEPENDENT=YES" : ""}`,
    );
  }
};

const openMs = ({ open }: Listing): number =>
  open?.parts.reduce((sum, { durationMs }) => sum + durationMs, 0) ?? 0;

/** How many segments in front lie further from the end than `reachMs`. */
const beyond = (segments: readonly WholeSegment[], endMs: number, reachMs: number): number => {
  let fromEnd = endMs;
  for (let index = segments.length - 1; index >= 0; index--) {
    if (fromEnd > reachMs) return index + 1;
    fromEnd += segments[index]?.durationMs ?? 0;
  }
  return 0;
};

const firstWithParts = ({ segments, partTargetMs }: Listing): number =>
  partTargetMs === undefined ? segments.length : segments.length - segmentsWithParts;

/** Segments whose end lies before the boundary. RFC 8216bis 6.2.5.1. */
const skippable = (listing: Listing): number =>
  listing.partTargetMs === undefined
    ? 0
    : beyond(listing.segments, openMs(listing), skipReach * listing.targetMs);
