import { RefusedError } from "../base/errors.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import type { Packet, PacketFacts, TimedBody } from "../media/packet.ts";
import type { Track } from "../media/track.ts";
import { Audience } from "./audience.ts";
import { Batch } from "./batch.ts";
import { DelayProbe, type DeliveryDelay } from "./delivery-delay.ts";
import { type EndReason, type EventHub, mayComeBack } from "./event.ts";
import type { FlowMeters } from "./flow-meter.ts";
import { Intake } from "./intake.ts";
import { Publication, type PublishRequest } from "./publication.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { Reader, Subscriber } from "./subscriber.ts";
import { Turn } from "./turn.ts";

/** What is offered every publish and may attach subscribers to it for as long as it lasts. It must not throw and must not wait. */
export interface Output {
  /** A publish begins. Gives what is to be called when it ends, or undefined where this stream is of no interest. */
  open(stream: Stream): ((reason: EndReason) => void) | undefined;
}

/** A publisher that brought nothing for this long has lost its connection without our knowing, and a newcomer may take its name. */
const stalePublisherMs = 5_000;

/** What a stream needs of the house around it. */
export interface StreamContext {
  /** What holds at first. */
  readonly options: StreamOptions;
  readonly clock: Clock;
  readonly events: EventHub;
  /** What every publish is offered to: recorder, pushes. */
  readonly outputs: readonly Output[];
  /** Where it is noted how long packets take to their readers; undefined where nobody wants to know. */
  readonly delay?: DeliveryDelay | undefined;
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
  readonly #intake: Intake;
  #publication: Publication | undefined;
  readonly #audience: Audience;
  #options: StreamOptions;
  /** Subscribers of outputs: they do not count as players and end with the publish. */
  #attached: readonly Subscriber[] = [];
  #closeOutputs: ((reason: EndReason) => void)[] = [];
  #turn: Turn;
  #cancelGrace: Cancel | undefined;
  /** True from the end of one publish to the start of the next that replaces it. */
  #isChangingHands = false;
  #endedAt = 0;
  #bytesOut = 0;
  readonly #probe: DelayProbe | undefined;

  constructor(path: StreamPath, context: StreamContext) {
    this.path = path;
    this.#context = context;
    this.createdAt = context.clock.now();
    this.#options = context.options;
    this.#intake = new Intake({ path, events: context.events, ready: () => this.#ready() });
    this.#audience = new Audience({ path, clock: context.clock, events: context.events });
    this.#turn = new Turn(context.options.isLowLatency);
    this.#probe = context.delay && new DelayProbe(context.delay, context.clock);
  }

  /** The publish in progress. */
  get publication(): Publication | undefined {
    return this.#publication;
  }

  /** What the configuration says of this stream. */
  get options(): StreamOptions {
    return this.#options;
  }

  /** Readers that receive the stream; those that still wait for it are not among them. */
  get readers(): readonly Reader[] {
    return this.#audience.readers;
  }

  /** Players that receive the stream; those that still wait for it are not counted. */
  get playerCount(): number {
    return this.#audience.readers.length;
  }

  /** Since when all tracks of the publish are known; undefined while they are not. */
  get availableSince(): Date | undefined {
    return this.#intake.readySince;
  }

  /** Bytes of payload handed to readers during this publish, counted once for each of them, and what readers fetched. */
  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** The tracks the publisher has shown so far. */
  get tracks(): readonly Track[] {
    return this.#intake.tracks;
  }

  /** Metadata and the configuration of the tracks, as a late joiner gets them. */
  get headers(): readonly Packet[] {
    return this.#intake.headers;
  }

  /** The newest key frame of the main track; undefined where there is none yet. */
  get newestKey(): Packet | undefined {
    return this.#intake.newestKey;
  }

  /** What the publisher has brought, flow by flow. Another publish gets meters of its own. */
  get meters(): FlowMeters {
    return this.#intake.meters;
  }

  /** Bytes of payload in the GOP cache. */
  get cachedBytes(): number {
    return this.#intake.cachedBytes;
  }

  // ---- publishing ----------------------------------------------------------------------------------------------

