import type { IncomingMessage } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import type { Cancel, Clock } from "../base/time.ts";
import type { PinnedRequest } from "./pinned-agent.ts";

/** An answer, as far as it was read. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  /** The header `Retry-After`. */
  readonly retryAfter: string | undefined;
  /** The beginning of the body, in bytes as they came. */
  readonly head: Uint8Array;
  /** What broke the connection before the body was whole; undefined too where we cut it off. */
  readonly broken: Error | undefined;
}

/** One request over one connection. */
export interface ExchangeOptions {
  readonly request: https.RequestOptions & PinnedRequest;
  readonly isTls: boolean;
  readonly body: Uint8Array;
  /** How much of an answer is kept, in bytes. */
  readonly keptBytes: number;
  readonly clock: Clock;
  /** How long a connection may take, in milliseconds; undefined for as long as `signal` lets it. */
  readonly connectMs: number | undefined;
  readonly signal: AbortSignal;
}

/** How much of an answer is read, if not more of it is kept, before its connection is closed, in bytes. */
const readBytes = 65_536;

/** A request that got no answer. */
export class ExchangeError extends Error {
  override readonly name = "ExchangeError";
  /** Such as `ECONNREFUSED`; empty where there is none. */
  readonly code: string;
  /** There was no connection: nobody can have taken the request. */
  readonly isUnsent: boolean;
  /** It went over a connection that had been used before, which broke without an answer: it may have been dead all along. */
  readonly isStale: boolean;

  constructor(cause: Error, { isUnsent, isStale }: { isUnsent: boolean; isStale: boolean }) {
    super(cause.message, { cause });
    this.code = "code" in cause ? String(cause.code) : "";
    this.isUnsent = isUnsent;
    this.isStale = isStale;
  }
}

/** A connection that dies later than this after a request was given to it did not die before. */
const maxStaleMs = 1_000;

const isReset = (error: Error): boolean =>
  "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");

/**
 * Sends one request and reads its answer; a body that is long, or goes on when `signal` is aborted, is cut off.
 *
 * It is `node:http` and not `fetch`: Bun lets a process have 256 requests by `fetch` at once, over all threads, and further ones wait.
 * Beside 300 requests that nobody answered a quick one took more than 5 s by `fetch` and 3 ms this way (Bun 1.4.5); only the
 * environment the process is started with can change that. `fetch` also hides whether a connection was used before, which decides if
 * a request may be sent again at once, and trusts no certificate by its fingerprint. The price is CPU time: 42 µs for a request
 * on loopback instead of 14, half of the requests per second.
 *
 * @throws ExchangeError where there is no answer
 */
export const exchange = (options: ExchangeOptions): Promise<Answer> => {
  const { request, isTls, body, keptBytes, clock, connectMs, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new ExchangeError(new Error("aborted"), { isUnsent: true, isStale: false }));
      return;
    }
    const start = clock.now();
    const outgoing = (isTls ? https : http).request({
      ...request,
      abandoned: signal,
    } as https.RequestOptions);
    let bytesBefore = 0;
    let isConnected = false;
    let finish: (() => void) | undefined;
    const fail = (error: Error): void => {
      const isSilent = (outgoing.socket?.bytesRead ?? 0) === bytesBefore;
      const isQuick = clock.now() - start < maxStaleMs;
      end();
      const isStale = outgoing.reusedSocket && isReset(error) && isSilent && isQuick;
      reject(new ExchangeError(error, { isUnsent: !isConnected, isStale }));
      outgoing.destroy();
    };
    const abort = (): void => {
      if (finish) finish();
      else fail(new Error("aborted"));
    };
    const cancel: Cancel =
      connectMs === undefined ? () => undefined : clock.after(connectMs, () => fail(noConnection()));
    const connected = (): void => {
      isConnected = true;
      cancel();
    };
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", abort);
    };
    signal.addEventListener("abort", abort, { once: true });
    outgoing.on("error", (error) => {
      // Once there is an answer, what is left of the request matters no more.
      if (!finish) fail(error);
    });
    outgoing.once("socket", (socket) => {
      bytesBefore = outgoing.reusedSocket ? socket.bytesRead : 0;
      if (outgoing.reusedSocket || !socket.connecting) connected();
      else socket.once("connect", connected);
    });
    outgoing.once("response", (incoming) => {
      connected();
      finish = readAnswer(incoming, keptBytes, (answer) => {
        end();
        resolve(answer);
      });
      if (signal.aborted) finish();
    });
    outgoing.end(body);
  });
};

/** Reads an answer and tells it once. What is returned cuts it off where it is. */
const readAnswer = (
  incoming: IncomingMessage,
  keptBytes: number,
  tell: (answer: Answer) => void,
): (() => void) => {
  const maxBytes = Math.max(readBytes, keptBytes);
  const kept: Uint8Array[] = [];
  let length = 0;
  let isTold = false;
  const finish = (broken?: Error): void => {
    if (isTold) return;
    isTold = true;
    tell({
      status: incoming.statusCode ?? 0,
      statusText: incoming.statusMessage ?? "",
      retryAfter: incoming.headers["retry-after"],
      head: Buffer.concat(kept),
      broken,
    });
    // A connection in the middle of an answer is of no more use.
    if (!incoming.complete) incoming.destroy();
  };
  incoming.on("data", (bytes: Buffer) => {
    if (length < keptBytes) kept.push(new Uint8Array(bytes.subarray(0, keptBytes - length)));
    length += bytes.length;
    if (length >= maxBytes) finish();
  });
  incoming.once("end", () => finish(incoming.complete ? undefined : hungUp()));
  incoming.once("error", finish);
  incoming.once("close", () => finish(hungUp()));
  return () => finish();
};

const noConnection = (): Error => Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" });

const hungUp = (): Error => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
