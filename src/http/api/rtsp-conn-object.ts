import { formatRfc3339 } from "../../base/rfc3339.ts";
import type { Peer } from "../../stream/event.ts";
import type { RtspConnObject } from "./rtsp-objects.ts";

/** What an RTSP connection is doing. */
export interface RtspConnView {
  readonly peer: Peer;
  readonly created: Date;
  /** Id of the session that was made on it. */
  readonly session: string | undefined;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** An RTSP connection as the control API shows it. None comes through a tunnel: this server offers none. */
export const rtspConnObject = (view: RtspConnView): RtspConnObject => {
  const { peer, created, session = null, bytesReceived, bytesSent } = view;
  return {
    id: peer.id,
    created: formatRfc3339(created),
    remoteAddr: peer.remote,
    session,
    tunnel: "none",
    inboundBytes: bytesReceived,
    outboundBytes: bytesSent,
    bytesReceived,
    bytesSent,
  };
};
