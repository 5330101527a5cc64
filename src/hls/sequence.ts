import type { Run, Sample, SampleTrack } from "../media/sample.ts";
import type { SampleLine, TimedFrame } from "../samples/sample-line.ts";
import type { Container, ContainerWriter } from "./container.ts";

/** The main track of pictures, and that of sound: HLS has one of each. */
export const mainTracks = { video: "video 0", audio: "audio 0" } as const;

/** A part as the container has it. */
export interface WrittenPart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Decoding can begin with it. */
  readonly isIndependent: boolean;
  readonly pictures: number;
}

interface Lane {
  readonly line: SampleLine;
  samples: Sample[];
  /** Time of its latest frame, in milliseconds. */
  lastMs: number;
}

/**
 * Segments that continue each other: the same tracks all along, and one line of time. Frames are gathered until a part is written of
 * them; the first one settles which tracks there are.
 */
export class Sequence {
  readonly #container: Container;
  readonly #lanes = new Map<string, Lane>();
  #writer: ContainerWriter | undefined;
  #isSegmentNew = true;
  #bytes = 0;

  constructor(container: Container) {
    this.#container = container;
  }

  /** What players read first; undefined where they need not, or before the first part. */
  get init(): Uint8Array<ArrayBuffer> | undefined {
    return this.#writer?.init;
  }

  /** Whether its tracks are settled. */
  get isSettled(): boolean {
    return this.#writer !== undefined;
  }

  /** Pictures first. */
  get tracks(): readonly SampleTrack[] {
    return this.#inOrder.map(({ line }) => line.track);
  }

  get hasVideo(): boolean {
    return this.#lanes.has(mainTracks.video);
  }

  /** Bytes of frames since the segment began. */
  get segmentBytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#lanes.has(key);
  }

  /** Adds a track while they are not settled; time counts as if it had a frame at `ms`. */
  add(key: string, line: SampleLine, ms: number): void {
    this.#lanes.set(key, { line, samples: [], lastMs: ms });
  }

  /** The tracks that have brought nothing for longer than `silenceMs`. */
  silent(ms: number, silenceMs: number): readonly string[] {
    return [...this.#lanes].flatMap(([key, { lastMs }]) => (ms - lastMs > silenceMs ? key : []));
  }

  /** When a track brought its latest frame. */
  lastOf(key: string): number | undefined {
    return this.#lanes.get(key)?.lastMs;
  }

  /** Takes a frame of a track that it has. */
  push(key: string, frame: TimedFrame & { readonly timestamp: number }): void {
    const lane = this.#lanes.get(key);
    if (!lane) return;
    keep(lane, lane.line.push(frame));
    lane.lastMs = frame.timestamp;
    this.#bytes += frame.data.length;
  }

  /** The latest frame of a track lasts until the one that comes at `ms`. */
  endAt(key: string, ms: number): void {
    const lane = this.#lanes.get(key);
    if (lane) keep(lane, lane.line.endAt(ms));
  }

  /** Nothing follows. Gives where the last sample of each track ends, in milliseconds. */
  end(): ReadonlyMap<string, number> {
    const ends = new Map<string, number>();
    for (const [key, lane] of this.#lanes) {
      const last = lane.line.end();
      keep(lane, last);
      if (last) ends.set(key, ((last.time + last.duration) * 1_000) / lane.line.track.timescale);
    }
    return ends;
  }

  /** Writes what is complete; undefined where nothing is. */
  write(): WrittenPart | undefined {
    const lanes = this.#inOrder;
    if (lanes.every(({ samples }) => samples.length === 0)) return undefined;
    this.#writer ??= this.#container.open(this.tracks);
    const runs: Run[] = [];
    for (const lane of lanes) {
      if (lane.samples.length > 0) runs.push({ track: lane.line.track, samples: lane.samples });
      lane.samples = [];
    }
    const head = this.#isSegmentNew ? this.#writer.segmentHead() : undefined;
    this.#isSegmentNew = false;
    const part = this.#writer.part(runs);
    const pictures = runs.find(({ track }) => track.description.kind === "video")?.samples ?? [];
    return {
      bytes: head ? joined(head, part) : part,
      isIndependent: this.hasVideo ? (pictures[0]?.isKey ?? false) : true,
      pictures: pictures.length,
    };
  }

  /** What is written from now on belongs to another segment. */
  nextSegment(): void {
    this.#isSegmentNew = true;
    this.#bytes = 0;
  }

  get #inOrder(): readonly Lane[] {
    const isVideo = ({ line }: Lane): boolean => line.track.description.kind === "video";
    const lanes = [...this.#lanes.values()];
    return [...lanes.filter(isVideo), ...lanes.filter((lane) => !isVideo(lane))];
  }
}

const keep = (lane: Lane, sample: Sample | undefined): void => {
  if (sample) lane.samples.push(sample);
};

const joined = (head: Uint8Array, part: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(head.length + part.length);
  bytes.set(head);
  bytes.set(part, head.length);
  return bytes;
};
