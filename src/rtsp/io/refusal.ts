import { RefusedError, type RefusedErrorCode } from "../../base/errors.ts";

/** A request that cannot be done as it was made: the client hears the status, and may ask for something else. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** RFC 2326 7.1.1. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The status by which a client hears of what our policy refuses; 400 where there is no better one. */
const statuses: Readonly<Partial<Record<RefusedErrorCode, number>>> = {
  STREAM_NOT_FOUND: 404,
  PATH_NOT_CONFIGURED: 404,
  NOT_FOR_PUBLISHERS: 403,
  ALREADY_PUBLISHING: 403,
  ACCESS_DENIED: 401,
  ACCESS_UNAVAILABLE: 503,
  TOO_MANY_STREAMS: 453,
  TOO_MANY_READERS: 453,
  TOO_MANY_CONNECTIONS: 503,
  SHUTTING_DOWN: 503,
};

/** The status of what a request ran into; undefined where that is no answer to a request, but a fault. */
export const statusOf = (error: unknown): number | undefined => {
  if (error instanceof Refusal) return error.status;
  if (error instanceof RefusedError) return statuses[error.code] ?? 400;
  return undefined;
};
