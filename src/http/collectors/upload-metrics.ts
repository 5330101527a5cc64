import type { MetricFamily } from "../../base/exposition.ts";
import { counter, gauge } from "../../base/metric-family.ts";

/** How uploads of recordings do. */
export interface UploadState {
  /** Segments that have not arrived, or are still here though they have. */
  readonly waiting: number;
  /** Segments that have arrived, and attempts that failed. */
  readonly done: number;
  readonly failed: number;
}

/** Uploads of recordings. */
export const uploadMetrics = ({ waiting, done, failed }: UploadState): MetricFamily[] => [
  gauge("rtmp_recording_uploads_waiting", "Segments that are on their way to the store", [[{}, waiting]]),
  counter(
    "rtmp_recording_uploads_total",
    "Segments that the store has for certain, and attempts that failed",
    [
      [{ status: "done" }, done],
      [{ status: "failed" }, failed],
    ],
  ),
];
