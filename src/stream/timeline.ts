import type { PacketKind } from "../media/packet.ts";

/** A step back of up to this long within a flow is jitter: it is held, not followed. */
const maxJitterMs = 500;

/** A step forward of more than this, beyond the time that really passed, is a broken clock. */
const maxLeapMs = 10_000;

/** ffmpeg and OBS keep only 31 bits of a time; theirs falls back to 0 within this distance of 2^31. */
const maskWindowMs = 60_000;

/** Put between two packets whose clocks do not tell their distance: one frame. */
const nominalStepMs = 33;

const halfRange = 2 ** 31;

/**
 * One flow's last packet: the publisher's unwrapped time (NaN where another flow's jump made it worthless), when it came, and
 * the time it was given.
 */
interface FlowTime {
  source: number;
  arrived: number;
  placed: number;
}

/**
 * Turns the 32-bit times of one publisher after another into one timeline that never wraps and never runs backwards within
 * a flow. As long as the publisher's clock behaves, its times go through unchanged. One offset holds for all flows, so that
 * audio and video stay together. All times are milliseconds.
 */
export class Timeline {
  /** What is added to the publisher's unwrapped time. */
  #offset = 0;
  /** When the offset was last set, by the caller's time. */
  #anchoredAt = 0;
  /** The publisher's time of the last packet, as sent and unwrapped. */
  #raw = 0;
  #source = 0;
  #hasSource = false;
  /** Where the first packet of a new publisher goes. */
  #restartAt: number | undefined;
  #last = 0;
  #leaps = 0;
  readonly #flows: Record<PacketKind, FlowTime | undefined> = {
    audio: undefined,
    video: undefined,
    data: undefined,
  };

  /** The latest time given to a frame. */
  get last(): number {
    return this.#last;
  }

  /** How often the publisher's clock jumped and the timeline did not follow. */
  get leaps(): number {
    return this.#leaps;
  }

  /** A new publisher takes over: its first frame comes `gapMs` after the last one, whatever its own clock says. */
  restart(gapMs: number): void {
    if (!this.#hasSource) return;
    this.#restartAt = this.#last + Math.max(1, Math.round(gapMs));
    this.#hasSource = false;
  }

  /** The time of an audio or video frame that came at `now` with the 32-bit time `raw`. */
  place(kind: PacketKind, raw: number, now: number): number {
    const source = this.#unwrap(raw);
    const flow = this.#flows[kind];
    if (!this.#hasSource) {
      this.#hasSource = true;
      if (this.#restartAt !== undefined) this.#anchor({ kind, source, time: this.#restartAt, now });
      this.#restartAt = undefined;
    } else if (flow && this.#hasLeaped(flow, source, now)) {
      this.#anchor({ kind, source, time: this.#last + nominalStepMs, now });
      this.#leaps++;
    }
    this.#source = source;
    this.#raw = raw;
    return this.#record(kind, source, now);
  }

  /**
   * The time of what has none of its own to be trusted: configuration and metadata, which encoders stamp with 0 or worse.
   * It stays where the stream is, unless `raw` is near.
   */
  placeAside(raw: number): number {
    if (!this.#hasSource) return this.#restartAt ?? this.#last;
    const time = this.#unwrap(raw) + this.#offset;
    return Math.abs(time - this.#last) <= maxJitterMs ? time : this.#last;
  }

  #hasLeaped(flow: FlowTime, source: number, now: number): boolean {
    if (this.#isAstray(flow, source)) return now - this.#anchoredAt > maxLeapMs;
    const step = source - flow.source;
    return step < -maxJitterMs || step > maxLeapMs + now - flow.arrived;
  }

  /** Whether a flow still has the old clock after another one has jumped. */
  #isAstray(flow: FlowTime, source: number): boolean {
    return Number.isNaN(flow.source) && Math.abs(source + this.#offset - this.#last) > maxLeapMs;
  }

  #record(kind: PacketKind, source: number, now: number): number {
    const flow = this.#flows[kind];
    // One that went astray stays with the others until it has their clock.
    const isAstray = flow !== undefined && this.#isAstray(flow, source);
    const time = isAstray ? this.#last : source + this.#offset;
    const placed = flow && flow.placed > time ? flow.placed : time;
    if (placed > this.#last) this.#last = placed;
    if (flow) {
      if (!isAstray) flow.source = source;
      flow.arrived = now;
      flow.placed = placed;
    } else {
      this.#flows[kind] = { source, arrived: now, placed };
    }
    return placed;
  }

  /** Sets the offset so that `source` lands at `time`. The other flows are not judged by their old clock any more. */
  #anchor(to: { kind: PacketKind; source: number; time: number; now: number }): void {
    this.#offset = to.time - to.source;
    this.#anchoredAt = to.now;
    for (const flow of Object.values(this.#flows)) if (flow) flow.source = Number.NaN;
    const own = this.#flows[to.kind];
    if (own) own.source = to.source;
  }

  /** Follows the 32-bit time past its end. */
  #unwrap(raw: number): number {
    if (!this.#hasSource) return raw;
    if (this.#raw >= halfRange - maskWindowMs && this.#raw < halfRange && raw < maskWindowMs) {
      return this.#source + (raw + halfRange - this.#raw);
    }
    // A flow that is a little behind is still in front of the border.
    if (raw >= halfRange - maskWindowMs && raw < halfRange && this.#raw < maskWindowMs) {
      return this.#source + (raw - halfRange - this.#raw);
    }
    return this.#source + ((raw - this.#raw) | 0);
  }
}
