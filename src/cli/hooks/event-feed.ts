import * as v from "valibot";
import { TransportError } from "../../base/errors.ts";
import type { HostPort } from "../../base/host-port.ts";
import type { Clock } from "../../base/time.ts";
import { pause } from "./pause.ts";
import { getPage, strangerAt } from "./server-page.ts";

/** Where a server tells of events. */
const path = "/hooks/events";

/** A server that says nothing for so long is gone: it is bound to send an empty line every 15 s. In milliseconds. */
const silenceMs = 45_000;

/** Between two attempts to find a server that is gone, in milliseconds. */
const retryMs = 1_000;

/** No event is longer, in characters. */
const maxLineLength = 1024 * 1024;

/** What {@link followEvents} needs. */
export interface FeedOptions {
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** The server is gone, or there again. */
  readonly onChange: (state: "lost" | "found") => void;
}

/**
 * The events of a running server, one line of JSON each, until `signal` is aborted. A server that goes away is waited for.
 * @throws TransportError where none answers at the beginning, or what answers has no events
 */
export async function* followEvents(server: HostPort, options: FeedOptions): AsyncGenerator<string> {
  const { clock, signal, onChange } = options;
  let isFirst = true;
  while (!signal.aborted) {
    const connection = new Connection(clock, signal);
    try {
      const body = await connection.open(server);
      if (!isFirst) onChange("found");
      isFirst = false;
      yield* connection.lines(body);
    } catch (error) {
      if (signal.aborted) return;
      // A server that is there and has nothing to tell will not change its mind.
      const isRefused = error instanceof TransportError && error.code === "REJECTED";
      if (isFirst || isRefused) throw connection.isSilent ? silent() : error;
    } finally {
      connection.close();
    }
    if (connection.wasOpen && !signal.aborted) onChange("lost");
    await pause(retryMs, options);
  }
}

/** One connection to a server, which ends when it falls silent. */
class Connection {
  readonly #clock: Clock;
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  #cancelSilence: (() => void) | undefined;
  #wasOpen = false;
  #isSilent = false;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = AbortSignal.any([signal, this.#end.signal]);
  }

  get wasOpen(): boolean {
    return this.#wasOpen;
  }

  /** Whether it ended because nothing came. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  async open(server: HostPort): Promise<ReadableStream<Uint8Array>> {
    this.#hear();
    const response = await getPage(server, path, this.#signal);
    if (!response.ok || !response.body) throw await refusalOf(response, server);
    this.#wasOpen = true;
    return response.body;
  }

  /** Its lines that are not empty. */
  async *lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of body) {
      this.#hear();
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > maxLineLength) throw new TransportError("OVERFLOW", "an event that does not end");
      for (const line of lines) if (line !== "") yield line;
    }
  }

  close(): void {
    this.#cancelSilence?.();
    this.#end.abort();
  }

  #hear(): void {
    this.#cancelSilence?.();
    this.#cancelSilence = this.#clock.after(silenceMs, () => {
      this.#isSilent = true;
      this.#end.abort();
    });
  }
}

const silent = (): TransportError =>
  new TransportError("TIMEOUT", `the server gave no answer within ${silenceMs / 1_000} s`);

const refusalSchema = v.pipe(v.string(), v.parseJson(), v.object({ error: v.string() }));

/** What a server says that does not want to tell; one that does not know the page may be anybody. */
const refusalOf = async (response: Response, server: HostPort): Promise<TransportError> => {
  const refusal = v.safeParse(refusalSchema, await response.text());
  const isUnknownPage =
    response.status === 404 && !(refusal.success && refusal.output.error.includes("no hooks"));
  if (!refusal.success || isUnknownPage) return strangerAt(server, path);
  return new TransportError("REJECTED", refusal.output.error);
};
