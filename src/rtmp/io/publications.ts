import type { EndReason, Peer } from "../../stream/event.ts";
import type { Publication } from "../../stream/publication.ts";
import type { Registry } from "../../stream/registry.ts";
import type { Message } from "../message.ts";
import type { StreamName } from "../stream-name.ts";
import { takeMedia } from "./media-intake.ts";

/** What the publications of a connection need of it. */
export interface PublicationsHost {
  readonly peer: Peer;
  readonly registry: Registry;
  /** The stream on this message stream was taken away. */
  readonly evicted: (streamId: number, reason: EndReason) => void;
}

/** What one connection publishes, by message stream. */
export class Publications {
  readonly #host: PublicationsHost;
  readonly #byStream = new Map<number, Publication>();
  /** The publication of the last media message: nearly always the only one. */
  #last: Publication | undefined;
  #lastStream = -1;

  constructor(host: PublicationsHost) {
    this.#host = host;
  }

  /** How many there are. */
  get size(): number {
    return this.#byStream.size;
  }

  /** All there are. */
  get all(): Iterable<Publication> {
    return this.#byStream.values();
  }

  /** The message streams that are used. */
  get streamIds(): readonly number[] {
    return [...this.#byStream.keys()];
  }

  /**
   * Begins a publish. It is not among these until {@link keep}, for taking the name from another publish of the same connection ends that
   * connection.
   * @throws RefusedError see `Registry.publish`
   */
  begin(streamId: number, name: StreamName, publishType: string): Publication {
    return this.#host.registry.publish(name.path, {
      peer: this.#host.peer,
      publishType,
      query: name.query,
      evicted: (reason) => {
        this.#forget(streamId);
        this.#host.evicted(streamId, reason);
      },
    });
  }

  /** Takes the media of this message stream for this publication from now on. */
  keep(streamId: number, publication: Publication): void {
    this.#byStream.set(streamId, publication);
    this.#lastStream = -1;
  }

  /** Takes a message of audio, video or data. */
  take(message: Message): void {
    if (message.streamId !== this.#lastStream) {
      this.#last = this.#byStream.get(message.streamId);
      this.#lastStream = message.streamId;
    }
    if (this.#last) takeMedia(this.#last, message);
  }

  /** Ends the turn: what was taken goes out. */
  flush(): void {
    for (const publication of this.#byStream.values()) publication.flush();
  }

  /** Ends the publish on a message stream, if there is one. */
  stop(streamId: number, reason: EndReason): void {
    const publication = this.#byStream.get(streamId);
    this.#forget(streamId);
    publication?.end(reason);
  }

  #forget(streamId: number): void {
    this.#byStream.delete(streamId);
    this.#lastStream = -1;
  }
}
