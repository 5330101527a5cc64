import { encodeUtf8, type Payload } from "../base/bytes.ts";
import type { HeaderField, RtspHeaders } from "./headers.ts";

// Request:      METHOD SP url SP RTSP/1.0 CRLF  *(name: value CRLF)  CRLF  body
// Answer:       RTSP/1.0 SP status SP reason CRLF  *(name: value CRLF)  CRLF  body
// Interleaved:  "$" channel u8 · length u16 · RTP or RTCP packet

/** A request. RFC 2326 6. */
export type RtspRequest = {
  readonly kind: "request";
  /** In capitals, such as `DESCRIBE`; possibly one that nobody knows. */
  readonly method: string;
  /** As sent: absolute, a path, or `*`. */
  readonly url: string;
  /** As sent, such as `RTSP/1.0`. */
  readonly version: string;
  readonly headers: RtspHeaders;
  readonly body: Payload;
};

/** An answer. RFC 2326 7. */
export type RtspResponse = {
  readonly kind: "response";
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: RtspHeaders;
  readonly body: Payload;
};

/** An RTP or RTCP packet between the messages. RFC 2326 10.12. */
export type InterleavedFrame = {
  readonly kind: "interleaved";
  /** 0 to 255. */
  readonly channel: number;
  readonly payload: Payload;
};

/** What comes over an RTSP connection. */
export type RtspUnit = RtspRequest | RtspResponse | InterleavedFrame;

/** The statuses that we send or handle, and their reasons. RFC 2326 7.1.1. */
export const statusReasons: Readonly<Record<number, string>> = {
  200: "OK",
  301: "Moved Permanently",
  302: "Found",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Time-out",
  413: "Request Entity Too Large",
  414: "Request-URI Too Large",
  415: "Unsupported Media Type",
  451: "Parameter Not Understood",
  453: "Not Enough Bandwidth",
  454: "Session Not Found",
  455: "Method Not Valid in This State",
  457: "Invalid Range",
  459: "Aggregate Operation Not Allowed",
  461: "Unsupported Transport",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "RTSP Version not supported",
  551: "Option not supported",
};

/** Bytes in front of an interleaved packet. */
export const interleavedPrefixSize = 4;

/** The first byte of an interleaved packet: `$`. */
export const interleavedMark = 0x24;

/** The longest packet that can be interleaved. */
export const maxInterleavedBytes = 0xffff;

const version = "RTSP/1.0";

/** A line break in a value would begin a header of the sender's choice. */
const oneLine = (text: string): string => text.replace(/[\r\n\0]+/g, " ");

const encode = (
  startLine: string,
  headers: readonly HeaderField[],
  body: Uint8Array | undefined,
): Uint8Array => {
  const lines = [startLine, ...headers.map(([name, value]) => `${name}: ${value}`)].map(oneLine);
  if (body && body.length > 0) lines.push(`Content-Length: ${body.length}`);
  const head = encodeUtf8(`${lines.join("\r\n")}\r\n\r\n`);
  if (!body || body.length === 0) return head;
  const bytes = Buffer.allocUnsafeSlow(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
};

/** An answer as bytes; Content-Length is added where there is a body, the reason where none is given. */
export const encodeResponse = (response: {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
}): Uint8Array => {
  const reason = response.reason ?? statusReasons[response.status] ?? "";
  return encode(`${version} ${response.status} ${reason}`, response.headers ?? [], response.body);
};

/** A request as bytes; Content-Length is added where there is a body. */
export const encodeRequest = (request: {
  readonly method: string;
  readonly url: string;
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
}): Uint8Array => {
  const url = request.url.replace(/[\s\0]/g, "%20");
  return encode(`${request.method} ${url} ${version}`, request.headers ?? [], request.body);
};

/** Writes the prefix of an interleaved packet of `length` bytes and gives the offset behind it. */
export const writeInterleavedPrefix = (
  target: Uint8Array,
  at: number,
  packet: { readonly channel: number; readonly length: number },
): number => {
  target[at] = interleavedMark;
  target[at + 1] = packet.channel;
  target[at + 2] = packet.length >>> 8;
  target[at + 3] = packet.length;
  return at + interleavedPrefixSize;
};

/** An RTP or RTCP packet with its prefix. @throws RangeError when it is longer than 65535 bytes */
export const encodeInterleaved = (channel: number, packet: Uint8Array): Uint8Array => {
  if (packet.length > maxInterleavedBytes) {
    throw new RangeError(`packet of ${packet.length} bytes, expected at most ${maxInterleavedBytes}`);
  }
  const bytes = Buffer.allocUnsafeSlow(interleavedPrefixSize + packet.length);
  bytes.set(packet, writeInterleavedPrefix(bytes, 0, { channel, length: packet.length }));
  return bytes;
};
