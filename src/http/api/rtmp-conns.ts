import type { EndReason, Peer } from "../../stream/event.ts";
import { rtmpConnSchema } from "./objects.ts";
import { peerRoutes } from "./peer-routes.ts";
import type { ApiRoute } from "./route.ts";
import { type RtmpConnView, rtmpConnObject } from "./rtmp-conn-object.ts";

/** An RTMP session: connections are shown by what it says, and end by {@link close}. */
export interface RtmpConn {
  readonly peer: Peer;
  readonly view: RtmpConnView;
  close(reason: EndReason): void;
}

/** The sessions of one port. */
export interface RtmpConnsPort {
  /** In the order in which they came. */
  readonly sessions: Iterable<RtmpConn>;
}

/** `/v3/rtmpconns/…` or `/v3/rtmpsconns/…`. */
export const rtmpConnRoutes = (kind: "rtmpconns" | "rtmpsconns", port: RtmpConnsPort): readonly ApiRoute[] =>
  peerRoutes<RtmpConn>({
    kind,
    protocol: kind === "rtmpconns" ? "RTMP" : "RTMPS",
    noun: "connection",
    schema: rtmpConnSchema,
    items: () => port.sessions,
    show: ({ view }) => rtmpConnObject(view),
    kick: (conn) => conn.close("kicked"),
  });
