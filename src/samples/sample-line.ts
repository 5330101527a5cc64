import type { AudioCodec } from "../media/codec.ts";
import { frameSamplesOf } from "../media/frame-samples.ts";
import type { Sample, SampleTrack } from "../media/sample.ts";

/** A frame with the times that it came with, in milliseconds. */
export interface TimedFrame {
  /** Undefined for one that follows the one before it. */
  readonly timestamp: number | undefined;
  /** Presentation minus decoding time; may have a fraction. */
  readonly compositionTime: number;
  readonly data: Uint8Array;
  readonly isKey: boolean;
}

/** Sound may be so far from where its samples put it before that counts as a gap, in milliseconds. */
const soundToleranceMs = 25;

/** How long a picture is shown that nothing follows and nothing went before, in seconds. */
const usualPicture = 1 / 30;

type Waiting = Omit<Sample, "duration"> & { readonly nominal: number | undefined };

/**
 * The frames of one track as samples, each as long as it takes until the next: times come in whole milliseconds, and what is
 * rounded never adds up. Sound has frames of known length, which are laid end to end while the times agree within a frame.
 */
export class SampleLine {
  readonly track: SampleTrack;
  readonly #frameSamples: (frame: Uint8Array) => number | undefined;
  /** The latest frame: how long it lasts is known when the next one comes. */
  #waiting: Waiting | undefined;
  /** Where the samples of the latest frame end; undefined where its length is not known. */
  #expected: number | undefined;
  #lastTime = Number.NEGATIVE_INFINITY;
  #lastDuration: number | undefined;

  constructor(track: SampleTrack) {
    this.track = track;
    const { description, config } = track;
    this.#frameSamples =
      description.kind === "audio"
        ? frameSamplesOf(description.codec as AudioCodec, config)
        : () => undefined;
  }

  /** Time of the frame that waits for its end, in the track's units; undefined where none does. */
  get waitingTime(): number | undefined {
    return this.#waiting?.time;
  }

  /** Takes the next frame, and gives the one before it. */
  push(frame: TimedFrame): Sample | undefined {
    const { timescale } = this.track;
    const time = this.#place(frame.timestamp);
    const before = this.#waiting;
    const nominal = this.#frameSamples(frame.data);
    this.#waiting = {
      data: frame.data,
      time,
      compositionOffset: Math.round((frame.compositionTime * timescale) / 1_000),
      isKey: frame.isKey,
      nominal,
    };
    this.#expected = nominal === undefined ? undefined : time + nominal;
    this.#lastTime = time;
    return before && this.#ended(before, time - before.time);
  }

  /** Gives the latest frame, which lasts until the one that comes at `timestamp`. */
  endAt(timestamp: number): Sample | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting && this.#ended(waiting, this.#place(timestamp) - waiting.time);
  }

  /** Gives the latest frame, with the length that is likely: nothing of it waits any more. */
  end(): Sample | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const length = waiting?.nominal ?? this.#lastDuration ?? Math.round(usualPicture * this.track.timescale);
    return waiting && this.#ended(waiting, length);
  }

  /** Times never stand still: decoders and muxers trip over that. */
  #place(timestamp: number | undefined): number {
    const { timescale } = this.track;
    if (timestamp === undefined) return Math.max(0, this.#expected ?? this.#lastTime + 1);
    const told = Math.round((timestamp * timescale) / 1_000);
    const expected = this.#expected;
    if (expected === undefined) return Math.max(told, this.#lastTime + 1);
    const tolerance = Math.max((soundToleranceMs * timescale) / 1_000, expected - this.#lastTime);
    return Math.abs(told - expected) <= tolerance ? expected : Math.max(told, this.#lastTime + 1);
  }

  #ended({ data, time, compositionOffset, isKey }: Waiting, duration: number): Sample {
    this.#lastDuration = duration;
    return { data, time, compositionOffset, duration, isKey };
  }
}
