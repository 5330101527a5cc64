import { timestampDistance } from "./rtp.ts";

/** Where a session's time begins, in milliseconds: decoding times in front of the first picture stay above zero. */
const originMs = 1000;

/** The most that a track's time is moved per access unit to agree with the others: too little to be seen or heard. */
const maxStepMs = 1;

/** Farther away than this, sender reports are no hint but nonsense. */
const maxCorrectionMs = 10_000;

/** A jump of RTP time by more than this, which no pause explains, is a sender that begins anew. */
const maxJumpMs = 10_000;

/**
 * The time of a session whose tracks count in RTP time, each from a start of its own. Tracks are put together by when their first packets
 * arrived; then, and exactly, by what RTP-Info and sender reports say. Time comes in, so that nothing here has to know it.
 */
export class MediaClock {
  /** When the first packet of any track arrived. */
  #startMs: number | undefined;
  /** Sender's wall clock minus session time, by the first track that told. */
  #wallOffsetMs: number | undefined;

  /** The clock of one more track. */
  track(clockRate: number): TrackClock {
    return new TrackClock(clockRate, {
      arrival: (nowMs) => {
        this.#startMs ??= nowMs;
        return originMs + nowMs - this.#startMs;
      },
      wall: (wallMs, sessionMs) => {
        this.#wallOffsetMs ??= wallMs - sessionMs;
        return wallMs - this.#wallOffsetMs;
      },
    });
  }
}

/** What a track asks its session. */
interface SessionTime {
  /** Session time of an arrival. */
  arrival(nowMs: number): number;
  /** Session time of a sender's wall clock; where no track has told it, that is `sessionMs` by definition. */
  wall(wallMs: number, sessionMs: number): number;
}

/** The time of one track: RTP time in, milliseconds of the session out. */
export class TrackClock {
  readonly #clockRate: number;
  readonly #session: SessionTime;
  /** RTP time that was seen last, without wrapping, and as it came. */
  #unwrapped = 0;
  #last: number | undefined;
  /** Session time of unwrapped RTP time zero. */
  #zeroMs: number | undefined;
  #targetMs: number | undefined;
  #report: { readonly time: number; readonly wallMs: number } | undefined;
  #anchor: number | undefined;
  /** What was given last, and when. */
  #given: { readonly ms: number; readonly nowMs: number } | undefined;

  /** Made by {@link MediaClock}. */
  constructor(clockRate: number, session: SessionTime) {
    this.#clockRate = clockRate;
    this.#session = session;
  }

  /** RTP-Info: this RTP time is the beginning of the session, as that of every other track is. For the time in front of the first packet. */
  anchor(rtpTime: number): void {
    if (this.#last === undefined) this.#anchor = rtpTime;
  }

  /** A sender report: `rtpTime` is the moment `wallMs` of the sender's wall clock. */
  report(rtpTime: number, wallMs: number): void {
    this.#report = { time: rtpTime, wallMs };
    this.#aim();
  }

  /** Session time in milliseconds, not rounded, of an RTP time in a packet that arrives at `nowMs`. */
  at(rtpTime: number, nowMs: number): number {
    this.#unwrap(rtpTime);
    if (this.#zeroMs === undefined) {
      this.#zeroMs = this.#firstMs(rtpTime, nowMs) - this.#ms(this.#unwrapped);
      this.#aim();
      // Nothing was given out yet: the first access unit may be put where it belongs at once.
      if (this.#targetMs !== undefined) this.#zeroMs = this.#targetMs;
    } else if (this.#targetMs !== undefined) {
      const away = this.#targetMs - this.#zeroMs;
      this.#zeroMs += Math.max(-maxStepMs, Math.min(maxStepMs, away));
    }
    const ms = this.#steady(this.#zeroMs + this.#ms(this.#unwrapped), nowMs);
    this.#given = { ms, nowMs };
    return ms;
  }

  /** Goes on from where it was when the sender begins anew: its RTP time has nothing to do with the one before. */
  #steady(ms: number, nowMs: number): number {
    if (!this.#given) return ms;
    const passedMs = Math.max(0, nowMs - this.#given.nowMs);
    const step = ms - this.#given.ms;
    if (step >= -maxJumpMs && step <= passedMs + maxJumpMs) return ms;
    const goingOn = this.#given.ms + passedMs;
    this.#zeroMs = goingOn - this.#ms(this.#unwrapped);
    this.#targetMs = undefined;
    this.#report = undefined;
    return goingOn;
  }

  #ms(units: number): number {
    return (units * 1000) / this.#clockRate;
  }

  #unwrap(rtpTime: number): void {
    this.#unwrapped += this.#last === undefined ? 0 : timestampDistance(this.#last, rtpTime);
    this.#last = rtpTime;
  }

  #firstMs(rtpTime: number, nowMs: number): number {
    const arrivedMs = this.#session.arrival(nowMs);
    if (this.#anchor === undefined) return arrivedMs;
    const anchoredMs = originMs + this.#ms(timestampDistance(this.#anchor, rtpTime));
    // Some servers send an RTP time that has nothing to do with their packets.
    return Math.abs(anchoredMs - arrivedMs) <= maxCorrectionMs ? anchoredMs : arrivedMs;
  }

  /** Where zero should be by the last sender report. */
  #aim(): void {
    if (!this.#report || this.#zeroMs === undefined || this.#last === undefined) return;
    const reported = this.#unwrapped + timestampDistance(this.#last, this.#report.time);
    const sessionMs = this.#zeroMs + this.#ms(reported);
    const target = this.#zeroMs + this.#session.wall(this.#report.wallMs, sessionMs) - sessionMs;
    this.#targetMs = Math.abs(target - this.#zeroMs) <= maxCorrectionMs ? target : undefined;
  }
}
