/** What a viewer asks for. */
export type ViewerHabit = "playlists" | "segments" | "parts";

const decoder = new TextDecoder("latin1");
const headEnd = "\r\n\r\n";

/** What viewers have done so far, all together. */
export interface ViewerCounts {
  requests: number;
  bytes: number;
  /** Answers that were none of 200, and connections that ended. */
  failed: number;
  /** How long ago what a playlist ends with had come to the server, in milliseconds. */
  readonly behindMs: number[];
}

/** A connection that asks one thing after another. */
class Connection {
  readonly #counts: ViewerCounts;
  readonly #host: string;
  #socket: Bun.Socket | undefined;
  #chunks: Uint8Array[] = [];
  #got = 0;
  #needed = Number.NaN;
  #headBytes = 0;
  #answered: ((body: string) => void) | undefined;

  constructor(host: string, counts: ViewerCounts) {
    this.#host = host;
    this.#counts = counts;
  }

  async open(port: number): Promise<void> {
    this.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: { data: (_, bytes) => this.#take(bytes), close: () => void this.#counts.failed++ },
    });
  }

  /** Gives the body of the answer. */
  get(path: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#chunks = [];
    this.#got = 0;
    this.#needed = Number.NaN;
    this.#answered = resolve;
    this.#socket?.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nUser-Agent: ${this.#host}\r\n\r\n`);
    return promise;
  }

  #take(bytes: Uint8Array): void {
    this.#counts.bytes += bytes.length;
    this.#chunks.push(bytes);
    this.#got += bytes.length;
    if (Number.isNaN(this.#needed)) this.#readHead(decoder.decode(bytes));
    if (!(this.#got >= this.#needed)) return;
    this.#counts.requests++;
    const body = decoder.decode(Buffer.concat(this.#chunks)).substring(this.#headBytes);
    this.#answered?.(body);
  }

  #readHead(text: string): void {
    this.#headBytes = text.indexOf(headEnd) + headEnd.length;
    this.#needed = this.#headBytes + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (!text.startsWith("HTTP/1.1 200")) this.#counts.failed++;
  }
}

interface Seen {
  /** Of the next segment. */
  readonly number: number;
  /** Parts of it that are there. */
  readonly parts: number;
  readonly lastPart: string | undefined;
  readonly lastSegment: string | undefined;
}

const read = (text: string, counts: ViewerCounts): Seen => {
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0);
  const durations = [...text.matchAll(/#EXTINF:([\d.]+)/g)];
  const tail = text.substring(Math.max(0, text.lastIndexOf("#EXTINF")));
  const open = [...tail.matchAll(/#EXT-X-PART:DURATION=([\d.]+)/g)];
  const dates = [...text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(\S+)/g)];
  const lengths = open.length > 0 ? open : durations.slice(-1);
  const lengthMs = lengths.reduce((sum, [, seconds]) => sum + Number(seconds) * 1_000, 0);
  counts.behindMs.push(Date.now() - Date.parse(dates.at(-1)?.[1] ?? "") - lengthMs);
  return {
    number: first + durations.length,
    parts: open.length,
    lastPart: [...text.matchAll(/#EXT-X-PART:[^\n]*URI="([^"]+)"/g)].at(-1)?.[1],
    lastSegment: text.match(/^\w+_seg\d+\.\w+$/gm)?.at(-1),
  };
};

/** How often a viewer without parts looks at the playlist, in milliseconds. */
const pollMs = 1_000;

/** One that has parts: waits for each, and fetches it. */
const followParts = async (connection: Connection, base: string, counts: ViewerCounts): Promise<never> => {
  let seen = read(await connection.get(`${base}/main_stream.m3u8`), counts);
  for (;;) {
    const query = `?_HLS_msn=${seen.number}&_HLS_part=${seen.parts}`;
    seen = read(await connection.get(`${base}/main_stream.m3u8${query}`), counts);
    await connection.get(`${base}/${seen.lastPart}`);
  }
};

/** One that looks every second, and fetches a segment when there is another. */
const poll = async (
  connection: Connection,
  base: string,
  { habit, counts }: { habit: ViewerHabit; counts: ViewerCounts },
): Promise<never> => {
  let last: string | undefined;
  await Bun.sleep(Math.random() * pollMs);
  for (;;) {
    const at = performance.now();
    const { lastSegment } = read(await connection.get(`${base}/main_stream.m3u8`), counts);
    if (habit === "segments" && lastSegment !== last) {
      last = lastSegment;
      await connection.get(`${base}/${lastSegment}`);
    }
    await Bun.sleep(Math.max(0, pollMs - (performance.now() - at)));
  }
};

/** Watches a stream without end. `number` tells viewers apart. */
export const watch = async (
  { port, path, number, habit }: { port: number; path: string; number: number; habit: ViewerHabit },
  counts: ViewerCounts,
): Promise<never> => {
  const connection = new Connection(`viewer-${number}`, counts);
  await connection.open(port);
  const base = `/${path}`;
  await connection.get(`${base}/index.m3u8`);
  return habit === "parts"
    ? await followParts(connection, base, counts)
    : await poll(connection, base, { habit, counts });
};
