import { encodeUtf8 } from "../base/bytes.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { errorResponse } from "./error-response.ts";
import { EventReader } from "./event-reader.ts";
import type { Handler, Resource } from "./resource.ts";

/** Calls `listener` with each event, as one line of JSON without its end, until the returned function is called. */
export type ListenToEvents = (listener: (line: string) => void) => () => void;

/** What {@link eventsResource} needs. */
export interface EventsOptions {
  /** Undefined where no events are made. */
  readonly listen: ListenToEvents | undefined;
  readonly clock: Clock;
}

const maxReaders = 32;

/**
 * How long a reader hears nothing at most, in milliseconds. Measured on Bun 1.4.5: every byte that the other end takes begins the idle
 * timeout of `Bun.serve` anew, so that a reader is cut off only once it has taken nothing for all of it.
 */
const heartbeatMs = 15_000;

const lineEnd = encodeUtf8("\n");

/**
 * `/hooks/events`: every event as it happens, a line of JSON each (NDJSON), for as long as the reader stays. An empty line says that all
 * is well. A reader that does not keep up loses events, and is told how many.
 */
export const eventsResource = ({ listen, clock }: EventsOptions): Resource => {
  const readers = listen && new Readers(listen, clock);
  const headers = { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" };
  const handle: Handler = ({ method }) => {
    if (!readers) return errorResponse(404, "this server has no hooks, and so no events");
    if (method === "HEAD") return new Response(null, { headers });
    if (readers.count >= maxReaders)
      return errorResponse(503, `${maxReaders} readers of events already, expected fewer`);
    return new Response(readers.open(), { headers });
  };
  return { path: "/hooks/events", methods: { GET: handle, HEAD: handle } };
};

/** Everybody who reads. Where there is nobody, nothing is listened to. */
class Readers {
  readonly #listen: ListenToEvents;
  readonly #clock: Clock;
  readonly #readers = new Set<EventReader>();
  #stop: Cancel | undefined;

  constructor(listen: ListenToEvents, clock: Clock) {
    this.#listen = listen;
    this.#clock = clock;
  }

  get count(): number {
    return this.#readers.size;
  }

  /** What a new reader is sent. It leaves by cancelling. */
  open(): ReadableStream<Uint8Array> {
    const reader = new EventReader();
    // Sends the headers, too: without a byte of the body Bun keeps them back.
    reader.offer(lineEnd);
    this.#readers.add(reader);
    this.#stop ??= this.#start();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => controller.enqueue(await reader.take()),
        cancel: () => this.#leave(reader),
      },
      // Nothing is taken ahead: what waits, waits where it is counted.
      { highWaterMark: 0 },
    );
  }

  #start(): Cancel {
    const stopListening = this.#listen((line) => this.#tell(encodeUtf8(`${line}\n`)));
    const stopBeating = this.#clock.every(heartbeatMs, () => this.#beat());
    return () => {
      stopListening();
      stopBeating();
    };
  }

  #tell(line: Uint8Array): void {
    for (const reader of this.#readers) reader.offer(line);
  }

  #beat(): void {
    for (const reader of this.#readers) if (reader.isIdle) reader.offer(lineEnd);
  }

  #leave(reader: EventReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}
