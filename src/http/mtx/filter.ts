/** The parameters of the query that ask for some objects only, by name or id; the last one is our own. */
const objectKeys = [
  "path",
  "forward_dest",
  "hls_session",
  "hls_muxer",
  "rtsp_conn",
  "rtsp_session",
  "rtsps_conn",
  "rtsps_session",
  "rtmp_conn",
  "rtmps_conn",
  "srt_conn",
  "webrtc_session",
  "moq_session",
  "flv_conn",
] as const;

/** The name of a parameter that asks for some objects only. */
export type ObjectKey = (typeof objectKeys)[number];

/** What somebody wants to see of the metrics that go by MediaMTX's names. */
export interface MtxFilter {
  /** The one block that is wanted; undefined for all. */
  readonly type: string | undefined;
  /** The objects that are wanted. Where there are any, blocks that no entry is about are not. */
  readonly objects: ReadonlyMap<ObjectKey, string>;
  /** Whether anything is left out at all. */
  readonly isActive: boolean;
}

/** Reads the query of a request for metrics. Empty values and unknown parameters ask for nothing. */
export const parseMtxFilter = (query: URLSearchParams): MtxFilter => {
  const type = query.get("type") || undefined;
  const objects = new Map<ObjectKey, string>();
  for (const key of objectKeys) {
    const value = query.get(key);
    if (value) objects.set(key, value);
  }
  return { type, objects, isActive: type !== undefined || objects.size > 0 };
};
