import type { Run, Sample, SampleTrack } from "../media/sample.ts";
import { type Repack, repackOf } from "./elementary.ts";
import { PacketWriter } from "./packet-writer.ts";
import { clockTrackOf, encodePat, encodePmt, pids } from "./section.ts";
import { kindOf } from "./stream-kind.ts";

/** Decoding times lie so far behind zero that composition offsets may be negative, and the clock so far in front of them. */
const timeShift = 126_000;
const clockLead = 63_000;

const ticksPerSecond = 90_000;
const maxPesLength = 0xffff;

interface Lane {
  readonly pid: number;
  readonly streamId: number;
  readonly isVideo: boolean;
  readonly hasClock: boolean;
  readonly repack: Repack;
}

/** One sample with its place on the common line of time, in units of 90 kHz. */
interface Placed {
  readonly lane: Lane;
  readonly sample: Sample;
  readonly decoding: number;
  readonly presentation: number;
}

/** Whether a transport stream can hold a track. */
export const tsHolds = (track: SampleTrack): boolean => {
  try {
    kindOf(track);
    repackOf(track);
    return true;
  } catch {
    // Whatever it is that cannot be read or has no place, the answer is the same.
    return false;
  }
};

/** Writes one transport stream, which may be cut into files anywhere between two calls: times and counters go on. */
export class TsMuxer {
  readonly #packets = new PacketWriter();
  readonly #originMs: number;
  #lanes: ReadonlyMap<SampleTrack, Lane> = new Map();
  #pat: Uint8Array = new Uint8Array(0);
  #pmt: Uint8Array = new Uint8Array(0);

  /** Times count from this one, in milliseconds of the tracks. */
  constructor(originMs: number) {
    this.#originMs = originMs;
  }

  /** Begins with these tracks; gives the tables that say so. `tsHolds` each. */
  begin(tracks: readonly SampleTrack[]): Uint8Array {
    const clockTrack = clockTrackOf(tracks);
    this.#lanes = new Map(
      tracks.map((track, index) => [
        track,
        {
          pid: pids.firstTrack + index,
          streamId: kindOf(track).streamId,
          isVideo: track.description.kind === "video",
          hasClock: index === clockTrack,
          repack: repackOf(track),
        },
      ]),
    );
    this.#pat = encodePat();
    this.#pmt = encodePmt(tracks);
    return this.tables();
  }

  /** The tables again: players that begin here need them. */
  tables(): Uint8Array {
    this.#packets.section(pids.pat, this.#pat);
    this.#packets.section(pids.pmt, this.#pmt);
    return this.#packets.take();
  }

  /** The packets of some runs, in order of their times. */
  write(runs: readonly Run[]): Uint8Array {
    const all = runs.flatMap((run) => this.#place(run)).sort((a, b) => a.decoding - b.decoding);
    for (const placed of all) this.#write(placed);
    return this.#packets.take();
  }

  #place({ track, samples }: Run): Placed[] {
    const lane = this.#lanes.get(track);
    if (!lane) return [];
    const origin = (this.#originMs * ticksPerSecond) / 1_000;
    const factor = ticksPerSecond / track.timescale;
    return samples.map((sample) => {
      const decoding = Math.round(sample.time * factor - origin) + timeShift;
      return {
        lane,
        sample,
        decoding,
        presentation: decoding + Math.round(sample.compositionOffset * factor),
      };
    });
  }

  #write({ lane, sample, decoding, presentation }: Placed): void {
    const pieces = lane.repack(sample).filter(({ length }) => length > 0);
    if (pieces.length === 0) return;
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    const head = pesHeader({ lane, bytes, decoding, presentation });
    this.#packets.unit({
      pid: lane.pid,
      pieces: [head, ...pieces],
      isRandomAccess: lane.isVideo ? sample.isKey : lane.hasClock,
      clock: lane.hasClock ? Math.max(0, decoding - clockLead) : undefined,
    });
  }
}

/** 33 bits of time with a marker behind each part. ISO/IEC 13818-1 2.4.3.7. */
const stamp = (bytes: Uint8Array, at: number, { mark, time }: { mark: number; time: number }): void => {
  const value = ((time % 2 ** 33) + 2 ** 33) % 2 ** 33;
  const high = Math.floor(value / 2 ** 30);
  const middle = Math.floor(value / 2 ** 15) & 0x7fff;
  const low = value % 2 ** 15;
  bytes[at] = (mark << 4) | (high << 1) | 1;
  bytes[at + 1] = middle >> 7;
  bytes[at + 2] = ((middle & 0x7f) << 1) | 1;
  bytes[at + 3] = low >> 7;
  bytes[at + 4] = ((low & 0x7f) << 1) | 1;
};

const pesHeader = ({
  lane,
  bytes,
  decoding,
  presentation,
}: Omit<Placed, "sample"> & { readonly bytes: number }): Uint8Array => {
  const hasBoth = decoding !== presentation;
  const times = hasBoth ? 10 : 5;
  const header = new Uint8Array(9 + times);
  const length = 3 + times + bytes;
  header.set([0, 0, 1, lane.streamId]);
  // Pictures may be longer than the field can tell: then it is 0.
  if (length <= maxPesLength) header.set([length >> 8, length & 0xff], 4);
  header.set([0x84, hasBoth ? 0xc0 : 0x80, times], 6);
  stamp(header, 9, { mark: hasBoth ? 3 : 2, time: presentation });
  if (hasBoth) stamp(header, 14, { mark: 1, time: decoding });
  return header;
};
