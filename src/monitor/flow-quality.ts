import type { FlowReading } from "../stream/flow-meter.ts";
import type { Flow } from "../stream/flow-watch.ts";
import type { QualityMetric } from "../stream/monitor-event.ts";
import { Alert, type AlertChange } from "./alert.ts";
import { BitrateDetector } from "./bitrate-detector.ts";
import type { Change } from "./change-detector.ts";
import { type FlowSample, FlowSampler, stallAfterMs } from "./flow-sample.ts";
import { FramerateDetector } from "./framerate-detector.ts";
import type { MonitorSettings } from "./monitor-settings.ts";
import { gapWindowSeconds, qualityRule } from "./quality-thresholds.ts";
import { RateWindow } from "./rate-window.ts";
import { ReferenceLevel } from "./reference-level.ts";

/** Hears what a stream's watch finds. */
export interface QualityReport {
  bitrateChanged(flow: Flow, change: Change, windowSeconds: number): void;
  framerateChanged(change: Change): void;
  alert(
    change: AlertChange,
    about: { metric: QualityMetric; flow: Flow | undefined; value: number; threshold: number },
  ): void;
}

/** Watches one flow of one publish. */
export class FlowQuality {
  readonly #flow: Flow;
  readonly #meter: FlowReading;
  readonly #report: QualityReport;
  readonly #sampler: FlowSampler;
  readonly #bitrate: BitrateDetector;
  readonly #usualBitrate = new ReferenceLevel();
  readonly #framerate: FramerateDetector;
  readonly #usualFramerate = new ReferenceLevel();
  readonly #gaps = new RateWindow(gapWindowSeconds);
  readonly #alerts: Readonly<Record<Exclude<QualityMetric, "av_skew">, Alert>>;
  #isFlowing = false;

  /** Watches what `meter` counts; its publish began at `now`. */
  constructor(
    flow: Flow,
    parts: { meter: FlowReading; settings: MonitorSettings; report: QualityReport; now: number },
  ) {
    const { meter, settings, report, now } = parts;
    this.#flow = flow;
    this.#meter = meter;
    this.#report = report;
    this.#sampler = new FlowSampler(meter, now);
    this.#bitrate = new BitrateDetector(settings.bitrateChangePercent);
    this.#framerate = new FramerateDetector(settings.framerateDropPercent);
    const alertOf = (metric: QualityMetric): Alert => new Alert(qualityRule(metric, settings));
    this.#alerts = {
      bitrate: alertOf("bitrate"),
      framerate: alertOf("framerate"),
      keyframe_interval: alertOf("keyframe_interval"),
      timestamp_gap: alertOf("timestamp_gap"),
      stall: alertOf("stall"),
    };
  }

  /** Whether frames came in the last seconds. */
  get isFlowing(): boolean {
    return this.#isFlowing;
  }

  /** The time of its last frame on the stream's timeline, in milliseconds. */
  get lastTime(): number {
    return this.#meter.lastTime;
  }

  /** To be called once a second. */
  evaluate(now: number): void {
    const sample = this.#sampler.take(now);
    if (!sample) return;
    this.#isFlowing = sample.silentMs < stallAfterMs;
    this.#evaluateBitrate(sample, now);
    if (this.#flow === "video") this.#evaluateVideo(sample, now);
    this.#gaps.push(sample.gapMs, sample.elapsedMs);
    this.#alert("timestamp_gap", this.#gaps.amount(gapWindowSeconds), now);
    this.#alert("stall", sample.silentMs, now);
  }

  #evaluateBitrate(sample: FlowSample, now: number): void {
    const bitrate = this.#bitrate;
    const change = bitrate.evaluate(sample, this.#meter.gopMs, now);
    if (change) this.#report.bitrateChanged(this.#flow, change, bitrate.windowSeconds);
    this.#usualBitrate.follow(bitrate.baseline, sample.elapsedMs);
    this.#alert("bitrate", this.#usualBitrate.loss(bitrate.mean), now);
  }

  #evaluateVideo(sample: FlowSample, now: number): void {
    const framerate = this.#framerate;
    const change = framerate.evaluate(sample, now);
    if (change) this.#report.framerateChanged(change);
    this.#usualFramerate.follow(framerate.baseline, sample.elapsedMs);
    this.#alert("framerate", this.#usualFramerate.loss(framerate.mean), now);
    const { gopMs, lastTime, lastKeyTime, firstTime, gapMs, gapMsAtKey } = this.#meter;
    // A key frame that is overdue counts before it comes. A gap has an alert of its own.
    const sinceKey = lastTime - (Number.isNaN(lastKeyTime) ? firstTime : lastKeyTime) - (gapMs - gapMsAtKey);
    this.#alert("keyframe_interval", Math.max(sinceKey, Number.isNaN(gopMs) ? 0 : gopMs), now);
  }

  #alert(metric: Exclude<QualityMetric, "av_skew">, value: number | undefined, now: number): void {
    if (value === undefined) return;
    const alert = this.#alerts[metric];
    const change = alert.update(value, now);
    if (change)
      this.#report.alert(change, { metric, flow: this.#flow, value, threshold: alert.rule.threshold });
  }
}
