import { unreachable } from "../base/errors.ts";
import type { LogLevel } from "../base/log.ts";
import { type EventLine, line, seconds } from "./log-line.ts";
import type { AlertSeverity, MonitorEvent, Resolution } from "./monitor-event.ts";

const levels: Readonly<Record<AlertSeverity, LogLevel>> = {
  info: "info",
  warning: "warn",
  critical: "error",
};

const tenths = (value: number): number => Math.round(value * 10) / 10;

const sizeOf = ({ width, height }: Resolution): string => `${width}x${height}`;

type AlertEvent = Extract<MonitorEvent, { state: unknown }>;

/** What a monitor saw as its log line. */
export const monitorLine = (event: MonitorEvent): EventLine => {
  switch (event.kind) {
    case "bitrateChanged":
      return line("info", "bitrate changed", {
        stream_key: event.path,
        type: event.flow,
        previous_bps: Math.round(event.previousBitrate),
        bps: Math.round(event.bitrate),
      });
    case "framerateChanged":
      return line("info", "framerate changed", {
        stream_key: event.path,
        previous_framerate: tenths(event.previousFramerate),
        framerate: tenths(event.framerate),
      });
    case "resolutionChanged":
      return line("info", "resolution changed", {
        stream_key: event.path,
        previous_resolution: sizeOf(event.previous),
        resolution: sizeOf(event.resolution),
      });
    default:
      return alertLine(event);
  }
};

const alertLine = (event: AlertEvent): EventLine => {
  const level = levels[event.severity];
  switch (event.kind) {
    case "qualityAlert":
      return line(level, `quality alert ${event.state}`, {
        stream_key: event.path,
        metric: event.metric,
        type: event.flow,
        value: tenths(event.value),
        threshold: event.threshold,
        duration_sec: seconds(event.durationMs),
      });
    case "performanceAlert":
      return line(level, `performance alert ${event.state}`, {
        metric: event.metric,
        value: tenths(event.value),
        threshold: event.threshold,
        connections: event.load.connections,
        streams: event.load.streams,
      });
    case "latencyAlert":
      return line(level, `latency alert ${event.state}`, {
        metric: event.metric,
        hook_id: event.hookId,
        p95_ms: tenths(event.p95Ms),
        threshold_ms: event.thresholdMs,
      });
    case "resourceAlert":
      return line(level, `resource alert ${event.state}`, {
        resource: event.resource,
        directory: event.directory,
        value: tenths(event.value),
        threshold: event.threshold,
        unit: event.unit,
      });
    default:
      return unreachable(event);
  }
};
