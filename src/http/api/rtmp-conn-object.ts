import { hideSecretsOfQuery } from "../../base/hide-secrets.ts";
import { formatRfc3339 } from "../../base/rfc3339.ts";
import type { Peer } from "../../stream/event.ts";
import type { RtmpConnObject } from "./objects.ts";

/** What an RTMP session is doing. */
export interface RtmpConnView {
  readonly peer: Peer;
  readonly created: Date;
  readonly state: RtmpConnObject["state"];
  /** Of the stream that is published or played; empty while idle. */
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly framesDiscarded: number;
}

/** An RTMP session as the control API shows it. */
export const rtmpConnObject = (view: RtmpConnView): RtmpConnObject => {
  const { peer, state, path, user, userAgent, bytesReceived, bytesSent } = view;
  return {
    id: peer.id,
    created: formatRfc3339(view.created),
    remoteAddr: peer.remote,
    state,
    path,
    query: hideSecretsOfQuery(view.query),
    user,
    userAgent,
    inboundBytes: bytesReceived,
    outboundBytes: bytesSent,
    outboundFramesDiscarded: view.framesDiscarded,
    bytesReceived,
    bytesSent,
  };
};
