import type { StreamPath } from "../base/stream-path.ts";
import type { Track } from "../media/track.ts";
import type { EventHub } from "../stream/event.ts";
import type { FlowMeters } from "../stream/flow-meter.ts";
import type { Flow } from "../stream/flow-watch.ts";
import type { QualityMetric } from "../stream/monitor-event.ts";
import { Alert, type AlertChange } from "./alert.ts";
import type { Change } from "./change-detector.ts";
import { FlowQuality, type QualityReport } from "./flow-quality.ts";
import type { MonitorSettings } from "./monitor-settings.ts";
import { qualityRule } from "./quality-thresholds.ts";
import { ResolutionDetector } from "./resolution-detector.ts";

/** What a {@link StreamWatch} is made of. */
export interface StreamWatchOptions {
  readonly path: StreamPath;
  readonly meters: FlowMeters;
  readonly settings: MonitorSettings;
  readonly events: EventHub;
  /** When the publish began, by the clock. */
  readonly now: number;
}

/** Watches one publish, and raises what it finds. */
export class StreamWatch implements QualityReport {
  readonly #path: StreamPath;
  readonly #settings: MonitorSettings;
  readonly #events: EventHub;
  readonly #audio: FlowQuality;
  readonly #video: FlowQuality;
  readonly #resolution = new ResolutionDetector();
  readonly #skew: Alert;

  constructor({ path, meters, settings, events, now }: StreamWatchOptions) {
    this.#path = path;
    this.#settings = settings;
    this.#events = events;
    this.#audio = new FlowQuality("audio", { meter: meters.audio, settings, report: this, now });
    this.#video = new FlowQuality("video", { meter: meters.video, settings, report: this, now });
    this.#skew = new Alert(qualityRule("av_skew", settings));
  }

  /** A track was shown at `now`, for the first time or with a change. */
  note(track: Track, about: { isChange: boolean; now: number }): void {
    if (this.#settings.resolutionChange) this.#resolution.note(track, about);
  }

  /** To be called once a second. */
  evaluate(now: number): void {
    this.#audio.evaluate(now);
    this.#video.evaluate(now);
    const resized = this.#resolution.evaluate(now);
    if (resized) this.#events.emit({ kind: "resolutionChanged", path: this.#path, ...resized });
    if (this.#audio.isFlowing && this.#video.isFlowing) this.#evaluateSkew(now);
  }

  /** Where one of the flows has stalled, that says it all. */
  #evaluateSkew(now: number): void {
    const value = Math.abs(this.#audio.lastTime - this.#video.lastTime);
    const change = this.#skew.update(value, now);
    const { threshold } = this.#skew.rule;
    if (change) this.alert(change, { metric: "av_skew", flow: undefined, value, threshold });
  }

  /** Called by a flow whose bit rate changed. */
  bitrateChanged(flow: Flow, { previous, current }: Change, windowSeconds: number): void {
    this.#events.emit({
      kind: "bitrateChanged",
      path: this.#path,
      flow,
      previousBitrate: previous,
      bitrate: current,
      windowMs: windowSeconds * 1000,
    });
  }

  /** Called by the video whose frame rate fell. */
  framerateChanged({ previous, current }: Change): void {
    const rates = { previousFramerate: previous, framerate: current };
    this.#events.emit({ kind: "framerateChanged", path: this.#path, ...rates });
  }

  /** Called by a flow one of whose alerts changed. */
  alert(
    change: AlertChange,
    about: { metric: QualityMetric; flow: Flow | undefined; value: number; threshold: number },
  ): void {
    this.#events.emit({ kind: "qualityAlert", path: this.#path, ...about, ...change });
  }
}
