/** Who feeds a stream. */
export interface Source {
  /** Opaque; MediaMTX gives a UUID for connections, and nothing for what it pulls itself. */
  readonly id: string;
  readonly type: string;
  /** What stood behind the question mark of the publisher's URL. */
  readonly query: string;
}

/** Something that was heard of a source: by an event, or by asking the server. */
export interface News {
  readonly source: Source;
  /** When it happened, as the sender says, in Unix milliseconds; undefined where it does not. */
  readonly at?: number | undefined;
  /** It was seen on the server just now: no message that may be late. */
  readonly isSeen?: boolean;
}

/**
 * What became of news.
 *
 * - `accepted`: it changed something
 * - `duplicate`: it was known
 * - `outdated`: something newer is known already
 */
export type Verdict = "accepted" | "duplicate" | "outdated";

/** A source that has gone. */
export interface GoneSource {
  readonly id: string;
  /** When that was heard. */
  readonly at: number;
}

/** A {@link Presence} as it is kept. All times are Unix time in milliseconds. */
export interface PresenceRecord {
  readonly source: Source | undefined;
  /** `present`: the source is there. `grace`: it has gone, and may come back until `graceUntil`. */
  readonly state: "present" | "grace" | "absent";
  readonly graceUntil: number | undefined;
  readonly gone: readonly GoneSource[];
  /** When something that counts was heard last. */
  readonly heardAt: number;
  /** The latest time that a sender gave. */
  readonly toldAt: number | undefined;
}

/** Of a stream that nothing is known of. */
export const neverHeard: PresenceRecord = {
  source: undefined,
  state: "absent",
  graceUntil: undefined,
  gone: [],
  heardAt: 0,
  toldAt: undefined,
};

/** For so long a ready of a source that has gone is taken for a late one, in milliseconds. Hooks are retried for seconds. */
const lateMs = 60_000;

/** Whether a late ready of a source that has gone may still come. */
export const mayHearLate = ({ gone }: PresenceRecord, now: number): boolean =>
  gone.some(({ at }) => now - at < lateMs);

/** Sources that have gone and are remembered. */
const maxGone = 8;

/** An id that no other source will ever have: what is short or empty may be used again. */
const isUnique = (id: string): boolean => id.length >= 16;

/**
 * Whether the source of a stream is there, as far as one can tell from news that come twice, late, or in the wrong order.
 *
 *   absent ──ready──▶ present ──not-ready──▶ grace ──time──▶ absent
 *                        ▲────────ready────────┘
 *
 * Times are given by the caller, in Unix milliseconds that do not jump.
 */
export class Presence {
  readonly #graceMs: number;
  #record: PresenceRecord;

  constructor(graceMs: number, record: PresenceRecord = neverHeard) {
    this.#graceMs = graceMs;
    this.#record = record;
  }

  /** What is to be kept. */
  get record(): PresenceRecord {
    return this.#record;
  }

  /** When {@link tick} has something to do; undefined for never. */
  get deadline(): number | undefined {
    return this.#record.graceUntil;
  }

  /** A source is there. */
  ready({ source, at, isSeen = at !== undefined }: News, now: number): Verdict {
    const before = this.#record;
    const { toldAt } = before;
    const isCurrent = before.source?.id === source.id;
    if (before.state === "present" && isCurrent) {
      this.#record = { ...before, source: betterOf(source, before.source), toldAt: later(toldAt, at) };
      return "duplicate";
    }
    if (isOlder(at, toldAt)) return "outdated";
    // Whoever knows when it happened is believed; else a source that has gone does not come back under its own name.
    if (!isSeen && isUnique(source.id) && this.#hasGone(source.id, now)) return "outdated";
    this.#record = {
      source,
      state: "present",
      graceUntil: undefined,
      gone: before.gone.filter(({ id }) => id !== source.id),
      heardAt: now,
      toldAt: later(toldAt, at),
    };
    return "accepted";
  }

  /** A source has gone. */
  notReady({ source, at }: News, now: number): Verdict {
    const before = this.#record;
    const isOther = before.source !== undefined && source.id !== "" && before.source.id !== source.id;
    if (before.state !== "present") {
      // It may have overtaken its ready.
      if (before.source?.id === source.id && before.state === "grace") return "duplicate";
      this.#record = { ...before, gone: this.#goneWith(source.id, now), toldAt: later(before.toldAt, at) };
      return "duplicate";
    }
    if (isOlder(at, before.toldAt) || (isOther && before.source?.id !== "")) {
      this.#record = { ...before, gone: this.#goneWith(source.id, now) };
      return "outdated";
    }
    this.#record = {
      ...before,
      state: "grace",
      graceUntil: now + this.#graceMs,
      gone: this.#goneWith(before.source?.id ?? source.id, now),
      heardAt: now,
      toldAt: later(before.toldAt, at),
    };
    return "accepted";
  }

  /** Lets time pass. Gives whether something has changed. */
  tick(now: number): boolean {
    const { graceUntil } = this.#record;
    if (graceUntil === undefined || now < graceUntil) return false;
    this.#record = { ...this.#record, state: "absent", graceUntil: undefined, heardAt: now };
    return true;
  }

  /**
   * Goes on with what an earlier process has kept: a clock that was set back meanwhile makes no grace longer than it is, and no news older
   * than those before.
   */
  static resume(graceMs: number, record: PresenceRecord, now: number): Presence {
    const { graceUntil, gone, heardAt, toldAt } = record;
    return new Presence(graceMs, {
      ...record,
      graceUntil: graceUntil === undefined ? undefined : Math.min(graceUntil, now + graceMs),
      gone: gone.map(({ id, at }) => ({ id, at: Math.min(at, now) })),
      // Whatever is heard from now on is newer.
      heardAt: Math.min(heardAt, now - 1),
      toldAt: toldAt !== undefined && toldAt > now ? undefined : toldAt,
    });
  }

  #hasGone(id: string, now: number): boolean {
    return this.#record.gone.some((each) => each.id === id && now - each.at < lateMs);
  }

  #goneWith(id: string, now: number): readonly GoneSource[] {
    if (!isUnique(id)) return this.#record.gone;
    const others = this.#record.gone.filter((each) => each.id !== id && now - each.at < lateMs);
    return [{ id, at: now }, ...others].filter((_, index) => index < maxGone);
  }
}

/** The server's own list knows no query; an event does. */
const betterOf = (now: Source, before: Source | undefined): Source => ({
  id: now.id,
  type: now.type === "" ? (before?.type ?? "") : now.type,
  query: now.query === "" ? (before?.query ?? "") : now.query,
});

const isOlder = (at: number | undefined, than: number | undefined): boolean =>
  at !== undefined && than !== undefined && at < than;

const later = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
