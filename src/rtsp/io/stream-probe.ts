import { RefusedError } from "../../base/errors.ts";
import type { StreamPath } from "../../base/stream-path.ts";
import type { Cancel, Clock } from "../../base/time.ts";
import type { Codec } from "../../media/codec.ts";
import type { Packet } from "../../media/packet.ts";
import type { Batch } from "../../stream/batch.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import type { Registry } from "../../stream/registry.ts";
import type { Stream } from "../../stream/stream.ts";
import type { Reader } from "../../stream/subscriber.ts";

/** A stream that is there, with the configuration of its tracks, or what stands for it. */
export interface KnownStream {
  readonly stream: Stream;
  readonly configs: readonly Packet[];
}

/** A stream that is published but has not shown its tracks by then has none, in milliseconds. */
const tracksTimeoutMs = 10_000;

/** Codecs without configuration: a frame has to stand for it. */
const describeThemselves = new Set<Codec | undefined>(["AC3", "EAC3"]);

/** What can be said at once of a stream of this name; undefined where it takes a {@link StreamProbe}. */
export const knownAtOnce = (registry: Registry, path: StreamPath): KnownStream | undefined => {
  const stream = registry.find(path);
  if (!stream?.publication || stream.availableSince === undefined) return undefined;
  // Readers are sent elsewhere.
  if (stream.options.redirectTo !== undefined) return undefined;
  if (stream.tracks.some(({ codec }) => describeThemselves.has(codec))) return undefined;
  return { stream, configs: configsOf(stream) };
};

const configsOf = (stream: Stream): Packet[] => stream.headers.filter(({ role }) => role === "config");

/**
 * Finds out what a stream consists of, for somebody who has to know before it reads: waits for the stream as a reader does, so that one
 * that is fetched on demand is fetched, and for its tracks.
 */
export class StreamProbe implements Reader {
  readonly peer: Peer;
  readonly query: string;
  readonly #path: StreamPath;
  readonly #found: (known: KnownStream) => void;
  readonly #failed: (error: unknown) => void;
  readonly #clock: Clock;
  /** A frame of each codec that has no configuration. */
  readonly #frames = new Map<Codec, Packet>();
  #stream: Stream | undefined;
  #cancelTimeout: Cancel | undefined;
  #isOver = false;

  /** One of `found` and `failed` is called, once, perhaps before this returns. */
  constructor(options: {
    path: StreamPath;
    peer: Peer;
    query: string;
    registry: Registry;
    clock: Clock;
    found: (known: KnownStream) => void;
    failed: (error: unknown) => void;
  }) {
    this.#path = options.path;
    this.peer = options.peer;
    this.query = options.query;
    this.#found = options.found;
    this.#failed = options.failed;
    this.#clock = options.clock;
    try {
      const stream = options.registry.subscribe(options.path, this);
      if (this.#isOver) return;
      this.#stream = stream;
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#look();
  }

  /** Whether it is found out, or given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  start(): void {
    this.#cancelTimeout ??= this.#clock.after(tracksTimeoutMs, () => this.#giveUp("shows no tracks"));
  }

  deliver(batch: Batch): void {
    for (const packet of batch.packets) {
      const { codec, role } = packet;
      if (codec && role === "frame" && describeThemselves.has(codec)) this.#frames.set(codec, packet);
    }
    this.#look();
  }

  interrupt(): void {
    this.#frames.clear();
  }

  end(reason: EndReason): void {
    this.#giveUp(reason === "refused" ? "was not published in time" : "is no longer published");
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.close();
    this.#failed(error);
  }

  /** Whoever wanted to know is gone. */
  close(): void {
    this.#isOver = true;
    this.#cancelTimeout?.();
    this.#stream?.unsubscribe(this);
  }

  #look(): void {
    const stream = this.#stream;
    if (this.#isOver || stream?.availableSince === undefined) return;
    const frames = stream.tracks.map(({ codec }) => codec).filter((codec) => describeThemselves.has(codec));
    if (frames.some((codec) => !this.#frames.has(codec))) return;
    this.close();
    this.#found({ stream, configs: [...configsOf(stream), ...this.#frames.values()] });
  }

  #giveUp(what: string): void {
    this.fail(new RefusedError("STREAM_NOT_FOUND", `stream ${this.#path} ${what}`));
  }
}
