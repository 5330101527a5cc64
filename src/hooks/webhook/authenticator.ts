import type { Header } from "./header.ts";

/** What is proven. */
export interface SignedRequest {
  /** Of the event: the same at every attempt. */
  readonly id: string;
  /** Exactly what is sent. Borrowed. */
  readonly body: Uint8Array;
}

/** Proves to a receiver where a request comes from. */
export interface Authenticator {
  /** The headers for one request, made anew each time. @throws Error where there are none: then nothing is sent. */
  headersFor(request: SignedRequest, signal: AbortSignal): Promise<readonly Header[]>;
  /**
   * Hears that the receiver answered 401 to these headers; the next ones are others. An authenticator without it has nothing else to
   * offer, so that it is of no use to ask again.
   */
  refused?(headers: readonly Header[]): void;
}
