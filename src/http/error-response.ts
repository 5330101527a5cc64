import {
  ConfigError,
  messageOf,
  RefusedError,
  type RefusedErrorCode,
  TransportError,
  type TransportErrorCode,
} from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { json } from "./resource.ts";

const refusedStatus: Readonly<Record<RefusedErrorCode, number>> = {
  ALREADY_PUBLISHING: 409,
  STREAM_NOT_FOUND: 404,
  BAD_STREAM_NAME: 400,
  BAD_APP: 400,
  TOO_MANY_STREAMS: 429,
  TOO_MANY_READERS: 429,
  TOO_MANY_CONNECTIONS: 429,
  PATH_NOT_CONFIGURED: 404,
  NOT_FOR_PUBLISHERS: 409,
  ACCESS_DENIED: 401,
  ACCESS_UNAVAILABLE: 401,
  SEGMENT_NOT_FOUND: 404,
  SEGMENT_BUSY: 409,
  BAD_TIME: 400,
  NO_PICTURE: 404,
  NO_FFMPEG: 501,
  SHUTTING_DOWN: 503,
};

/** An answer that says what is wrong: `{"status":"error","error":"…"}`. */
export const errorResponse = (status: number, error: string): Response =>
  json({ status: "error", error }, status);

/** The answer of our policy. */
export const responseOf = ({ code, message }: RefusedError): Response =>
  errorResponse(refusedStatus[code], message);

/** The answer under a path, or to a method, that nothing is served for. */
export const notFound = (): Response =>
  new Response("404 page not found", {
    status: 404,
    headers: { "Content-Type": "text/plain", "X-Content-Type-Options": "nosniff" },
  });

/** Whether what was to be changed is not there: errors of changes say so by their code. */
const isAboutNothing = (error: ConfigError): boolean => "code" in error && error.code === "NOT_FOUND";

const transportStatus: Readonly<Partial<Record<TransportErrorCode, number>>> = {
  // An address that cannot be had was asked for: it is not another server's fault.
  LISTEN: 400,
  TIMEOUT: 504,
  OVERFLOW: 503,
};

/**
 * The answer to a request whose handler threw. What is wrong with the request or the world is told; a defect of ours is told to the
 * log alone, for its message may hold anything.
 */
export const responseTo = (error: unknown, { log, path }: { log: Logger; path: string }): Response => {
  if (error instanceof RefusedError) return responseOf(error);
  if (error instanceof ConfigError) return errorResponse(isAboutNothing(error) ? 404 : 400, error.message);
  if (error instanceof TransportError)
    return errorResponse(transportStatus[error.code] ?? 502, error.message);
  const stack = error instanceof Error ? error.stack : undefined;
  log.error("request failed, this is a defect of the server", { path, error: messageOf(error), stack });
  return errorResponse(500, "internal error");
};
