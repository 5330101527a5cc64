import { RefusedError } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { EndReason, EventHub, Peer } from "../../stream/event.ts";
import { Feed } from "../../stream/feed.ts";
import type { QueueLimits } from "../../stream/packet-queue.ts";
import type { Registry } from "../../stream/registry.ts";
import type { Stream } from "../../stream/stream.ts";
import { mediaForm } from "../media-form.ts";
import type { ServerConnection } from "../server-connection.ts";
import type { StreamName } from "../stream-name.ts";
import { Player, type PlayerSession } from "./player.ts";
import type { SessionOutput } from "./session-output.ts";

/** What the plays of a connection need of it. */
export interface PlaysHost {
  readonly peer: Peer;
  readonly connection: ServerConnection;
  readonly output: SessionOutput;
  readonly registry: Registry;
  readonly events: EventHub;
  readonly clock: Clock;
  /** The first media is about to leave. */
  readonly started: () => void;
  /** A play has ended, or was refused with `error`; the client was told. */
  readonly ended: (end: { name: StreamName; reason: EndReason; error?: RefusedError }) => void;
  /** A fault of ours, in delivering. */
  readonly failed: (error: unknown) => void;
}

/** A play, the stream it is subscribed to once that is known, and since when. */
interface PlayerEntry {
  readonly player: Player;
  stream: Stream | undefined;
  readonly since: number;
}

/** What one connection plays, by message stream. */
export class Plays implements PlayerSession {
  readonly #host: PlaysHost;
  readonly #byStream = new Map<number, PlayerEntry>();
  /** Frames that plays lost which are over. */
  #discarded = 0;

  constructor(host: PlaysHost) {
    this.#host = host;
  }

  /** How many there are, waiting ones included. */
  get size(): number {
    return this.#byStream.size;
  }

  /** The message streams that are used. */
  get streamIds(): readonly number[] {
    return [...this.#byStream.keys()];
  }

  /** Whether any of them has begun. */
  get hasStarted(): boolean {
    for (const { player } of this.#byStream.values()) if (player.isStarted) return true;
    return false;
  }

  /** Frames that were dropped because the client was too slow. */
  get discarded(): number {
    let sum = this.#discarded;
    for (const { player } of this.#byStream.values()) sum += player.feed.dropped;
    return sum;
  }

  /** The player on a message stream. */
  get(streamId: number): Player | undefined {
    return this.#byStream.get(streamId)?.player;
  }

  /**
   * Subscribes to a stream, which may start the player at once.
   * @throws RefusedError see `Registry.subscribe`
   */
  begin(streamId: number, name: StreamName, limits: QueueLimits): void {
    const { connection, output, registry, peer, clock } = this.#host;
    const form = mediaForm({ chunkSize: connection.chunkSize, streamId, toward: "player" });
    const feed = new Feed({ form, outbox: output.outbox, limits });
    const player = new Player({ streamId, name, feed, session: this, peer });
    // The stream may start the player at once, so it has to be known by then.
    const entry: PlayerEntry = { player, stream: undefined, since: clock.now() };
    this.#byStream.set(streamId, entry);
    try {
      entry.stream = registry.subscribe(name.path, player);
    } catch (error) {
      this.#byStream.delete(streamId);
      throw error;
    }
  }

  /** The socket has room again. */
  drained(): void {
    for (const { player } of this.#byStream.values()) player.drained();
  }

  /** Ends the play on a message stream, if there is one. */
  stop(streamId: number, reason: EndReason): void {
    const entry = this.#byStream.get(streamId);
    if (!entry) return;
    entry.stream?.unsubscribe(entry.player);
    this.#stopped(entry.player, reason);
  }

  // ---- the players' calls --------------------------------------------------------------------------------------

  playStarted({ streamId, name }: Player): void {
    const { connection, output, events, peer } = this.#host;
    connection.acceptPlay(streamId, name);
    // What was to be held back goes first: media follows at once, and its place is behind the replies.
    output.send({ isUrgent: true });
    this.#host.started();
    events.emit({ kind: "playStarted", path: name.path, peer, query: name.query });
  }

  playEnded(player: Player, reason: EndReason): void {
    const { connection } = this.#host;
    const { streamId, name } = player;
    if (reason === "refused") {
      this.#byStream.delete(streamId);
      const error = new RefusedError("STREAM_NOT_FOUND", `stream ${name.path} was not published in time`);
      connection.refuse(streamId, "NetStream.Play.StreamNotFound", error.message);
      this.#host.ended({ name, reason, error });
      return;
    }
    if (player.isStarted) connection.endPlay(streamId, `${name.path} is no longer published`);
    else connection.refuse(streamId, "NetStream.Play.Failed", "the server is shutting down");
    this.#stopped(player, reason);
    this.#host.ended({ name, reason });
  }

  playFailed(error: unknown): void {
    this.#host.failed(error);
  }

  #stopped(player: Player, reason: EndReason): void {
    const entry = this.#byStream.get(player.streamId);
    if (!entry) return;
    this.#byStream.delete(player.streamId);
    this.#discarded += player.feed.dropped;
    if (!player.isStarted) return;
    const { clock, events, output, peer } = this.#host;
    events.emit({
      kind: "playStopped",
      path: player.name.path,
      peer,
      reason,
      durationMs: clock.now() - entry.since,
      bytesSent: output.outbox.bytesSent,
      droppedFrames: player.feed.dropped,
    });
  }
}
