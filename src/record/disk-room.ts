import type { EventHub } from "../stream/event.ts";
import type { Disk } from "./disk.ts";

/** Less room than this on a disk, in bytes, and nothing more is recorded there: what else lives on it needs some. */
const reserveBytes = 16 * 1024 * 1024;

/** So much more has to be free before recording goes on, as a factor: it must not start and stop all the time. */
const resumeFactor = 1.25;

/** What watching disks needs of the house around it. */
export interface DiskRoomContext {
  readonly disk: Disk;
  readonly events: EventHub;
}

/** Knows on which disks there is room for recordings, and raises an alert where it runs out. */
export class DiskRoom {
  readonly #context: DiskRoomContext;
  #minFreeBytes = 0;
  readonly #short = new Set<string>();

  constructor(context: DiskRoomContext) {
    this.#context = context;
  }

  /** Recording stops while less than this is free, in bytes; never at less than 16 MiB. */
  configure(minFreeBytes: number): void {
    this.#minFreeBytes = minFreeBytes;
  }

  /** Whether there is room where this folder is, as far as is known. */
  has(folder: string): boolean {
    return !this.#short.has(folder);
  }

  /** Whether room is short anywhere: then it is to be looked at until that is over. */
  get isShort(): boolean {
    return this.#short.size > 0;
  }

  /**
   * Looks at the disks of these folders, and of those where room was short. A disk that cannot be asked counts as one with room: whoever
   * writes will be told.
   */
  async look(folders: Iterable<string>): Promise<void> {
    await Promise.all([...new Set([...folders, ...this.#short])].map((folder) => this.#lookAt(folder)));
  }

  async #lookAt(folder: string): Promise<void> {
    const free = await this.#context.disk.freeBytes(folder).catch(() => Number.POSITIVE_INFINITY);
    const threshold = Math.max(this.#minFreeBytes, reserveBytes);
    const isShort = this.#short.has(folder);
    if (!isShort && free < threshold) this.#short.add(folder);
    else if (isShort && free >= threshold * resumeFactor) this.#short.delete(folder);
    else return;
    this.#context.events.emit({
      kind: "resourceAlert",
      state: isShort ? "cleared" : "raised",
      severity: isShort ? "info" : "critical",
      resource: "disk",
      directory: folder,
      value: Number.isFinite(free) ? free : threshold,
      threshold,
      unit: "bytes",
    });
  }
}
