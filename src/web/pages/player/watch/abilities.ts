import type { Abilities } from "../model/way.ts";

/** iPhones have another name for it. */
const sources = globalThis as { MediaSource?: typeof MediaSource; ManagedMediaSource?: typeof MediaSource };

/** What this browser can do. */
export const abilitiesOf = (
  video: HTMLVideoElement,
  { needsHeader }: { needsHeader: boolean },
): Abilities => {
  const source = sources.MediaSource ?? sources.ManagedMediaSource;
  return {
    plays: (type) => (source ? source.isTypeSupported(type) : video.canPlayType(type) !== ""),
    hasSources: source !== undefined,
    hasNativeHls: video.canPlayType("application/vnd.apple.mpegurl") !== "",
    needsHeader,
  };
};
