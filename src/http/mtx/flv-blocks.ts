import type { FlvConnObject } from "../api/own-objects.ts";
import type { Block } from "./block.ts";

/** `type=flv_conns`, which MediaMTX does not have: left out while there are none. */
export const flvConnsBlock: Block<FlvConnObject> = {
  type: "flv_conns",
  title: "FLV connections",
  labels: ({ id, path, remoteAddr, state }) => ({ id, path, remoteAddr, state }),
  filters: { flv_conn: ({ id }) => id },
  metrics: [
    ["", () => 1],
    ["_outbound_bytes", ({ outboundBytes }) => outboundBytes],
    ["_outbound_frames_discarded", ({ outboundFramesDiscarded }) => outboundFramesDiscarded],
  ],
  deprecated: [],
  isOptional: true,
};
