import type { Packet } from "../media/packet.ts";
import type { DropReason, DropTally } from "./drop-tally.ts";

/** How far a reader may fall behind. */
export interface QueueLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
  /** Counts what all readers with these limits lose together. */
  readonly tally?: DropTally;
}

/** True for packets whose loss leaves a picture that later frames refer to. */
const isPicture = (packet: Packet): boolean =>
  packet.kind === "video" && packet.role !== "config" && packet.role !== "metadata";

/** What has to reach a reader whatever else is dropped. */
const isEssential = (packet: Packet): boolean => packet.role === "config" || packet.role === "metadata";

const isSound = (packet: Packet): boolean => !isPicture(packet) && !isEssential(packet);

/**
 * The packets that wait for one slow reader, bounded in bytes and in milliseconds of stream time.
 *
 * At the bound it jumps ahead to the newest key frame it holds, or else drops all video and waits for the next: a frame is
 * never sent after one it may refer to was dropped, each track for itself. Audio goes on as long as it fits by itself.
 * Configuration and metadata are never dropped, unless newer ones make them useless.
 */
export class PacketQueue {
  readonly #limits: QueueLimits;
  #packets: Packet[] = [];
  #bytes = 0;
  /** Video tracks seen so far. */
  readonly #tracks = new Set<number>();
  /** Of these, the ones withheld until their next key frame. */
  #withheld = new Set<number>();
  /** True while nothing may begin but with a key frame. What a reader never began to see is not dropped. */
  #isJoining = false;
  /** Whether a track that was not seen yet has to begin with a key frame. */
  #withholdsNew = false;
  #dropped = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Audio and video frames dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes of payload waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#packets.length === 0;
  }

  /** True while video is withheld until a key frame comes. */
  get awaitsKey(): boolean {
    return this.#isJoining || this.#withheld.size > 0;
  }

  /** Withholds video until the next key frame: for a reader that joins, or resumes, between two. */
  awaitKey(): void {
    this.#withheld = new Set(this.#tracks);
    this.#withholdsNew = true;
    this.#isJoining = true;
  }

  /** Adds a packet, dropping what has to be dropped. */
  push(packet: Packet): void {
    if (isPicture(packet) && !this.#admits(packet)) {
      if (!this.#isJoining) this.#noteDrop("awaiting_key");
      return;
    }
    this.#packets.push(packet);
    this.#bytes += packet.size;
    if (this.#isOver()) this.#shorten();
  }

  /** Removes and gives the oldest packets, at least one, up to about `maxBytes` of payload. */
  take(maxBytes: number): readonly Packet[] {
    let count = 0;
    let bytes = 0;
    for (const packet of this.#packets) {
      if (count > 0 && bytes + packet.size > maxBytes) break;
      bytes += packet.size;
      count++;
    }
    const taken = this.#packets.splice(0, count);
    this.#bytes -= bytes;
    return taken;
  }

  /** Whether a picture may follow what its track was given so far. */
  #admits({ role, trackId }: Packet): boolean {
    if (!this.#tracks.has(trackId)) {
      this.#tracks.add(trackId);
      if (this.#withholdsNew) this.#withheld.add(trackId);
    }
    if (role !== "key") return !this.#withheld.has(trackId);
    this.#withheld.delete(trackId);
    if (this.#withheld.size === 0) this.#isJoining = false;
    return true;
  }

  #isOver(): boolean {
    if (this.#bytes > this.#limits.maxBytes) return true;
    // Configuration and metadata stay whatever their age.
    const first = this.#packets.find((packet) => !isEssential(packet));
    const last = this.#packets.at(-1);
    return first !== undefined && last !== undefined && last.timestamp - first.timestamp > this.#limits.maxMs;
  }

  #shorten(): void {
    const mainTrack = Math.min(...this.#tracks);
    const key = this.#packets.findLastIndex(({ role, trackId }) => role === "key" && trackId === mainTrack);
    if (this.#packets.findIndex(isPicture) < key) this.#dropPictures(key, "skipped_to_key");
    if (!this.#isOver()) return;
    if (this.#arePicturesTooMuch()) this.#dropPictures(this.#packets.length, "queue_full");
    if (!this.#isOver()) return;
    this.#dropOldSound();
    if (!this.#isOver()) return;
    this.#dropPictures(this.#packets.length, "queue_full");
    if (this.#isOver()) this.#dropReplaced();
  }

  /** Whether video is over the bounds all by itself. */
  #arePicturesTooMuch(): boolean {
    const pictures = this.#packets.filter(isPicture);
    const bytes = pictures.reduce((sum, { size }) => sum + size, 0);
    const span = (pictures.at(-1)?.timestamp ?? 0) - (pictures[0]?.timestamp ?? 0);
    return bytes > this.#limits.maxBytes || span > this.#limits.maxMs;
  }

  /** Drops all pictures in front of index `from`, and those behind it that may refer to them. */
  #dropPictures(from: number, reason: DropReason): void {
    this.#withheld = new Set(this.#tracks);
    this.#keep(reason, (packet, index) => {
      if (!isPicture(packet)) return true;
      if (index < from) return false;
      if (packet.role === "key") this.#withheld.delete(packet.trackId);
      return !this.#withheld.has(packet.trackId);
    });
  }

  /** Drops the oldest audio and data where it is too much by itself, or too old. */
  #dropOldSound(): void {
    const newest = this.#packets.at(-1)?.timestamp ?? 0;
    let bytes = 0;
    for (const packet of this.#packets) if (isSound(packet)) bytes += packet.size;
    this.#keep("sound_too_old", (packet) => {
      if (!isSound(packet)) return true;
      const isTooOld = newest - packet.timestamp > this.#limits.maxMs / 2;
      if (!isTooOld && bytes <= this.#limits.maxBytes / 2) return true;
      bytes -= packet.size;
      return false;
    });
  }

  /** Drops configuration and metadata that newer packets of the same track replace. No picture waits that needs it. */
  #dropReplaced(): void {
    const keyOf = ({ kind, role, trackId }: Packet): string => `${kind} ${role} ${trackId}`;
    const newest = new Map<string, Packet>();
    for (const packet of this.#packets) newest.set(keyOf(packet), packet);
    this.#keep(undefined, (packet) => !isEssential(packet) || newest.get(keyOf(packet)) === packet);
  }

  #noteDrop(reason: DropReason): void {
    this.#dropped++;
    this.#limits.tally?.note(reason);
  }

  /** Drops what does not pass. Without a reason that is no frame. */
  #keep(reason: DropReason | undefined, passes: (packet: Packet, index: number) => boolean): void {
    const kept: Packet[] = [];
    let bytes = 0;
    this.#packets.forEach((packet, index) => {
      if (passes(packet, index)) {
        kept.push(packet);
        bytes += packet.size;
      } else if (reason && packet.kind !== "data" && !isEssential(packet)) {
        this.#noteDrop(reason);
      }
    });
    this.#packets = kept;
    this.#bytes = bytes;
  }
}
