import { hideSecretsOfQuery } from "../../base/hide-secrets.ts";
import { formatRfc3339 } from "../../base/rfc3339.ts";
import type { Peer } from "../../stream/event.ts";
import { moment, objectSchema, olderName, type Schema, text, truth, whole } from "./schema.ts";

/* The objects about HLS, as MediaMTX names and orders their fields. */

/** A stream that HLS is made of. */
export interface HlsMuxerObject {
  readonly path: string;
  readonly created: string;
  readonly lastRequest: string;
  readonly outboundBytes: number;
  /** None: the muxer keeps up with its stream, and viewers fetch what they like. */
  readonly outboundFramesDiscarded: number;
  /** Older name of `outboundBytes`. */
  readonly bytesSent: number;
}

/** See {@link HlsMuxerObject}. */
export const hlsMuxerSchema: Schema = objectSchema<HlsMuxerObject>("HLSMuxer", {
  path: text,
  created: moment,
  lastRequest: moment,
  outboundBytes: whole,
  outboundFramesDiscarded: whole,
  bytesSent: olderName(whole),
});

/** Somebody who watches by HLS. */
export interface HlsSessionObject {
  readonly id: string;
  readonly created: string;
  readonly remoteAddr: string;
  readonly path: string;
  /** Credentials hidden. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  /** It has shown the secret of a CDN. */
  readonly isCDN: boolean;
  readonly outboundBytes: number;
}

/** See {@link HlsSessionObject}. */
export const hlsSessionSchema: Schema = objectSchema<HlsSessionObject>("HLSSession", {
  id: { type: "string", format: "uuid" },
  created: moment,
  remoteAddr: text,
  path: text,
  query: text,
  user: text,
  userAgent: text,
  isCDN: truth,
  outboundBytes: whole,
});

/** What is shown of a muxer. */
export interface HlsMuxerView {
  readonly path: string;
  readonly created: Date;
  readonly lastRequest: Date;
  readonly bytesSent: number;
}

/** What is shown of a session. */
export interface HlsSessionView {
  readonly peer: Peer;
  readonly created: Date;
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  readonly isCdn: boolean;
  readonly bytesSent: number;
}

/** A muxer as the control API shows it. */
export const hlsMuxerObject = ({ path, created, lastRequest, bytesSent }: HlsMuxerView): HlsMuxerObject => ({
  path,
  created: formatRfc3339(created),
  lastRequest: formatRfc3339(lastRequest),
  outboundBytes: bytesSent,
  outboundFramesDiscarded: 0,
  bytesSent,
});

/** A session as the control API shows it. */
export const hlsSessionObject = (view: HlsSessionView): HlsSessionObject => ({
  id: view.peer.id,
  created: formatRfc3339(view.created),
  remoteAddr: view.peer.remote,
  path: view.path,
  query: hideSecretsOfQuery(view.query),
  user: view.user,
  userAgent: view.userAgent,
  isCDN: view.isCdn,
  outboundBytes: view.bytesSent,
});
