import type { Packet } from "../media/packet.ts";

/** A step between two frames of more than this is a gap in the media: no frame rate is meant by it. In milliseconds. */
const gapAfterMs = 1_000;

/** What a meter wants of a frame. */
export type MeteredFrame = Pick<Packet, "size" | "timestamp" | "trackId" | "role">;

/** What a flow has brought in its publish. Counts only grow, so that several readers can each take their own differences. */
export interface FlowReading {
  /** Bytes of payload of all frames. */
  readonly bytes: number;
  /** Frames of the first track; those of further tracks come at the same times. */
  readonly frames: number;
  readonly keyFrames: number;
  /** Times of the first, the last and the last key frame on the stream's timeline, in milliseconds; NaN before there is one. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly lastKeyTime: number;
  /** Milliseconds of media, without gaps, from the last key frame but one to the last; NaN before there are two. */
  readonly gopMs: number;
  /** When the last frame came, by the clock, in milliseconds; NaN before there is one. */
  readonly lastArrival: number;
  /** Steps of more than a second between frames, and their sum in milliseconds. */
  readonly gaps: number;
  readonly gapMs: number;
  /** What `gapMs` was at the last key frame. */
  readonly gapMsAtKey: number;
  /** Sum of the squares of all other steps, in square milliseconds: tells how regular they are. */
  readonly squaredSteps: number;
}

/** Counts what one flow of a publish brings. A frame costs a few additions. */
export class FlowMeter implements FlowReading {
  bytes = 0;
  frames = 0;
  keyFrames = 0;
  firstTime = Number.NaN;
  lastTime = Number.NaN;
  lastKeyTime = Number.NaN;
  gopMs = Number.NaN;
  lastArrival = Number.NaN;
  gaps = 0;
  gapMs = 0;
  gapMsAtKey = 0;
  squaredSteps = 0;

  /** Counts a frame that came at `now`. */
  add(frame: MeteredFrame, now: number): void {
    this.bytes += frame.size;
    this.lastArrival = now;
    if (frame.trackId !== 0) return;
    const time = frame.timestamp;
    const step = time - this.lastTime;
    this.lastTime = time;
    this.frames++;
    // False for the first frame too, whose step is NaN.
    if (step <= gapAfterMs) this.squaredSteps += step * step;
    else this.#leap(step, time);
    if (frame.role !== "key") return;
    this.keyFrames++;
    this.gopMs = time - this.lastKeyTime - (this.gapMs - this.gapMsAtKey);
    this.lastKeyTime = time;
    this.gapMsAtKey = this.gapMs;
  }

  #leap(step: number, time: number): void {
    if (this.frames === 1) {
      this.firstTime = time;
      return;
    }
    this.gaps++;
    this.gapMs += step;
  }
}

/** The meters of a publish. */
export interface FlowMeters {
  readonly audio: FlowReading;
  readonly video: FlowReading;
}
