import type { HlsMuxerObject, HlsSessionObject } from "../api/hls-objects.ts";
import type { Block } from "./block.ts";

const one = (): number => 1;

/** `type=hls_sessions` */
export const hlsSessionsBlock: Block<HlsSessionObject> = {
  type: "hls_sessions",
  title: "HLS sessions",
  labels: ({ id, path, remoteAddr }) => ({ id, path, remoteAddr }),
  filters: { hls_session: ({ id }) => id },
  metrics: [
    ["", one],
    ["_outbound_bytes", ({ outboundBytes }) => outboundBytes],
  ],
  deprecated: [],
};

/** `type=hls_muxers` */
export const hlsMuxersBlock: Block<HlsMuxerObject> = {
  type: "hls_muxers",
  title: "HLS muxers",
  labels: ({ path }) => ({ name: path }),
  filters: { hls_muxer: ({ path }) => path },
  metrics: [
    ["", one],
    ["_outbound_bytes", ({ outboundBytes }) => outboundBytes],
    ["_outbound_frames_discarded", ({ outboundFramesDiscarded }) => outboundFramesDiscarded],
  ],
  deprecated: [["_bytes_sent", ({ bytesSent }) => bytesSent]],
};
