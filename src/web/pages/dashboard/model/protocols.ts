import type { Ports } from "./objects.ts";

/** Kinds of peers as people know them. A kind that is not here is shown as it is. */
const names: Readonly<Record<string, string>> = {
  rtmpConn: "RTMP",
  rtmpsConn: "RTMPS",
  rtspSession: "RTSP",
  rtspsSession: "RTSPS",
  hlsSession: "HLS",
  flvConn: "FLV",
  rtmpSource: "RTMP source",
  rtspSource: "RTSP source",
};

/** The protocol of a peer, by the type that the API gives it. */
export const protocolOf = (type: string): string => {
  const known = names[type];
  if (known !== undefined) return known;
  const word = type.replace(/(?:Conn|Session|Muxer)$/, "");
  return /^[a-z]+$/.test(word) ? word.toUpperCase() : word;
};

/** A kind of connections of the API: the name of its list, and the type that paths give its members. */
export interface ConnectionKind {
  readonly list: string;
  readonly type: string;
  /** The list is there while this port is. */
  readonly port: keyof Ports;
}

/** All that can be listed and kicked. A server has those that are switched on. */
export const connectionKinds: readonly ConnectionKind[] = [
  { list: "rtmpconns", type: "rtmpConn", port: "rtmp" },
  { list: "rtmpsconns", type: "rtmpsConn", port: "rtmps" },
  { list: "rtspsessions", type: "rtspSession", port: "rtsp" },
  { list: "rtspssessions", type: "rtspsSession", port: "rtsps" },
  { list: "hlssessions", type: "hlsSession", port: "hls" },
  { list: "flvconns", type: "flvConn", port: "hls" },
];

/** The list in which a peer of this type is found; undefined for what is in none. */
export const listOf = (type: string): string | undefined =>
  connectionKinds.find((kind) => kind.type === type)?.list;
