import type { StreamPath } from "../base/stream-path.ts";
import type { Flow } from "./flow-watch.ts";

/** An alert begins, or worsens; or what it was raised for is over. */
export type AlertState = "raised" | "cleared";

/** How bad it is: `info` for an alert that is cleared. */
export type AlertSeverity = "info" | "warning" | "critical";

/** What every alert says. */
interface AlertFacts {
  readonly state: AlertState;
  readonly severity: AlertSeverity;
}

/** What a stream can suffer from. */
export type QualityMetric =
  | "bitrate"
  | "framerate"
  | "keyframe_interval"
  | "timestamp_gap"
  | "av_skew"
  | "stall";

/** What the server as a whole can run short of. */
export type PerformanceMetric = "cpu" | "memory" | "connections" | "queue_depth";

/** What can take too long. */
export type LatencyMetric = "handshake" | "message_processing" | "hook_execution";

/** What else can run out. */
export type Resource = "disk" | "fd" | "event_loop_lag" | "hook_store" | "rss_limit";

/** How much a server has to do. */
export interface ServerLoad {
  readonly connections: number;
  readonly streams: number;
  /** Messages that wait for somebody to take them. */
  readonly queueDepth: number;
  /** Asynchronous work that was begun and has not ended. */
  readonly pendingTasks: number;
}

/** What the monitors see. Bit rates are in bits per second, percentages 0 to 100. */
export type MonitorEvent =
  | {
      readonly kind: "bitrateChanged";
      readonly path: StreamPath;
      readonly flow: Flow;
      readonly previousBitrate: number;
      readonly bitrate: number;
      /** What both are means over. */
      readonly windowMs: number;
    }
  | {
      readonly kind: "framerateChanged";
      readonly path: StreamPath;
      readonly previousFramerate: number;
      readonly framerate: number;
    }
  | {
      readonly kind: "resolutionChanged";
      readonly path: StreamPath;
      readonly previous: Resolution;
      readonly resolution: Resolution;
    }
  | ({
      readonly kind: "qualityAlert";
      readonly path: StreamPath;
      readonly metric: QualityMetric;
      /** Undefined where both flows are meant. */
      readonly flow: Flow | undefined;
      /** In per cent for bitrate and framerate, in milliseconds otherwise. */
      readonly value: number;
      readonly threshold: number;
      readonly durationMs: number;
    } & AlertFacts)
  | ({
      readonly kind: "performanceAlert";
      readonly metric: PerformanceMetric;
      /** In per cent for cpu and memory, a count otherwise. */
      readonly value: number;
      readonly threshold: number;
      readonly load: ServerLoad;
    } & AlertFacts)
  | ({
      readonly kind: "latencyAlert";
      readonly metric: LatencyMetric;
      readonly p95Ms: number;
      readonly thresholdMs: number;
      readonly windowMs: number;
      /** The hook whose executions are meant. */
      readonly hookId: string | undefined;
    } & AlertFacts)
  | ({
      readonly kind: "resourceAlert";
      readonly resource: Resource;
      /** The directory whose file system is meant. */
      readonly directory: string | undefined;
      readonly value: number;
      readonly threshold: number;
      readonly unit: "percent" | "ms" | "bytes";
    } & AlertFacts);

/** Size of a picture in pixels. */
export interface Resolution {
  readonly width: number;
  readonly height: number;
}
