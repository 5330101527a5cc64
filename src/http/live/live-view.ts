import { StreamRow, type ViewedStream } from "./stream-row.ts";

/** What a publisher brings, for each second. */
export interface InboundRates {
  readonly bytesPerSecond: number;
  readonly framesPerSecond: number;
}

/** What the server does as a whole. */
export interface ServerLoad {
  readonly connections: number;
  /** Of one core, in per cent. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
}

/** Where a {@link LiveView} looks. */
export interface LivePorts {
  readonly streams: () => Iterable<ViewedStream>;
  /** Undefined where it is not known yet. */
  readonly ratesOf: (stream: ViewedStream) => InboundRates | undefined;
  readonly isRecording: (path: string) => boolean;
  readonly load: () => ServerLoad;
  /** JSON of the alerts after the one of that number, the oldest first. */
  readonly alertsAfter: (number: number) => { readonly texts: readonly string[]; readonly last: number };
}

/** So many streams take about a millisecond; media wait no longer for a look. */
const streamsInOneGo = 500;

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/**
 * What live views show, as messages: one that tells everything, and one that tells what has changed since the last look. Rates are told every
 * time, as short lists of numbers, for they always change.
 */
export class LiveView {
  readonly #ports: LivePorts;
  readonly #rows = new Map<string, StreamRow>();
  /** Bytes that went out of a publish until the last look. */
  readonly #out = new WeakMap<object, number>();
  #ids = 0;
  #looks = 0;
  #lastAt = Number.NaN;
  #lastAlert = 0;
  /** What the last look told that is not in the rows. */
  #tail = "";

  constructor(ports: LivePorts) {
    this.#ports = ports;
  }

  /** Looks at everything at `now`, in milliseconds of the clock. Gives what has changed, as JSON of a `LiveMessage`. */
  async look(now: number, date: Date): Promise<string> {
    const look = ++this.#looks;
    const seconds = (now - this.#lastAt) / 1_000;
    this.#lastAt = now;
    const changed: string[] = [];
    const rates: string[] = [];
    let count = 0;
    // A stream that comes while others go on is seen with the next look at the latest.
    for (const stream of [...this.#ports.streams()]) {
      if (++count % streamsInOneGo === 0) await turn();
      const row = this.#rowOf(stream);
      row.seenAt = look;
      if (row.follow(stream, this.#ports.isRecording(stream.path))) changed.push(row.text);
      if (stream.publication) rates.push(this.#rates(row.id, stream, seconds));
    }
    this.#tail = `"rates":[${rates.join(",")}],"load":${JSON.stringify(this.#ports.load())}`;
    const gone = this.#leave(look);
    const { texts, last } = this.#ports.alertsAfter(this.#lastAlert);
    this.#lastAlert = last;
    return `{"time":${date.getTime()},"isWhole":false,"streams":[${changed.join(",")}],"gone":[${gone.join(",")}],"alerts":[${texts.join(",")}],${this.#tail}}`;
  }

  /** Everything as of the last look. */
  whole(date: Date): string {
    const rows = [...this.#rows.values()].map(({ text }) => text).join(",");
    const { texts } = this.#ports.alertsAfter(0);
    return `{"time":${date.getTime()},"isWhole":true,"streams":[${rows}],"gone":[],"alerts":[${texts.join(",")}],${this.#tail}}`;
  }

  /** Forgets everything: nobody watches. */
  clear(): void {
    this.#rows.clear();
    this.#lastAt = Number.NaN;
    this.#tail = "";
  }

  #rowOf({ path }: ViewedStream): StreamRow {
    let row = this.#rows.get(path);
    if (!row) {
      row = new StreamRow(++this.#ids);
      this.#rows.set(path, row);
    }
    return row;
  }

  /** `[id, bits in, pictures, bits out]`, each for a second. */
  #rates(id: number, stream: ViewedStream, seconds: number): string {
    const { meters, bytesOut } = stream;
    const before = this.#out.get(meters) ?? bytesOut;
    this.#out.set(meters, bytesOut);
    const rates = this.#ports.ratesOf(stream);
    const bitsIn = Math.round((rates?.bytesPerSecond ?? 0) * 8);
    const pictures = Math.round((rates?.framesPerSecond ?? 0) * 10) / 10;
    const bitsOut = seconds > 0 ? Math.round(((bytesOut - before) * 8) / seconds) : 0;
    return `[${id},${bitsIn},${pictures},${bitsOut}]`;
  }

  #leave(look: number): number[] {
    const gone: number[] = [];
    for (const [path, { id, seenAt }] of this.#rows) {
      if (seenAt === look) continue;
      gone.push(id);
      this.#rows.delete(path);
    }
    return gone;
  }
}
