import type { Alert, LiveMessage, LiveStream, ServerLoad } from "./objects.ts";

/** Seconds of rates that are kept for each stream. */
export const keptSeconds = 120;

/** After so long without a message what went before is no longer joined to what comes, in milliseconds. */
const longestGapMs = 10_000;

/** Alerts that are kept. */
const keptAlerts = 200;

/** Rates of the last seconds, the newest last. */
export interface History {
  readonly bitsIn: readonly number[];
  readonly pictures: readonly number[];
  readonly bitsOut: readonly number[];
}

/** A stream with what it brings. */
export interface ShownStream extends LiveStream {
  readonly bitsIn: number;
  readonly pictures: number;
  readonly bitsOut: number;
  readonly history: History;
}

interface Entry {
  stream: ShownStream;
  readonly history: { bitsIn: number[]; pictures: number[]; bitsOut: number[] };
}

const append = (values: number[], value: number): void => {
  values.push(value);
  if (values.length > keptSeconds) values.shift();
};

/** What the messages of a live feed add up to. */
export class LiveStreams {
  #entries = new Map<number, Entry>();
  #streams: readonly ShownStream[] = [];
  #byName = new Map<string, ShownStream>();
  #alerts: readonly Alert[] = [];
  #load: ServerLoad | undefined;
  #appliedAt = Number.NEGATIVE_INFINITY;
  /** How far the server's clock is ahead of ours, in milliseconds. */
  #aheadMs = 0;
  readonly #total: Entry["history"] = { bitsIn: [], pictures: [], bitsOut: [] };

  /** All streams, by name. Another list after each message. */
  get streams(): readonly ShownStream[] {
    return this.#streams;
  }

  /** The last alerts, the newest first. */
  get alerts(): readonly Alert[] {
    return this.#alerts;
  }

  /** Undefined before the first message. */
  get load(): ServerLoad | undefined {
    return this.#load;
  }

  /** Sums over all streams. */
  get total(): History {
    return this.#total;
  }

  /** Undefined where there is no stream of that name. */
  find(name: string): ShownStream | undefined {
    return this.#byName.get(name);
  }

  /** What the server's clock shows when ours shows `now`, in Unix milliseconds. */
  serverTime(now: number): number {
    return now + this.#aheadMs;
  }

  /** Takes a message that arrived at `now`, in Unix milliseconds. */
  apply(message: LiveMessage, now: number): void {
    this.#aheadMs = message.time - now;
    const isGap = now - this.#appliedAt > longestGapMs;
    this.#appliedAt = now;
    const before = message.isWhole ? this.#takeAll(isGap) : undefined;
    for (const stream of message.streams) this.#set(stream, before);
    for (const id of message.gone) this.#entries.delete(id);
    this.#takeRates(message);
    this.#takeAlerts(message);
    this.#load = message.load;
    this.#streams = [...this.#entries.values()].map(({ stream }) => stream).sort(byName);
    this.#byName = new Map(this.#streams.map((stream) => [stream.name, stream]));
  }

  /** Forgets all entries, and gives their histories by name: ids may be others after a restart. After a gap they would show what was not. */
  #takeAll(isGap: boolean): Map<string, Entry["history"]> {
    if (isGap) {
      this.#total.bitsIn.splice(0);
      this.#total.bitsOut.splice(0);
    }
    const known = isGap ? [] : [...this.#entries.values()];
    const histories = new Map(known.map(({ stream, history }) => [stream.name, history]));
    this.#entries = new Map();
    return histories;
  }

  #set(stream: LiveStream, before: Map<string, Entry["history"]> | undefined): void {
    const known = this.#entries.get(stream.id);
    const history = known?.history ?? before?.get(stream.name) ?? { bitsIn: [], pictures: [], bitsOut: [] };
    const { bitsIn = 0, pictures = 0, bitsOut = 0 } = stream.source ? (known?.stream ?? {}) : {};
    this.#entries.set(stream.id, { stream: { ...stream, bitsIn, pictures, bitsOut, history }, history });
  }

  #takeRates({ rates }: LiveMessage): void {
    const sums = { bitsIn: 0, bitsOut: 0 };
    for (const [id, bitsIn, pictures, bitsOut] of rates) {
      const entry = this.#entries.get(id);
      if (!entry) continue;
      entry.stream = { ...entry.stream, bitsIn, pictures, bitsOut };
      append(entry.history.bitsIn, bitsIn);
      append(entry.history.pictures, pictures);
      append(entry.history.bitsOut, bitsOut);
      sums.bitsIn += bitsIn;
      sums.bitsOut += bitsOut;
    }
    append(this.#total.bitsIn, sums.bitsIn);
    append(this.#total.bitsOut, sums.bitsOut);
  }

  /** A message that tells everything tells some of them again; a server that started anew begins to count anew. */
  #takeAlerts({ alerts, isWhole }: LiveMessage): void {
    const newest = isWhole ? 0 : (this.#alerts[0]?.number ?? 0);
    const known = isWhole ? [] : this.#alerts;
    const fresh = alerts.filter(({ number }) => number > newest).reverse();
    if (isWhole || fresh.length > 0) this.#alerts = [...fresh, ...known].slice(0, keptAlerts);
  }
}

/** By code unit, as the server orders names. */
const byName = (a: ShownStream, b: ShownStream): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
