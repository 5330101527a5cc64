import { RefusedError } from "../base/errors.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { DeliveryDelay } from "./delivery-delay.ts";
import type { EventHub } from "./event.ts";
import type { Publication, PublishRequest } from "./publication.ts";
import { type Output, Stream } from "./stream.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { Reader } from "./subscriber.ts";

/** What the configuration says of streams. */
export interface StreamRules {
  /** What holds for a stream. @throws RefusedError PATH_NOT_CONFIGURED where it may not exist */
  readonly optionsOf: (path: StreamPath) => StreamOptions;
  /** More publishes at once than these are refused; 0 for any number. */
  readonly maxPublishers: number;
}

/** A reader is sent on this often at most: two paths may name each other. */
const maxRedirects = 8;

/** Every stream by its path. A stream exists while it is published, watched or waited for. */
export class Registry {
  readonly #streams = new Map<StreamPath, Stream>();
  #rules: StreamRules;
  readonly #clock: Clock;
  readonly #events: EventHub;
  readonly #outputs: Output[] = [];
  readonly #delay: DeliveryDelay | undefined;
  #isClosed = false;
  #refusedPublishers = 0;

  /** With `delay` it is noted how long packets take to the readers of all streams. */
  constructor(parts: { rules: StreamRules; clock: Clock; events: EventHub; delay?: DeliveryDelay }) {
    this.#rules = parts.rules;
    this.#clock = parts.clock;
    this.#events = parts.events;
    this.#delay = parts.delay;
  }

  /** All streams there are. */
  get streams(): Iterable<Stream> {
    return this.#streams.values();
  }

  /** Publishers that were one too many since the start. */
  get refusedPublishers(): number {
    return this.#refusedPublishers;
  }

  /** From now on every publish is offered to `output`. */
  attach(output: Output): void {
    this.#outputs.push(output);
  }

  /** The stream of this path, if it exists. */
  find(path: StreamPath): Stream | undefined {
    return this.#streams.get(path);
  }

  /** Other rules hold from now on. Streams that may no longer exist end; all others go on. */
  configure(rules: StreamRules): void {
    this.#rules = rules;
    for (const stream of [...this.#streams.values()]) {
      const options = this.#optionsOf(stream.path);
      if (options) stream.configure(options);
      else stream.expel();
    }
  }

  /**
   * Starts a publish.
   * @throws RefusedError ALREADY_PUBLISHING, NOT_FOR_PUBLISHERS, PATH_NOT_CONFIGURED, TOO_MANY_STREAMS, SHUTTING_DOWN
   */
  publish(path: StreamPath, request: PublishRequest): Publication {
    this.#checkPublishers(path);
    const stream = this.#open(path);
    try {
      return stream.publish(request);
    } finally {
      stream.closeIfEmpty();
    }
  }

  /**
   * Adds a player to a stream, which need not exist yet. Gives the stream, to unsubscribe from: another one where the configuration
   * sends readers elsewhere.
   * @throws RefusedError PATH_NOT_CONFIGURED, TOO_MANY_READERS, SHUTTING_DOWN
   */
  subscribe(path: StreamPath, player: Reader): Stream {
    const stream = this.#open(this.#destinationOf(path));
    try {
      stream.subscribe(player);
    } finally {
      stream.closeIfEmpty();
    }
    return stream;
  }

  #destinationOf(path: StreamPath): StreamPath {
    let current = path;
    for (let count = 0; count < maxRedirects; count++) {
      const { redirectTo, fallbackTo } = this.#rules.optionsOf(current);
      const next = redirectTo ?? (this.#streams.get(current)?.publication ? undefined : fallbackTo);
      if (next === undefined) return current;
      current = next;
    }
    throw new RefusedError("STREAM_NOT_FOUND", `stream ${path} leads from one path to the next without end`);
  }

  #checkPublishers(path: StreamPath): void {
    const { maxPublishers } = this.#rules;
    // Who takes a stream over is not one more.
    if (maxPublishers === 0 || this.#streams.get(path)?.publication) return;
    let count = 0;
    for (const { publication } of this.#streams.values()) if (publication) count++;
    if (count < maxPublishers) return;
    this.#refusedPublishers++;
    throw new RefusedError("TOO_MANY_STREAMS", `${count} streams are published already, expected fewer`);
  }

  #optionsOf(path: StreamPath): StreamOptions | undefined {
    try {
      return this.#rules.optionsOf(path);
    } catch (error) {
      if (error instanceof RefusedError) return undefined;
      throw error;
    }
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
      options: this.#rules.optionsOf(path),
      clock: this.#clock,
      events: this.#events,
      outputs: this.#outputs,
      delay: this.#delay,
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
