import { parseStreamPath, type StreamPath } from "../../base/stream-path.ts";
import type { Track } from "../../media/track.ts";
import type { Registry } from "../../stream/registry.ts";
import { type Handler, json, type Resource } from "../resource.ts";

/** What a page that plays a stream has to know of it. */
export interface StreamState {
  readonly path: string;
  /** Whether somebody publishes it, and its tracks are known. */
  readonly isLive: boolean;
  /** Whether asking for it starts it. */
  readonly isOnDemand: boolean;
  readonly tracks: readonly TrackState[];
}

/** A track, with what a browser needs to say whether it can play it; null for what is not known. */
export interface TrackState {
  readonly kind: Track["kind"];
  readonly codec: string;
  /** As in the `codecs` parameter of RFC 6381. */
  readonly codecString: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** What {@link streamStateResource} needs of the house. */
export interface StreamStatePort {
  readonly registry: Pick<Registry, "find">;
  readonly isOnDemand: (path: StreamPath) => boolean;
}

/**
 * `/.state/PATH`: how a stream is at the moment, for pages that play it or wait for it. Asking starts nothing and counts for nothing. It tells
 * those who may read the stream what reading it would tell, and others nothing.
 */
export const streamStateResource = ({ registry, isOnDemand }: StreamStatePort): Resource => {
  const handle: Handler = async (_, call) => {
    const path = parseStreamPath(call.name);
    const refusal = await call.refusal({ action: "read", path, protocol: "flv" });
    if (refusal) {
      // The page asks for a name and a password in its own way; the browser need not do so, too.
      refusal.headers.delete("WWW-Authenticate");
      return refusal;
    }
    const stream = registry.find(path);
    const isLive = stream?.availableSince !== undefined;
    const state: StreamState = {
      ...{ path, isLive, isOnDemand: isOnDemand(path) },
      tracks: isLive ? stream.tracks.map(trackState) : [],
    };
    return json(state);
  };
  return { path: "/.state/{name...}", methods: { GET: handle }, isUnguarded: true };
};

const trackState = (track: Track): TrackState => ({
  kind: track.kind,
  codec: track.codec,
  codecString: track.codecString ?? null,
  width: (track.kind === "video" && track.width) || null,
  height: (track.kind === "video" && track.height) || null,
});
