import type { Run } from "../media/sample.ts";
import { TsMuxer, tsHolds } from "../mpegts/muxer.ts";
import type { SegmentFacts, SegmentFormat, SegmentMuxer } from "./segment-format.ts";

/** Writes segments as one transport stream: put behind each other they play without a seam. */
class TsSegmentMuxer implements SegmentMuxer {
  #muxer: TsMuxer | undefined;
  #isFirstPart = true;

  begin({ tracks, originMs }: SegmentFacts): Uint8Array {
    this.#isFirstPart = true;
    this.#muxer ??= new TsMuxer(originMs);
    return this.#muxer.begin(tracks);
  }

  *part(runs: readonly Run[]): Iterable<Uint8Array> {
    if (!this.#muxer) return;
    if (!this.#isFirstPart) yield this.#muxer.tables();
    this.#isFirstPart = false;
    yield this.#muxer.write(runs);
  }

  end(): readonly [] {
    return [];
  }
}

/** MPEG-TS. */
export const tsFormat: SegmentFormat = {
  extension: ".ts",
  name: "mpegts",
  holds: tsHolds,
  open: () => new TsSegmentMuxer(),
};
