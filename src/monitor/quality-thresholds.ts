import type { QualityMetric } from "../stream/monitor-event.ts";
import type { AlertRule } from "./alert.ts";
import { stallAfterMs } from "./flow-sample.ts";
import type { MonitorSettings } from "./monitor-settings.ts";

/**
 * From where each metric of a stream is an alert, beside bit rate and frame rate. A key frame every 10 seconds is what encoders do when nobody tells them
 * otherwise, so the bound lies above it. Gaps are summed up over 10 seconds.
 */
const fixedMs = { keyframe_interval: 12_000, timestamp_gap: 1_000, av_skew: 1_000, stall: stallAfterMs };

/**
 * What is a change of the bit rate is no alert yet: an encoder that spends bits where they are needed varies by as much. An alert
 * is twice the change, or half way between it and nothing at all.
 */
const bitrateLoss = (changePercent: number): number => Math.min(2 * changePercent, (changePercent + 100) / 2);

/** The seconds that gaps are summed up over. */
export const gapWindowSeconds = 10;

/** The alert of a metric: 5 seconds to raise it, 10 good ones at half the threshold to clear it, critical at twice. */
export const qualityRule = (metric: QualityMetric, settings: MonitorSettings): AlertRule => {
  const threshold =
    metric === "bitrate"
      ? bitrateLoss(settings.bitrateChangePercent)
      : metric === "framerate"
        ? settings.framerateDropPercent
        : fixedMs[metric];
  return {
    threshold,
    criticalAt: 2 * threshold,
    clearAt: threshold / 2,
    raiseAfter: 5,
    clearAfter: 10,
    cooldownMs: 60_000,
  };
};
