import { decodeUtf8, encodeUtf8 } from "../../base/bytes.ts";
import { ConfigError } from "../../base/errors.ts";
import type { Environment } from "../../config/variables.ts";

/** What happened to a stream. */
export const noticeKinds = ["ready", "not-ready"] as const;
/** One of them. */
export type NoticeKind = (typeof noticeKinds)[number];

/** What an orchestrator is told of a stream, by its names. */
export interface Notice {
  readonly path: string;
  /** As the publisher wrote it. */
  readonly query: string;
  readonly sourceType: string;
  readonly sourceId: string;
}

/**
 * Reads what MediaMTX and this server tell a command in its environment.
 * @throws ConfigError where there is no `MTX_PATH`
 */
export const noticeOf = (environment: Environment): Notice => {
  const { MTX_PATH: path = "", MTX_QUERY: query = "", MTX_SOURCE_TYPE, MTX_SOURCE_ID } = environment;
  if (path === "")
    throw new ConfigError(
      "MTX_PATH is not set: MediaMTX or rtmp-server run this, as runOnReady and runOnNotReady",
    );
  return {
    path,
    query: queryOf(query),
    sourceType: MTX_SOURCE_TYPE ?? "",
    sourceId: MTX_SOURCE_ID ?? "",
  };
};

/** Servers encode a query once more as a whole. One with a bare `=` or `&` was not: older versions hand it on as it is. */
const queryOf = (text: string): string => (/[=&]/.test(text) ? text : decodedForm(text));

/** Undoes percent-encoding; what is none stays as it is. */
const decodedForm = (text: string): string => {
  const bytes = encodeUtf8(text.replaceAll("+", " "));
  const decoded: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const [byte = 0, ...digits] = bytes.subarray(at, at + 3);
    const hex = String.fromCharCode(...digits);
    const isEncoded = byte === percent && /^[\da-f]{2}$/i.test(hex);
    decoded.push(isEncoded ? Number.parseInt(hex, 16) : byte);
    if (isEncoded) at += 2;
  }
  return decodeUtf8(Uint8Array.from(decoded));
};

const percent = 0x25;
