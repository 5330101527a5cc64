/** What one hook holds of the slots. Mint it with {@link Slots.share}. */
export interface Share {
  /** Executions it may have at once at most, as its policy says; undefined where that does not matter. */
  readonly limit: number | undefined;
  /** Executions that hold a slot now. */
  readonly running: number;
}

/** The most one hook may have of all, where there are others. */
const maxPart = 0.6;

/**
 * Who may execute. All hooks together hold at most `concurrency` slots. Half of them are set aside, the same number for each hook, at
 * least one: a hook may go beyond its own reserve only while the free slots still cover what is missing in the reserves of the
 * others. So hooks whose receivers hang take the slots that are left over, never those of a hook that works. (Where there are more hooks
 * than slots not every reserve can be kept; the turns of the engine are all the fairness there is then.)
 */
export class Slots {
  #concurrency: number;
  #running = 0;
  #reserve = 1;
  /** What is missing in all reserves. */
  #unmet = 0;
  readonly #shares = new Set<OwnShare>();

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Slots in all. Executions that are under way keep theirs when there are fewer. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** Slots that are held. */
  get running(): number {
    return this.#running;
  }

  /** Changes the number of slots. */
  resize(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#recount();
  }

  /** Makes room for another hook, and gives its share. */
  share(limit: number | undefined): Share {
    const share: OwnShare = { limit, running: 0 };
    this.#shares.add(share);
    this.#recount();
    return share;
  }

  /** Changes how much a hook may have at once. */
  limit(share: Share, limit: number | undefined): void {
    this.#own(share).limit = limit;
    this.#recount();
  }

  /** Takes a hook in again that was removed. */
  enter(share: Share, limit: number | undefined): void {
    this.#shares.add(this.#own(share));
    this.limit(share, limit);
  }

  /** Forgets a hook. What it still holds it must release. */
  remove(share: Share): void {
    this.#shares.delete(this.#own(share));
    this.#recount();
  }

  /** True if this hook may execute once more now. */
  mayTake(share: Share): boolean {
    const free = this.#concurrency - this.#running;
    if (free <= 0 || share.running >= this.#capOf(share)) return false;
    return share.running < this.#reserve || free > this.#unmet;
  }

  /** Takes a slot, which {@link mayTake} has allowed. */
  take(share: Share): void {
    this.#move(share, 1);
  }

  /** Gives a slot back. */
  release(share: Share): void {
    this.#move(share, -1);
  }

  #own(share: Share): OwnShare {
    return share as OwnShare;
  }

  #move(share: Share, by: number): void {
    const own = this.#own(share);
    if (this.#shares.has(own)) this.#unmet -= this.#missing(own);
    own.running += by;
    this.#running += by;
    if (this.#shares.has(own)) this.#unmet += this.#missing(own);
  }

  #capOf({ limit = Number.POSITIVE_INFINITY }: Share): number {
    const most =
      this.#shares.size > 1 ? Math.max(1, Math.floor(this.#concurrency * maxPart)) : this.#concurrency;
    return Math.min(limit, most);
  }

  #missing(share: Share): number {
    return Math.max(0, Math.min(this.#reserve, this.#capOf(share)) - share.running);
  }

  #recount(): void {
    this.#reserve = Math.max(1, Math.floor(this.#concurrency / (2 * Math.max(1, this.#shares.size))));
    this.#unmet = 0;
    for (const share of this.#shares) this.#unmet += this.#missing(share);
  }
}

type OwnShare = { -readonly [Key in keyof Share]: Share[Key] };
