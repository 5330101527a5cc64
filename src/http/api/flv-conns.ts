import { hideSecretsOfQuery } from "../../base/hide-secrets.ts";
import { formatRfc3339 } from "../../base/rfc3339.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import { type FlvConnObject, flvConnSchema } from "./own-objects.ts";
import { peerRoutes } from "./peer-routes.ts";
import type { ApiRoute } from "./route.ts";

/** What a reader of FLV over HTTP or a WebSocket is doing. */
export interface FlvConnView {
  readonly peer: Peer;
  readonly created: Date;
  readonly transport: FlvConnObject["transport"];
  readonly state: FlvConnObject["state"];
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  readonly bytesSent: number;
  readonly framesDiscarded: number;
}

/** A reader, which is shown by what it says, and ends by {@link close}. */
export interface FlvConn {
  readonly peer: Peer;
  readonly view: FlvConnView;
  close(reason: EndReason): void;
}

/** All sessions of FLV. */
export interface FlvConnsPort {
  /** In the order in which they came. It is read anew for each request. */
  readonly sessions: Iterable<FlvConn>;
}

/** A reader of FLV as the control API shows it. */
export const flvConnObject = (view: FlvConnView): FlvConnObject => {
  const { peer, created, transport, state, path, user, userAgent } = view;
  return {
    ...{ id: peer.id, created: formatRfc3339(created), remoteAddr: peer.remote, transport, state, path },
    ...{ query: hideSecretsOfQuery(view.query), user, userAgent },
    outboundBytes: view.bytesSent,
    outboundFramesDiscarded: view.framesDiscarded,
  };
};

/** `/v3/flvconns/…` */
export const flvConnRoutes = (port: FlvConnsPort): readonly ApiRoute[] =>
  peerRoutes<FlvConn>({
    kind: "flvconns",
    protocol: "HTTP-FLV or WebSocket-FLV",
    noun: "connection",
    schema: flvConnSchema,
    items: () => port.sessions,
    show: ({ view }) => flvConnObject(view),
    kick: (session) => session.close("kicked"),
  });
