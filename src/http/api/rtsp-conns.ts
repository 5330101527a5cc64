import type { Peer } from "../../stream/event.ts";
import { peerRoutes } from "./peer-routes.ts";
import type { ApiRoute } from "./route.ts";
import { type RtspConnView, rtspConnObject } from "./rtsp-conn-object.ts";
import { rtspConnSchema } from "./rtsp-objects.ts";

/** An RTSP connection, which is shown by what it says. */
export interface RtspConn {
  readonly peer: Peer;
  readonly view: RtspConnView;
}

/** The connections of one port. */
export interface RtspConnsPort {
  /** In the order in which they came. It is read anew for each request. */
  readonly connections: Iterable<RtspConn>;
}

/** `/v3/rtspconns/…` or `/v3/rtspsconns/…`. What ends is the session, so that nothing is kicked here. */
export const rtspConnRoutes = (kind: "rtspconns" | "rtspsconns", port: RtspConnsPort): readonly ApiRoute[] =>
  peerRoutes<RtspConn>({
    kind,
    protocol: kind === "rtspconns" ? "RTSP" : "RTSPS",
    noun: "connection",
    schema: rtspConnSchema,
    items: () => port.connections,
    show: ({ view }) => rtspConnObject(view),
  });