  /** Other things hold for this stream from now on. Who is there already stays, whatever the new bounds are. */
  configure(options: StreamOptions): void {
    const before = this.#options;
    this.#options = options;
    if (before.isLowLatency !== options.isLowLatency) {
      this.#release();
      this.#turn = new Turn(options.isLowLatency);
    }
    if (!options.hasGopCache) this.#intake.clearCache();
    if (before.acceptsPublishers && !options.acceptsPublishers) this.evict("unconfigured");
    if (before.keepsReaders !== options.keepsReaders && !this.#publication) this.#renewPatience();
  }

  /** Readers of a stream that nobody publishes stay for good from now on, or only for as long as they do elsewhere. */
  #renewPatience(): void {
    const { keepsReaders, republishGraceMs } = this.#options;
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    const isForsaken = !keepsReaders && this.#audience.readers.length > 0;
    if (isForsaken && republishGraceMs > 0) this.#beginGrace();
    this.#audience.rewait(this.#patienceMs);
    if (isForsaken && !this.#cancelGrace) this.#end("unpublished");
  }

  /**
   * Starts a publish.
   * @throws RefusedError ALREADY_PUBLISHING, NOT_FOR_PUBLISHERS
   */
  publish(request: PublishRequest): Publication {
    const { clock, events } = this.#context;
    this.#checkPublish(request);
    // The old publisher, and players that fail, may leave meanwhile: the stream stays.
    this.#isChangingHands = true;
    this.#publication?.evict("replaced");
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    const isContinued = this.#audience.readers.length > 0;
    this.#beginGeneration(isContinued, request.kinds);
    const publication = new Publication(this, request, clock);
    this.#publication = publication;
    this.#isChangingHands = false;
    events.emit({
      kind: "publishStarted",
      path: this.path,
      peer: request.peer,
      publishType: request.publishType,
      query: publication.query,
      isContinued,
    });
    this.#closeOutputs = this.#context.outputs
      .map((output) => output.open(this))
      .filter((close) => close !== undefined);
    for (const reader of this.#audience.takeWaiting()) this.#admit(reader);
    this.#audience.settle();
    return publication;
  }

  #checkPublish({ isSource = false }: PublishRequest): void {
    const { acceptsPublishers, overridePublisher } = this.#options;
    if (!acceptsPublishers && !isSource)
      throw new RefusedError(
        "NOT_FOR_PUBLISHERS",
        `stream ${this.path} is fetched by the server, nobody may publish it`,
      );
    const holder = this.#publication;
    if (!holder || overridePublisher) return;
    if (this.#context.clock.now() - holder.lastPacketAt < stalePublisherMs)
      throw new RefusedError(
        "ALREADY_PUBLISHING",
        `stream ${this.path} is already being published by ${holder.peer.connId}`,
      );
  }

  /** Takes the stream away from its publisher, if it has one. */
  evict(reason: EndReason): void {
    this.#publication?.evict(reason);
  }

  #beginGeneration(isContinued: boolean, kinds: number | undefined): void {
    this.#intake.begin(isContinued ? this.#context.clock.now() - this.#endedAt : 0, kinds);
    this.#bytesOut = 0;
    for (const player of this.#audience.readers) this.#guard(player, () => player.interrupt());
  }

  /** Called by the publication: takes one packet. Subscribers get it with {@link flush}. */
  push(unit: TimedBody, facts: PacketFacts, now: number): void {
    const packet = this.#intake.take(unit, facts, { now, isCached: this.#options.hasGopCache });
    // With nobody to hand it to, the packet is where it has to be: whoever comes gets it from the cache.
    if (this.#audience.readers.length > 0 || this.#attached.length > 0) this.#turn.push(packet, now);
  }

  /** Looks for flows that have stopped; to be called about once a second where anybody wants to know. */
  tick(now: number): void {
    if (this.#publication) this.#intake.tick(now);
  }

  #ready(): void {
    const publication = this.#publication;
    if (!publication) return;
    const { clock, events } = this.#context;
    this.#intake.settle(clock.date());
    const { peer, query } = publication;
    events.emit({ kind: "streamAvailable", path: this.path, peer, query, tracks: this.#intake.tracks });
  }

  #endReady(publication: Publication, reason: EndReason): void {
    if (this.#intake.readySince === undefined) return;
    this.#intake.unsettle();
    const { peer, query } = publication;
    this.#context.events.emit({ kind: "streamUnavailable", path: this.path, peer, query, reason });
  }

  /** Called by the publication: drops the metadata that late joiners would get. */
  clearMetadata(): void {
    this.#intake.clearMetadata();
  }

  /** Called by the publication at the end of its turn: hands the turn's packets to every subscriber. */
  flush(): void {
    if (!this.#turn.mayWait) this.#release();
  }

  #release(): void {
    const { since } = this.#turn;
    const packets = this.#turn.take();
    const players = this.#audience.readers;
    const attached = this.#attached;
    if (packets.length === 0 || (players.length === 0 && attached.length === 0)) return;
    const batch = new Batch(packets);
    let takers = 0;
    for (const player of players) {
      if (player.isFetching) continue;
      takers++;
      this.#deliver(player, batch);
    }
    this.#bytesOut += batch.bytes * takers;
    if (players.length > 0) this.#probe?.note(since);
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
    // Whoever is no reader is not found among them.
    this.unsubscribe(subscriber as Reader);
    subscriber.fail(error);
  }

  /** Called by the publication when it is over. */
  unpublished(publication: Publication, reason: EndReason): void {
    this.#release();
    if (this.#publication !== publication) return;
    const { clock, events } = this.#context;
    this.#endReady(publication, reason);
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
    if (reason === "server_shutdown") this.#end(reason);
    else if (this.#options.keepsReaders && reason !== "unconfigured") this.closeIfEmpty();
    else if (mayComeBack(reason) && this.#options.republishGraceMs > 0 && this.#audience.readers.length > 0)
      this.#beginGrace();
    else this.#end("unpublished");
  }

  #beginGrace(): void {
    const { republishGraceMs } = this.#options;
    this.#cancelGrace = this.#context.clock.after(republishGraceMs, () => this.#end("unpublished"));
  }

  /** How long a reader waits that finds nobody publishing. */
  get #patienceMs(): number {
    const { playWaitMs, republishGraceMs, keepsReaders } = this.#options;
    if (keepsReaders) return Number.POSITIVE_INFINITY;
    return this.#cancelGrace ? Math.max(playWaitMs, republishGraceMs) : playWaitMs;
  }

  /** Ends the stream for its players. Those that wait for the next publisher go on waiting. */
  #end(reason: EndReason): void {
    this.#cancelGrace?.();
    this.#cancelGrace = undefined;
    this.#intake.clear();
    for (const player of this.#audience.takeReaders()) this.#guard(player, () => player.end(reason));
    this.closeIfEmpty();
  }

  /** Ends everything at once: the server stops. */
  shutdown(): void {
    this.#publication?.end("server_shutdown");
    this.#end("server_shutdown");
    this.#dismissWaiting("server_shutdown");
  }

  /** Ends everything at once: nothing is configured for this name any more. */
  expel(): void {
    this.evict("unconfigured");
    this.#end("unconfigured");
    this.#dismissWaiting("refused");
  }

  #dismissWaiting(reason: EndReason): void {
    for (const reader of this.#audience.takeWaiting()) this.#guard(reader, () => reader.end(reason));
    this.#audience.settle();
    this.closeIfEmpty();
  }

  // ---- subscribing ---------------------------------------------------------------------------------------------

  /**
   * Adds a player: at once where the stream is live, else as soon as it is; refused where it does not come in time.
   * @throws RefusedError TOO_MANY_READERS
   */
  subscribe(player: Reader): void {
    const { maxReaders } = this.#options;
    if (maxReaders > 0 && this.#audience.size >= maxReaders)
      throw new RefusedError(
        "TOO_MANY_READERS",
        `stream ${this.path} has ${maxReaders} readers already, expected fewer`,
      );
    if (this.#publication) {
      this.#admit(player);
      return;
    }
    this.#audience.wait(player, {
      waitMs: this.#patienceMs,
      gaveUp: () => {
        this.#guard(player, () => player.end("refused"));
        this.closeIfEmpty();
      },
    });
  }

  /** Removes a player of its own accord; no call follows. */
  unsubscribe(player: Reader): void {
    this.#audience.remove(player);
    this.closeIfEmpty();
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

  #admit(player: Reader): void {
    // What this turn already brought is in the cache; nobody may get it twice.
    this.#release();
    this.#audience.admit(player);
    const bytes = this.#begin(player);
    if (!player.isFetching) this.#bytesOut += bytes;
  }

  /** A reader has fetched so many bytes. */
  noteFetched(bytes: number): void {
    this.#bytesOut += bytes;
  }

  /** Gives a subscriber what a late joiner needs, and tells how many bytes of payload that is. */
  #begin(subscriber: Subscriber): number {
    let bytes = 0;
    this.#guard(subscriber, () => {
      subscriber.start();
      if (this.#intake.awaitsKey) subscriber.interrupt();
      const opening = this.#intake.opening();
      if (opening.length === 0) return;
      const batch = new Batch(opening);
      bytes = batch.bytes;
      subscriber.deliver(batch);
    });
    return bytes;
  }

  /** Ends the stream where nobody publishes, watches or waits. */
  closeIfEmpty(): void {
    const isUsed = this.#publication || this.#isChangingHands || this.#audience.size > 0 || this.#cancelGrace;
    if (!isUsed) this.#context.emptied(this);
  }
}
