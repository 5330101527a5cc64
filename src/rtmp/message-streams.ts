import { WireError } from "../base/errors.ts";
import { maxMessageStreams } from "./limits.ts";

/** What a message stream is being used for; `deciding` while a publish or play waits for its answer. */
export type StreamUse = "idle" | "deciding" | "publishing" | "playing";

/** The message streams of one connection, by the ids that createStream gave. RTMP 1.0 section 7.2.1.3. */
export class MessageStreams {
  readonly #uses = new Map<number, StreamUse>();

  /** A new stream's id; undefined when there are too many. */
  create(): number | undefined {
    let id = 1;
    while (this.#uses.has(id)) id++;
    if (id > maxMessageStreams) return undefined;
    this.#uses.set(id, "idle");
    return id;
  }

  delete(id: number): void {
    this.#uses.delete(id);
  }

  has(id: number): boolean {
    return this.#uses.has(id);
  }

  /** What a stream does; undefined for an id that was never given. */
  use(id: number): StreamUse | undefined {
    return this.#uses.get(id);
  }

  /** Changes what a stream does. */
  put(id: number, use: StreamUse): void {
    this.#uses.set(id, use);
  }

  /** True while any stream is more than idle. */
  get isAnyUsed(): boolean {
    for (const use of this.#uses.values()) if (use !== "idle") return true;
    return false;
  }

  /** The only stream of this use; undefined where there is none, or more than one. */
  only(wanted: StreamUse): number | undefined {
    let found: number | undefined;
    for (const [id, use] of this.#uses) {
      if (use !== wanted) continue;
      if (found !== undefined) return undefined;
      found = id;
    }
    return found;
  }

  /**
   * Marks a stream as waiting for the answer to a publish or play.
   * @throws WireError COMMAND_ORDER for a stream that does not exist or does something else
   */
  claim(id: number, action: "publish" | "play"): void {
    const use = this.#uses.get(id);
    if (use === undefined) {
      throw new WireError(
        "COMMAND_ORDER",
        `${action} on message stream ${id}, expected one that createStream gave`,
      );
    }
    if (use !== "idle") {
      throw new WireError(
        "COMMAND_ORDER",
        `${action} on message stream ${id}, which is ${use}, expected an idle one`,
      );
    }
    this.#uses.set(id, "deciding");
  }
}
