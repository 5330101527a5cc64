import { RefusedError } from "../base/errors.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { Packet, type PacketFacts, type TimedBody } from "../media/packet.ts";
import type { Track } from "../media/track.ts";
import { Batch } from "./batch.ts";
import { type EndReason, type EventHub, mayComeBack } from "./event.ts";
import { FlowMeter, type FlowMeters } from "./flow-meter.ts";
import { type FlowChange, FlowWatch } from "./flow-watch.ts";
import { GopCache } from "./gop-cache.ts";
import { StreamHeaders } from "./headers.ts";
import { Publication, type PublishRequest } from "./publication.ts";
import type { Subscriber } from "./subscriber.ts";
import { Timeline } from "./timeline.ts";
import { Turn } from "./turn.ts";

/** How a stream behaves. */
export interface StreamOptions {
  /** Keep everything since the last key frame for players that join. */
  readonly hasGopCache: boolean;
  /** Hand every packet on at once; otherwise audio waits for the next picture. */
  readonly isLowLatency: boolean;
  /** A newcomer takes a live name over; otherwise it is refused. */
  readonly overridePublisher: boolean;
  /** How long players stay when the publisher's connection is cut, in milliseconds. */
  readonly republishGraceMs: number;
  /** How long a player waits for a stream that is not there, in milliseconds. */
  readonly playWaitMs: number;
}

/** What is offered every publish and may attach subscribers to it for as long as it lasts. It must not throw and must not wait. */
export interface Output {
  /** A publish begins. Gives what is to be called when it ends, or undefined where this stream is of no interest. */
  open(stream: Stream): ((reason: EndReason) => void) | undefined;
}

/** A publisher that brought nothing for this long has lost its connection without our knowing, and a newcomer may take its name. */
const stalePublisherMs = 5_000;

/** What a stream needs of the house around it. */
export interface StreamContext {
  readonly options: StreamOptions;
  readonly clock: Clock;
  readonly events: EventHub;
  /** What every publish is offered to: recorder, pushes. */
  readonly outputs: readonly Output[];
  /** Nobody publishes, watches or waits any more. */
  readonly emptied: (stream: Stream) => void;
}

/**
 * One name that is published, watched or waited for. Packets come in through its publication and go to every subscriber, all
 * packets of one turn at once.
 */
export class Stream {
  readonly path: StreamPath;
  readonly createdAt: number;
  readonly #context: StreamContext;
  readonly #timeline = new Timeline();
  readonly #headers = new StreamHeaders();
  readonly #cache = new GopCache();
  readonly #flows = new FlowWatch();
  #meters = { audio: new FlowMeter(), video: new FlowMeter() };
  #publication: Publication | undefined;
  /** Replaced, never changed, so that a batch in progress sees one and the same list. */
  #players: readonly Subscriber[] = [];
  /** Subscribers of outputs: they do not count as players and end with the publish. */
  #attached: readonly Subscriber[] = [];
  #closeOutputs: ((reason: EndReason) => void)[] = [];
  /** Players that have seen nothing yet, with the timer that ends their patience. */
  readonly #waiting = new Map<Subscriber, Cancel>();
  readonly #turn: Turn;
  #cancelGrace: Cancel | undefined;
  /** True from the end of one publish to the start of the next that replaces it. */
  #isChangingHands = false;
  #endedAt = 0;

  constructor(path: StreamPath, context: StreamContext) {
    this.path = path;
    this.#context = context;
    this.createdAt = context.clock.now();
    this.#turn = new Turn(context.options.isLowLatency);
  }

  /** The publish in progress. */
  get publication(): Publication | undefined {
    return this.#publication;
  }

  /** Players that receive the stream; those that still wait for it are not counted. */
  get playerCount(): number {
    return this.#players.length;
  }

  /** The tracks the publisher has shown so far. */
  get tracks(): readonly Track[] {
    return this.#headers.tracks;
  }

  /** What the publisher has brought, flow by flow. Another publish gets meters of its own. */
  get meters(): FlowMeters {
    return this.#meters;
  }

  /** Bytes of payload in the GOP cache. */
  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  // ---- publishing ----------------------------------------------------------------------------------------------

