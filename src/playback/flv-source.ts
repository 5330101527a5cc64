import type { Medium } from "../archive/medium.ts";
import { share } from "../base/bytes.ts";
import { TransportError } from "../base/errors.ts";
import { readAudioHeader } from "../flv/audio-header.ts";
import { flvHeaderSize, tagHeaderSize, tagTrailerSize, tagType } from "../flv/tag.ts";
import { readVideoHeader } from "../flv/video-header.ts";
import { Packet } from "../media/packet.ts";
import { mp4TrackOf } from "../mp4/header.ts";
import { mp4Keeps } from "../mp4/sample-entry.ts";
import { SampleLine } from "../samples/sample-line.ts";
import { SampleTracks, type TrackUnit, unitsOf } from "../samples/sample-tracks.ts";
import { type PlacedSample, readPlaced } from "./placed-sample.ts";
import type { Source, SourceRun } from "./source.ts";

/** Read from the disk at once. */
const blockBytes = 1024 * 1024;

/** Tracks of a recording have shown themselves after so long, in milliseconds. */
const probeMs = 2_000;

/** Frames are handed out together that last so long, in milliseconds. */
const partMs = 1_000;

/** A tag with the place of its payload in the file. */
interface PlacedTag {
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
  readonly position: number;
}

/** Opens a recording in FLV. @throws TransportError DISK where it has no track that MP4 can hold; an error of the operating system */
export const openFlvSource = async (medium: Medium): Promise<Source> => {
  const keys: string[] = [];
  const lanes = new Lanes((key) => keys.push(key));
  for await (const tag of tagsOf(medium)) {
    if (tag.timestamp > probeMs) break;
    lanes.take(tag);
  }
  if (keys.length === 0) throw new TransportError("DISK", "the file has no track that can be played");
  const tracks = keys.flatMap((key) => {
    const track = lanes.lane(key)?.line.track;
    return track ? [mp4TrackOf(track)] : [];
  });
  return { tracks, parts: () => partsOf(medium, keys) };
};

async function* partsOf(medium: Medium, keys: readonly string[]): AsyncGenerator<readonly SourceRun[]> {
  const lanes = new Lanes(() => undefined);
  const part = (): SourceRun[] =>
    keys.flatMap((key, track) => {
      const samples = lanes.lane(key)?.samples.splice(0) ?? [];
      if (samples.length === 0) return [];
      return [
        {
          track,
          samples,
          read: (from, to) => readPlaced((a, b) => medium.readRange(a, b), samples.slice(from, to)),
        },
      ];
    });
  let start: number | undefined;
  for await (const tag of tagsOf(medium)) {
    start ??= tag.timestamp;
    if (tag.timestamp - start >= partMs) {
      yield part();
      start = tag.timestamp;
    }
    lanes.take(tag);
  }
  lanes.end();
  yield part();
}

interface Lane {
  readonly line: SampleLine;
  /** Places of frames whose end has not come. */
  readonly positions: number[];
  readonly samples: PlacedSample[];
}

/** Sorts tags by tracks, and makes samples of them. */
class Lanes {
  readonly #tracks = new SampleTracks();
  readonly #lanes = new Map<string, Lane>();
  readonly #found: (key: string) => void;

  constructor(found: (key: string) => void) {
    this.#found = found;
  }

  lane(key: string): Lane | undefined {
    return this.#lanes.get(key);
  }

  take({ type, timestamp, payload, position }: PlacedTag): void {
    const facts = type === tagType.video ? readVideoHeader(payload) : readAudioHeader(payload);
    if (!facts || type === tagType.script) return;
    for (const unit of unitsOf(new Packet(facts, timestamp, share(payload)))) {
      if (unit.role === "config") this.#tracks.configure(unit);
      if (unit.role !== "key" && unit.role !== "frame" && unit.role !== "disposable") continue;
      const lane = this.#lanes.get(unit.key) ?? this.#begin(unit);
      if (!lane) continue;
      const { data, compositionTime, kind, role } = unit;
      const sample = lane.line.push({
        timestamp,
        compositionTime,
        data,
        isKey: kind === "audio" || role === "key",
      });
      this.#keep(lane, sample);
      lane.positions.push(position + data.byteOffset - payload.byteOffset);
    }
  }

  /** Nothing follows. */
  end(): void {
    for (const lane of this.#lanes.values()) this.#keep(lane, lane.line.end());
  }

  #keep(lane: Lane, sample: ReturnType<SampleLine["end"]>): void {
    const position = sample && lane.positions.shift();
    if (!sample || position === undefined) return;
    const { data, ...rest } = sample;
    lane.samples.push({ ...rest, size: data.length, position });
  }

  #begin(unit: TrackUnit): Lane | undefined {
    if (unit.kind === "video" && unit.role !== "key") return undefined;
    const track = this.#tracks.describe(unit);
    if (!track || track.timescale === 0 || !mp4Keeps(track)) return undefined;
    const lane = { line: new SampleLine(track), positions: [], samples: [] };
    this.#lanes.set(unit.key, lane);
    this.#found(unit.key);
    return lane;
  }
}

/** The whole tags of a file, up to the first that is none. */
async function* tagsOf(medium: Medium): AsyncGenerator<PlacedTag> {
  const file = await medium.open();
  try {
    let at = flvHeaderSize;
    let block: Uint8Array = new Uint8Array(0);
    let blockAt = at;
    while (at + tagHeaderSize <= file.size) {
      if (at + tagHeaderSize > blockAt + block.length) {
        block = await file.read(at, blockBytes);
        blockAt = at;
      }
      const head = at - blockAt;
      const size = u24(block, head + 1);
      const end = tagHeaderSize + size + tagTrailerSize;
      if (at + end > file.size) return;
      if (head + end > block.length) {
        block = await file.read(at, Math.max(blockBytes, end));
        blockAt = at;
      }
      const from = at - blockAt;
      const type = block[from] ?? 0;
      if (type !== tagType.audio && type !== tagType.video && type !== tagType.script) return;
      yield {
        type,
        timestamp: (((block[from + 7] ?? 0) << 24) | u24(block, from + 4)) >>> 0,
        payload: block.subarray(from + tagHeaderSize, from + tagHeaderSize + size),
        position: at + tagHeaderSize,
      };
      at += end;
    }
  } finally {
    await file.close();
  }
}

const u24 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
