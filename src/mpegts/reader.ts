import { packetBytes } from "./packet-writer.ts";
import { pids } from "./section.ts";
import { isPes, payloadOf, readStamp } from "./times.ts";

/** A stream of the program. */
export interface FoundStream {
  readonly pid: number;
  /** ISO/IEC 13818-1 table 2-34. */
  readonly type: number;
  /** Four letters of its registration; empty where it has none. */
  readonly registration: string;
  /** The channels that Opus says. */
  readonly channels: number;
}

/** A packet of an elementary stream, put together. */
export interface FoundUnit {
  readonly pid: number;
  /** In units of 90 kHz, not unwrapped. */
  readonly decoding: number;
  readonly presentation: number;
  readonly data: Uint8Array;
  /** Where its first packet begins in the file, and where its last one ends. */
  readonly start: number;
  readonly end: number;
}

interface Gathering {
  readonly start: number;
  end: number;
  readonly pieces: Uint8Array[];
}

/** Reads a transport stream as it comes in, in whole packets: bytes in, units out. */
export class TsReader {
  #pmtPid: number | undefined;
  #streams: ReadonlyMap<number, FoundStream> = new Map();
  readonly #gathering = new Map<number, Gathering>();
  readonly #units: FoundUnit[] = [];

  /** Streams of the program that are known; undefined to find them in the stream itself. */
  constructor(streams?: readonly FoundStream[]) {
    if (streams) this.#streams = new Map(streams.map((stream) => [stream.pid, stream]));
  }

  get streams(): readonly FoundStream[] {
    return [...this.#streams.values()];
  }

  /** Takes whole packets, which begin at `offset` in their file. They are borrowed until the units are read. Noise is passed over. */
  receive(bytes: Uint8Array, offset: number): void {
    for (let at = 0; at + packetBytes <= bytes.length; at += packetBytes)
      if (bytes[at] === 0x47) this.#packet(bytes, at, offset + at);
  }

  /** Nothing follows: what was begun is whole. */
  end(): void {
    for (const [pid, gathering] of this.#gathering) this.#complete(pid, gathering);
    this.#gathering.clear();
  }

  /** The next unit; undefined while there is none. */
  next(): FoundUnit | undefined {
    return this.#units.shift();
  }

  #packet(bytes: Uint8Array, at: number, offset: number): void {
    const pid = (((bytes[at + 1] ?? 0) & 0x1f) << 8) | (bytes[at + 2] ?? 0);
    const isStart = ((bytes[at + 1] ?? 0) & 0x40) !== 0;
    const payload = payloadOf(bytes, at);
    if (payload === undefined) return;
    const end = at + packetBytes;
    if (pid === pids.pat || pid === this.#pmtPid) {
      if (isStart) this.#section(pid, bytes.subarray(payload + 1 + (bytes[payload] ?? 0), end));
      return;
    }
    if (!this.#streams.has(pid)) return;
    let gathering = this.#gathering.get(pid);
    if (isStart) {
      if (gathering) this.#complete(pid, gathering);
      gathering = { start: offset, end: offset, pieces: [] };
      this.#gathering.set(pid, gathering);
    }
    if (!gathering) return;
    gathering.pieces.push(bytes.subarray(payload, end));
    gathering.end = offset + packetBytes;
  }

  #section(pid: number, section: Uint8Array): void {
    const length = ((((section[1] ?? 0) & 0x0f) << 8) | (section[2] ?? 0)) + 3 - 4;
    if (pid === pids.pat) {
      for (let at = 8; at + 4 <= length; at += 4)
        if (((section[at] ?? 0) | (section[at + 1] ?? 0)) !== 0) this.#pmtPid ??= u13(section, at + 2);
      return;
    }
    if (this.#streams.size > 0) return;
    const streams = new Map<number, FoundStream>();
    for (let at = 12 + (u13(section, 10) & 0xfff); at + 5 <= length; ) {
      const info = u13(section, at + 3) & 0xfff;
      const descriptors = section.subarray(at + 5, at + 5 + info);
      const found = { pid: u13(section, at + 1), type: section[at] ?? 0, ...describe(descriptors) };
      streams.set(found.pid, found);
      at += 5 + info;
    }
    this.#streams = streams;
  }

  #complete(pid: number, { pieces, start, end }: Gathering): void {
    const bytes = Buffer.concat(pieces);
    const flags = bytes[7] ?? 0;
    if (bytes.length < 14 || !isPes(bytes, 0) || (flags & 0x80) === 0) return;
    const presentation = readStamp(bytes, 9);
    const decoding = flags & 0x40 ? readStamp(bytes, 14) : presentation;
    const length = ((bytes[4] ?? 0) << 8) | (bytes[5] ?? 0);
    const data = bytes.subarray(9 + (bytes[8] ?? 0), length === 0 ? bytes.length : 6 + length);
    this.#units.push({ pid, decoding, presentation, data, start, end });
  }
}

const u13 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) & 0x1f) << 8) | (bytes[at + 1] ?? 0);

const describe = (bytes: Uint8Array): Pick<FoundStream, "registration" | "channels"> => {
  let registration = "";
  let channels = 2;
  for (let at = 0; at + 2 <= bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
    if (bytes[at] === 5) registration = String.fromCharCode(...bytes.subarray(at + 2, at + 6));
    if (bytes[at] === 0x7f && bytes[at + 2] === 0x80) channels = bytes[at + 3] ?? channels;
  }
  return { registration, channels };
};
