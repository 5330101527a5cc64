import { RefusedError } from "../base/errors.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { EventHub } from "./event.ts";
import type { Publication, PublishRequest } from "./publication.ts";
import { type Output, Stream, type StreamOptions } from "./stream.ts";
import type { Subscriber } from "./subscriber.ts";

/** Every stream by its path. A stream exists while it is published, watched or waited for. */
export class Registry {
  readonly #streams = new Map<StreamPath, Stream>();
  readonly #options: StreamOptions;
  readonly #clock: Clock;
  readonly #events: EventHub;
  readonly #outputs: Output[] = [];
  #isClosed = false;

  constructor(parts: { options: StreamOptions; clock: Clock; events: EventHub }) {
    this.#options = parts.options;
    this.#clock = parts.clock;
    this.#events = parts.events;
  }

  /** All streams there are. */
  get streams(): Iterable<Stream> {
    return this.#streams.values();
  }

  /** From now on every publish is offered to `output`. */
  attach(output: Output): void {
    this.#outputs.push(output);
  }

  /** The stream of this path, if it exists. */
  find(path: StreamPath): Stream | undefined {
    return this.#streams.get(path);
  }

  /**
   * Starts a publish.
   * @throws RefusedError ALREADY_PUBLISHING, SHUTTING_DOWN
   */
  publish(path: StreamPath, request: PublishRequest): Publication {
    return this.#open(path).publish(request);
  }

  /**
   * Adds a player to a stream, which need not exist yet. Gives the stream, to unsubscribe from.
   * @throws RefusedError SHUTTING_DOWN
   */
  subscribe(path: StreamPath, player: Subscriber): Stream {
    const stream = this.#open(path);
    stream.subscribe(player);
    return stream;
  }

  /** Lets every stream look for flows that have stopped. */
  tick(): void {
    const now = this.#clock.now();
    for (const stream of this.#streams.values()) stream.tick(now);
  }

  /** Ends every stream and lets none begin. */
  shutdown(): void {
    this.#isClosed = true;
    for (const stream of [...this.#streams.values()]) stream.shutdown();
  }

  #open(path: StreamPath): Stream {
    if (this.#isClosed) throw new RefusedError("SHUTTING_DOWN", "the server is shutting down");
    const known = this.#streams.get(path);
    if (known) return known;
    const stream = new Stream(path, {
      options: this.#options,
      clock: this.#clock,
      events: this.#events,
      outputs: this.#outputs,
      emptied: (of) => this.#close(of),
    });
    this.#streams.set(path, stream);
    this.#events.emit({ kind: "streamCreated", path });
    return stream;
  }

  #close(stream: Stream): void {
    if (this.#streams.get(stream.path) !== stream) return;
    this.#streams.delete(stream.path);
    this.#events.emit({
      kind: "streamDeleted",
      path: stream.path,
      lifetimeMs: this.#clock.now() - stream.createdAt,
    });
  }
}
