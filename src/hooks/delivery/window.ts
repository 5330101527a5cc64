import type { Delivery } from "./delivery.ts";

/** Where deliveries come from that memory has no room for. */
export interface DeliverySource {
  /**
   * Up to `limit` deliveries of a hook with rows above `afterRow`, in the order of their rows. Fewer than `limit` say that there are no
   * more. It may give such that are in memory already; what has been settled it may give for a moment only.
   */
  load(hookId: string, afterRow: number, limit: number): readonly Delivery[];
}

/** How much of a hook's stored deliveries is in memory at once. */
export interface WindowLimits {
  readonly deliveries: number;
  /** Bytes of bodies. */
  readonly bytes: number;
}

/** Enough that the store is asked a few times a second at most, and little enough for hundreds of hooks. */
export const windowLimits: WindowLimits = { deliveries: 2_000, bytes: 16 * 1024 * 1024 };

/**
 * Which of the stored deliveries of one hook are in memory: a stretch of rows that moves on as they are settled. What lies behind it is
 * not lost but in the store, and loaded once half of the stretch is done with.
 */
export class Window {
  readonly #limits: WindowLimits;
  readonly #rows = new Set<number>();
  /** Rows settled since a look over everything began: the store may not know yet. */
  readonly #settled = new Set<number>();
  #bytes = 0;
  #cursor = 0;
  #newest = 0;
  #isBehind = true;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** Stored deliveries in memory. */
  get size(): number {
    return this.#rows.size;
  }

  /** True while the store may have more than memory. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Takes a delivery that was just stored, or leaves it in the store. Gives true where it is to be kept in memory. */
  admit(row: number, bytes: number): boolean {
    // Loading finds it in its turn, or has found it already.
    if (this.#isBehind || row <= this.#newest) return false;
    if (this.#isFull) {
      this.#isBehind = true;
      return false;
    }
    this.#hold(row, bytes);
    this.#cursor = row;
    return true;
  }

  /** Lets go of a delivery that was settled. */
  settle(row: number, bytes: number): void {
    this.forget(row, bytes);
    if (this.#cursor < this.#newest) this.#settled.add(row);
  }

  /** Lets go of a delivery that is left to the store again. */
  forget(row: number, bytes: number): void {
    if (this.#rows.delete(row)) this.#bytes -= bytes;
  }

  /** Looks over everything that is in the store from now on: somebody else may have written there. */
  rewind(): void {
    this.#cursor = 0;
    this.#isBehind = true;
  }

  /** Loads what there is room for, if it is worth asking. `hold` gets each delivery that was not in memory. */
  load(hookId: string, source: DeliverySource, hold: (delivery: Delivery) => void): void {
    const { deliveries, bytes } = this.#limits;
    if (!this.#isBehind || this.#rows.size > deliveries / 2 || this.#bytes > bytes / 2) return;
    while (this.#isBehind && !this.#isFull) this.#loadPage(hookId, source, hold);
    if (this.#cursor >= this.#newest) this.#settled.clear();
  }

  #loadPage(hookId: string, source: DeliverySource, hold: (delivery: Delivery) => void): void {
    const limit = this.#limits.deliveries - this.#rows.size;
    const page = source.load(hookId, this.#cursor, limit);
    for (const delivery of page) {
      if (this.#isFull) return;
      const { row } = delivery;
      if (row === undefined) continue;
      this.#cursor = row;
      if (this.#rows.has(row) || this.#settled.has(row)) continue;
      this.#hold(row, bytesOf(delivery));
      hold(delivery);
    }
    if (page.length < limit) {
      this.#isBehind = false;
      this.#cursor = this.#newest;
    }
  }

  get #isFull(): boolean {
    return this.#rows.size >= this.#limits.deliveries || this.#bytes >= this.#limits.bytes;
  }

  #hold(row: number, bytes: number): void {
    this.#rows.add(row);
    this.#bytes += bytes;
    this.#newest = Math.max(this.#newest, row);
  }
}

/** What a delivery counts for, in bytes: its body is in ASCII mostly. */
export const bytesOf = ({ event }: Delivery): number => event.body.length;
