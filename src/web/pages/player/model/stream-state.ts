/** A track, as `/.state` of the server tells it. */
export interface TrackState {
  readonly kind: "video" | "audio";
  readonly codec: string;
  readonly codecString: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** A stream, as `/.state` of the server tells it. */
export interface StreamState {
  readonly path: string;
  readonly isLive: boolean;
  readonly isOnDemand: boolean;
  readonly tracks: readonly TrackState[];
}