  /**
   * Starts a publish.
   * @throws RefusedError ALREADY_PUBLISHING
   */
  publish(request: PublishRequest): Publication {
    const { clock, events, options } = this.#context;
    const holder = this.#publication;
    if (holder) {
      if (!options.overridePublisher && clock.now() - holder.lastPacketAt < stalePublisherMs) {
        throw new RefusedError(
          "ALREADY_PUBLISHING",
          `stream ${this.path} is already being published by ${holder.peer.connId}`,
        );
      }
    }
    // The old publisher, and players that fail, may leave meanwhile: the stream stays.
    this.#isChangingHands = true;
    holder?.replace();
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    const isContinued = this.#players.length > 0;
    this.#beginGeneration(isContinued);
    const publication = new Publication(this, request, clock);
    this.#publication = publication;
    this.#isChangingHands = false;
    events.emit({
      kind: "publishStarted",
      path: this.path,
      peer: request.peer,
      publishType: request.publishType,
      query: request.query ?? "",
      isContinued,
    });
    this.#closeOutputs = this.#context.outputs
      .map((output) => output.open(this))
      .filter((close) => close !== undefined);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [player, cancel] of waiting) {
      cancel();
      this.#admit(player);
    }
    return publication;
  }

  #beginGeneration(isContinued: boolean): void {
    this.#headers.clear();
    this.#cache.clear();
    this.#flows.clear();
    this.#meters = { audio: new FlowMeter(), video: new FlowMeter() };
    this.#timeline.restart(isContinued ? this.#context.clock.now() - this.#endedAt : 0);
    for (const player of this.#players) this.#guard(player, () => player.interrupt());
  }

  /** Called by the publication: takes one packet. Subscribers get it with {@link flush}. */
  push(unit: TimedBody, facts: PacketFacts, now: number): void {
    const { role, kind } = facts;
    const isFrame = kind !== "data" && role !== "config" && role !== "metadata";
    const leaps = this.#timeline.leaps;
    const time = isFrame
      ? this.#timeline.place(kind, unit.timestamp, now)
      : this.#timeline.placeAside(unit.timestamp);
    const packet = new Packet(facts, time, unit.body);
    if (this.#timeline.leaps !== leaps) {
      this.#context.events.emit({ kind: "clockLeaped", path: this.path, count: this.#timeline.leaps });
    }
    if (role === "config" || role === "metadata") this.#keepHeader(packet);
    else {
      if (this.#headers.isNewCodec(packet)) this.#announce(this.#headers.learn(packet), false);
      if (this.#context.options.hasGopCache) this.#cache.push(packet);
    }
    if (isFrame) {
      this.#meters[kind].add(packet, now);
      this.#report(this.#flows.note(kind, now));
    }
    // With nobody to hand it to, the packet is where it has to be: whoever comes gets it from the cache.
    if (this.#players.length > 0 || this.#attached.length > 0) this.#turn.push(packet, now);
  }

  /** Looks for flows that have stopped; to be called about once a second where anybody wants to know. */
  tick(now: number): void {
    if (this.#publication) for (const change of this.#flows.stopped(now)) this.#report(change);
  }

  #report(change: FlowChange | undefined): void {
    if (!change) return;
    const { flow, isFlowing, gapMs } = change;
    this.#context.events.emit({
      kind: isFlowing ? "mediaStarted" : "mediaStopped",
      path: this.path,
      flow,
      gapMs,
    });
  }

  #keepHeader(packet: Packet): void {
    if (packet.role === "metadata") {
      if (this.#headers.keepMetadata(packet))
        this.#context.events.emit({ kind: "metadataReceived", path: this.path, payload: packet.payload });
      return;
    }
    const before = this.#headers.tracks.length;
    const track = this.#headers.keepConfig(packet);
    if (!track) return;
    // Frames cached so far belong to the old configuration.
    this.#cache.clear();
    this.#announce(track, this.#headers.tracks.length === before);
  }

  #announce(track: Track | undefined, isChange: boolean): void {
    if (track) this.#context.events.emit({ kind: "trackDetected", path: this.path, track, isChange });
  }

  /** Called by the publication: drops the metadata that late joiners would get. */
  clearMetadata(): void {
    this.#headers.clearMetadata();
  }

  /** Called by the publication at the end of its turn: hands the turn's packets to every subscriber. */
  flush(): void {
    if (!this.#turn.mayWait) this.#release();
  }

  #release(): void {
    const packets = this.#turn.take();
    const players = this.#players;
    const attached = this.#attached;
    if (packets.length === 0 || (players.length === 0 && attached.length === 0)) return;
    const batch = new Batch(packets);
    for (const player of players) this.#deliver(player, batch);
    for (const subscriber of attached) this.#deliver(subscriber, batch);
  }

  #deliver(subscriber: Subscriber, batch: Batch): void {
    try {
      subscriber.deliver(batch);
    } catch (error) {
      this.#drop(subscriber, error);
    }
  }

  #guard(subscriber: Subscriber, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#drop(subscriber, error);
    }
  }

  #drop(subscriber: Subscriber, error: unknown): void {
    this.detach(subscriber);
    this.unsubscribe(subscriber);
    subscriber.fail(error);
  }

  /** Called by the publication when it is over. */
  unpublished(publication: Publication, reason: EndReason): void {
    this.#release();
    if (this.#publication !== publication) return;
    const { clock, events, options } = this.#context;
    this.#publication = undefined;
    this.#endedAt = clock.now();
    this.#attached = [];
    for (const close of this.#closeOutputs.splice(0)) close(reason);
    events.emit({
      kind: "publishStopped",
      path: this.path,
      peer: publication.peer,
      reason,
      ...publication.totals,
    });
    if (this.#isChangingHands) return;
    if (mayComeBack(reason) && options.republishGraceMs > 0 && this.#players.length > 0) {
      this.#cancelGrace = clock.after(options.republishGraceMs, () => this.#end("unpublished"));
    } else {
      this.#end(reason === "server_shutdown" ? reason : "unpublished");
    }
  }

  /** Ends the stream for its players. Those that wait for the next publisher go on waiting. */
  #end(reason: EndReason): void {
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    this.#headers.clear();
    this.#cache.clear();
    const players = this.#players;
    this.#setPlayers([]);
    for (const player of players) this.#guard(player, () => player.end(reason));
    this.#checkEmpty();
  }

  /** Ends everything at once: the server stops. */
  shutdown(): void {
    this.#publication?.end("server_shutdown");
    this.#end("server_shutdown");
    for (const [player, cancel] of [...this.#waiting]) {
      cancel();
      this.#waiting.delete(player);
      this.#guard(player, () => player.end("server_shutdown"));
    }
    this.#checkEmpty();
  }

  // ---- subscribing ---------------------------------------------------------------------------------------------

  /** Adds a player: at once where the stream is live, else as soon as it is; refused where it does not come in time. */
  subscribe(player: Subscriber): void {
    const { clock, options } = this.#context;
    if (this.#publication) {
      this.#admit(player);
      return;
    }
    const waitMs = this.#cancelGrace
      ? Math.max(options.playWaitMs, options.republishGraceMs)
      : options.playWaitMs;
    const cancel = clock.after(waitMs, () => {
      this.#waiting.delete(player);
      this.#guard(player, () => player.end("refused"));
      this.#checkEmpty();
    });
    this.#waiting.set(player, cancel);
  }

  /** Removes a player of its own accord; no call follows. */
  unsubscribe(player: Subscriber): void {
    this.#waiting.get(player)?.();
    this.#waiting.delete(player);
    if (this.#players.includes(player)) this.#setPlayers(this.#players.filter((other) => other !== player));
    this.#checkEmpty();
  }

  /** Adds a subscriber of an output to the publish in progress. It starts at once, and ends with its output. */
  attach(subscriber: Subscriber): void {
    this.#release();
    this.#attached = [...this.#attached, subscriber];
    this.#begin(subscriber);
  }

  /** Removes a subscriber of an output. */
  detach(subscriber: Subscriber): void {
    this.#attached = this.#attached.filter((other) => other !== subscriber);
  }

  #admit(player: Subscriber): void {
    // What this turn already brought is in the cache; nobody may get it twice.
    this.#release();
    this.#setPlayers([...this.#players, player]);
    this.#begin(player);
  }

  /** Gives a subscriber what a late joiner needs. */
  #begin(subscriber: Subscriber): void {
    this.#guard(subscriber, () => {
      subscriber.start();
      const cached = this.#cache.packets;
      const [first] = cached;
      const hasVideo = this.#headers.tracks.some((track) => track.kind === "video");
      if (!first && hasVideo) subscriber.interrupt();
      const opening = [...this.#headers.packets(first?.timestamp ?? this.#timeline.last), ...cached];
      if (opening.length > 0) subscriber.deliver(new Batch(opening));
    });
  }

  #setPlayers(players: readonly Subscriber[]): void {
    const previous = this.#players.length;
    this.#players = players;
    if (players.length !== previous) {
      this.#context.events.emit({
        kind: "subscriberCount",
        path: this.path,
        count: players.length,
        previous,
      });
    }
  }

  #checkEmpty(): void {
    const isUsed =
      this.#publication ||
      this.#isChangingHands ||
      this.#players.length > 0 ||
      this.#waiting.size > 0 ||
      this.#cancelGrace;
    if (!isUsed) this.#context.emptied(this);
  }
}
