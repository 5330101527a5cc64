import type { StreamPath } from "../base/stream-path.ts";
import { Packet, type PacketFacts, type TimedBody } from "../media/packet.ts";
import type { Track } from "../media/track.ts";
import type { EventHub } from "./event.ts";
import { FlowMeter, type FlowMeters } from "./flow-meter.ts";
import { type FlowChange, FlowWatch } from "./flow-watch.ts";
import { GopCache } from "./gop-cache.ts";
import { StreamHeaders } from "./headers.ts";
import { Readiness } from "./readiness.ts";
import { Timeline } from "./timeline.ts";

/** What an intake needs of the stream it belongs to. */
export interface IntakeContext {
  readonly path: StreamPath;
  readonly events: EventHub;
  /** All tracks of the publish are known. */
  readonly ready: () => void;
}

/**
 * What the publishers of one stream bring, one after the other: puts it on one timeline, keeps what late joiners need, counts it, and
 * finds out what there is.
 */
export class Intake {
  readonly #context: IntakeContext;
  readonly #timeline = new Timeline();
  readonly #headers = new StreamHeaders();
  readonly #cache = new GopCache();
  readonly #flows = new FlowWatch();
  readonly #readiness = new Readiness();
  #meters = { audio: new FlowMeter(), video: new FlowMeter() };
  #newestKey: Packet | undefined;

  constructor(context: IntakeContext) {
    this.#context = context;
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

  /** Since when all tracks of the publish are known; undefined while they are not. */
  get readySince(): Date | undefined {
    return this.#readiness.since;
  }

  /** Another publish begins, `gapMs` after the last one ended; of so many `kinds` of media, where the publisher says so. */
  begin(gapMs: number, kinds?: number): void {
    this.clear();
    if (kinds !== undefined) this.#readiness.expect(kinds);
    this.#flows.clear();
    this.#meters = { audio: new FlowMeter(), video: new FlowMeter() };
    this.#timeline.restart(gapMs);
  }

  /** Takes one message that came at `now`, in milliseconds, and gives the packet it is. */
  take(unit: TimedBody, facts: PacketFacts, { now, isCached }: { now: number; isCached: boolean }): Packet {
    const { role, kind } = facts;
    const isFrame = kind !== "data" && role !== "config" && role !== "metadata";
    const leaps = this.#timeline.leaps;
    const time = isFrame
      ? this.#timeline.place(kind, unit.timestamp, now)
      : this.#timeline.placeAside(unit.timestamp);
    const packet = new Packet(facts, time, unit.body);
    if (this.#timeline.leaps !== leaps)
      this.#context.events.emit({
        kind: "clockLeaped",
        path: this.#context.path,
        count: this.#timeline.leaps,
      });
    if (role === "config" || role === "metadata") this.#keepHeader(packet);
    else {
      if (this.#headers.isNewCodec(packet)) this.#announce(this.#headers.learn(packet), false);
      if (role === "key" && facts.trackId === 0) this.#newestKey = packet;
      if (isCached) this.#cache.push(packet);
    }
    if (!isFrame) return packet;
    this.#meters[kind].add(packet, now);
    this.#report(this.#flows.note(kind, now));
    if (this.#readiness.awaitsFrames) {
      this.#readiness.noteFrame(time, now);
      this.#checkReady();
    }
    return packet;
  }

  /** What has to be known in front of any frame: metadata and configuration. */
  get headers(): readonly Packet[] {
    return this.#headers.packets(this.#timeline.last);
  }

  /** The newest key frame of the main track, cached or not; undefined while there is none of its present configuration. */
  get newestKey(): Packet | undefined {
    return this.#newestKey;
  }

  /** What a late joiner needs first: metadata, configuration and cached frames. */
  opening(): readonly Packet[] {
    const cached = this.#cache.packets;
    return [...this.#headers.packets(cached[0]?.timestamp ?? this.#timeline.last), ...cached];
  }

  /** Whether a late joiner has to wait for the next key frame. */
  get awaitsKey(): boolean {
    return this.#cache.packets.length === 0 && this.#headers.tracks.some(({ kind }) => kind === "video");
  }

  /** Looks for flows that have stopped. */
  tick(now: number): void {
    for (const change of this.#flows.stopped(now)) this.#report(change);
  }

  /** Notes since when all tracks are known. */
  settle(since: Date): void {
    this.#readiness.settle(since);
  }

  /** Forgets the metadata that late joiners would get. */
  clearMetadata(): void {
    this.#headers.clearMetadata();
  }

  /** Forgets the frames that late joiners would get. */
  clearCache(): void {
    this.#cache.clear();
  }

  /** The tracks are no longer there. */
  unsettle(): void {
    this.#readiness.clear();
  }

  /** Forgets everything that late joiners would get. */
  clear(): void {
    this.#headers.clear();
    this.#cache.clear();
    this.#newestKey = undefined;
    this.#readiness.clear();
  }

  #report(change: FlowChange | undefined): void {
    if (!change) return;
    const { flow, isFlowing, gapMs } = change;
    const kind = isFlowing ? "mediaStarted" : "mediaStopped";
    this.#context.events.emit({ kind, path: this.#context.path, flow, gapMs });
  }

  #keepHeader(packet: Packet): void {
    const { path, events } = this.#context;
    if (packet.role === "metadata") {
      if (this.#headers.keepMetadata(packet))
        events.emit({ kind: "metadataReceived", path, payload: packet.payload });
      return;
    }
    const before = this.#headers.tracks.length;
    const track = this.#headers.keepConfig(packet);
    if (!track) return;
    // Frames cached so far belong to the old configuration.
    this.#cache.clear();
    if (packet.kind === "video" && packet.trackId === 0) this.#newestKey = undefined;
    this.#announce(track, this.#headers.tracks.length === before);
  }

  #announce(track: Track | undefined, isChange: boolean): void {
    if (!track) return;
    const { path, events } = this.#context;
    events.emit({ kind: "trackDetected", path, track, isChange });
    this.#checkReady();
  }

  #checkReady(): void {
    if (this.#readiness.isComplete(this.#headers.tracks)) this.#context.ready();
  }
}
