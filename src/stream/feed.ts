import type { Packet, PacketKind } from "../media/packet.ts";
import type { WireForm } from "../media/wire-form.ts";
import type { Batch } from "./batch.ts";
import type { Outbox } from "./outbox.ts";
import { PacketQueue, type QueueLimits } from "./packet-queue.ts";

/** How much of a queue goes into the outbox at a time: little enough that the rest can still be dropped. */
const refillBytes = 256 * 1024;

/**
 * One reader's share of a stream. While the reader keeps up, a batch costs it one write of bytes shared with all others.
 * When it does not, packets wait in its own queue, whole, and are dropped by the queue's rules.
 */
export class Feed {
  readonly #form: WireForm;
  readonly #outbox: Outbox;
  readonly #queue: PacketQueue;
  readonly #muted: Record<PacketKind, boolean> = { audio: false, video: false, data: false };
  #isPaused = false;
  /** True while every packet may go out as it comes, in the batch's own bytes. */
  #isOpen = true;
  #frames = 0;

  constructor(options: { form: WireForm; outbox: Outbox; limits: QueueLimits }) {
    this.#form = options.form;
    this.#outbox = options.outbox;
    this.#queue = new PacketQueue(options.limits);
  }

  /** Audio and video frames this reader lost because it was too slow. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Packets handed to the outbox. */
  get packets(): number {
    return this.#frames;
  }

  /** True when no packet waits to be encoded; bytes may still wait in the outbox. */
  get isEmpty(): boolean {
    return this.#queue.isEmpty;
  }

  /** Bytes that wait for the reader, in the queue and in the outbox. */
  get bytesWaiting(): number {
    return this.#queue.bytes + this.#outbox.bytesWaiting;
  }

  /** Withholds video until the next key frame. */
  awaitKey(): void {
    this.#queue.awaitKey();
    this.#isOpen = false;
  }

  /** Stops or resumes one flow. Video resumes at a key frame. */
  mute(kind: PacketKind, isMuted: boolean): void {
    if (kind === "video" && this.#muted.video && !isMuted) this.#queue.awaitKey();
    this.#muted[kind] = isMuted;
    this.#isOpen = false;
  }

  /** Stops or resumes everything but configuration and metadata; video resumes at a key frame. */
  pause(isPaused: boolean): void {
    if (this.#isPaused && !isPaused) this.#queue.awaitKey();
    this.#isPaused = isPaused;
    this.#isOpen = false;
  }

  /** Hands over the packets of one turn. */
  deliver(batch: Batch): void {
    if (this.#outbox.isClear && (this.#isOpen || this.#suits(batch))) {
      this.#frames += batch.packets.length;
      this.#outbox.send(batch.encoded(this.#form));
      return;
    }
    for (const packet of batch.packets) if (this.#isWanted(packet)) this.#queue.push(packet);
    this.drained();
  }

  /** To be called when the outbox may have become clear: what waits in the queue goes on. */
  drained(): void {
    while (this.#outbox.isClear && !this.#queue.isEmpty) {
      const packets = this.#queue.take(refillBytes);
      this.#frames += packets.length;
      this.#outbox.send(this.#form.encode(packets));
    }
    const isHeld = this.#isHeld("audio") || this.#isHeld("video") || this.#isHeld("data");
    this.#isOpen = this.#queue.isEmpty && !this.#queue.awaitsKey && !isHeld;
  }

  /** Whether a batch may go out whole although video is withheld: on a stream of sound alone it is withheld for ever. */
  #suits(batch: Batch): boolean {
    return this.#queue.isEmpty && !this.#isHeld("audio") && !this.#isHeld("data") && batch.isWithoutVideo;
  }

  #isHeld(kind: PacketKind): boolean {
    return this.#isPaused || this.#muted[kind];
  }

  #isWanted(packet: Packet): boolean {
    return !this.#isHeld(packet.kind) || packet.role === "config" || packet.role === "metadata";
  }
}
