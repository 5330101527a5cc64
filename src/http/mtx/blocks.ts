import type { ForwardObject, PathObject, RtmpConnObject } from "../api/objects.ts";
import type { Block } from "./block.ts";
import type { ObjectKey } from "./filter.ts";

/** A destination, with the path that is forwarded to it. */
export type PathForward = Pick<ForwardObject, "id" | "protocol" | "state" | "outboundBytes"> & {
  readonly path: string;
};

const one = (): number => 1;

function* readersByType({ readers }: PathObject): Iterable<readonly [{ readerType: string }, number]> {
  const counts = new Map<string, number>();
  for (const { type } of readers) counts.set(type, (counts.get(type) ?? 0) + 1);
  if (counts.size === 0) counts.set("", 0);
  for (const readerType of [...counts.keys()].sort()) yield [{ readerType }, counts.get(readerType) ?? 0];
}

/** `type=paths` */
export const pathsBlock: Block<PathObject> = {
  type: "paths",
  title: "Paths",
  labels: ({ name, ready }) => ({ name, state: ready ? "ready" : "notReady" }),
  filters: { path: ({ name }) => name },
  metrics: [
    ["", one],
    { suffix: "_readers", split: readersByType },
    ["_inbound_bytes", ({ inboundBytes }) => inboundBytes],
    ["_outbound_bytes", ({ outboundBytes }) => outboundBytes],
    ["_inbound_frames_in_error", ({ inboundFramesInError }) => inboundFramesInError],
  ],
  deprecated: [
    ["_bytes_received", ({ bytesReceived }) => bytesReceived],
    ["_bytes_sent", ({ bytesSent }) => bytesSent],
  ],
};

/** `type=forward_dests` */
export const forwardsBlock: Block<PathForward> = {
  type: "forward_dests",
  title: "Forward destinations",
  labels: ({ id, path, protocol, state }) => ({ id, path, protocol, state }),
  filters: { path: ({ path }) => path, forward_dest: ({ id }) => id },
  metrics: [
    ["", one],
    ["_outbound_bytes", ({ outboundBytes }) => outboundBytes],
  ],
  deprecated: [],
  isOptional: true,
};

const rtmpBlock = (type: string, title: string, key: ObjectKey): Block<RtmpConnObject> => ({
  type,
  title,
  labels: ({ id, path, remoteAddr, state }) => ({ id, path, remoteAddr, state }),
  filters: { [key]: ({ id }: RtmpConnObject) => id },
  metrics: [
    ["", one],
    ["_inbound_bytes", ({ inboundBytes }) => inboundBytes],
    ["_outbound_bytes", ({ outboundBytes }) => outboundBytes],
    ["_outbound_frames_discarded", ({ outboundFramesDiscarded }) => outboundFramesDiscarded],
  ],
  deprecated: [
    ["_bytes_received", ({ bytesReceived }) => bytesReceived],
    ["_bytes_sent", ({ bytesSent }) => bytesSent],
  ],
});

/** `type=rtmp_conns` */
export const rtmpConnsBlock = rtmpBlock("rtmp_conns", "RTMP connections", "rtmp_conn");

/** `type=rtmps_conns` */
export const rtmpsConnsBlock = rtmpBlock("rtmps_conns", "RTMPS connections", "rtmps_conn");
