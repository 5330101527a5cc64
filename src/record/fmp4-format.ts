import { randomBytes } from "node:crypto";
import type { Run, Sample, SampleTrack } from "../media/sample.ts";
import { encodeFragment, type FragmentSample } from "../mp4/fragment.ts";
import { encodeHeader, mp4TrackOf } from "../mp4/header.ts";
import { mp4Keeps } from "../mp4/sample-entry.ts";
import type { Patch } from "./disk-writer.ts";
import type { SegmentFacts, SegmentFormat, SegmentMuxer } from "./segment-format.ts";

const maxU32 = 2 ** 32 - 1;

/** Writes segments as fragmented MP4, each from zero, with `mtxi` so that they can be joined again. */
class Fmp4Muxer implements SegmentMuxer {
  readonly #streamId = uuid();
  #ids: ReadonlyMap<SampleTrack, number> = new Map();
  #startMs = 0;
  #sequence = 0;
  #durationOffset = 0;

  begin({ tracks, number, startMs, originMs, dateMs }: SegmentFacts): Uint8Array {
    this.#ids = new Map(tracks.map((track, index) => [track, index + 1]));
    this.#startMs = startMs;
    this.#sequence = 0;
    const { bytes, durationOffset } = encodeHeader(tracks.map(mp4TrackOf), {
      streamId: this.#streamId,
      number,
      startNs: nanoseconds(startMs - originMs),
      dateNs: nanoseconds(dateMs),
    });
    this.#durationOffset = durationOffset;
    return bytes;
  }

  *part(runs: readonly Run[]): Iterable<Uint8Array> {
    this.#sequence++;
    const placed = runs.map((run) => ({
      id: this.#ids.get(run.track) ?? 0,
      baseTime: this.#timeInFile(run),
      samples: run.samples.map(placedSample),
    }));
    yield encodeFragment(this.#sequence, placed).head;
    for (const { samples } of runs) for (const { data } of samples) yield data;
  }

  end(durationMs: number): readonly Patch[] {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, Math.min(Math.round(durationMs), maxU32));
    return [{ position: this.#durationOffset, bytes }];
  }

  #timeInFile({ track, samples: [first] }: Run): number {
    const zero = Math.round((this.#startMs * track.timescale) / 1_000);
    return Math.max(0, (first?.time ?? zero) - zero);
  }
}

const placedSample = ({ compositionOffset, duration, isKey, data }: Sample): FragmentSample => ({
  compositionOffset,
  duration,
  isKey,
  size: data.length,
});

const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1_000)) * 1_000n;

/** A random UUID, version 4. */
const uuid = (): Uint8Array => {
  const bytes = new Uint8Array(randomBytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
};

/** Fragmented MP4. */
export const fmp4Format: SegmentFormat = {
  extension: ".mp4",
  name: "fmp4",
  holds: mp4Keeps,
  open: () => new Fmp4Muxer(),
};
