import { unreachable } from "../../base/errors.ts";
import type { MonitorEvent, Resolution } from "../../stream/monitor-event.ts";
import { type Statement, wholeSeconds } from "./statement.ts";

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

const changePercent = (before: number, after: number): number => rounded((after / before - 1) * 100, 1);

const sizeOf = ({ width, height }: Resolution): string => `${width}x${height}`;

type AlertEvent = Extract<MonitorEvent, { state: unknown }>;

/** What is said of what a monitor saw. The severity of an alert is its own. */
export const monitorStatement = (event: MonitorEvent): Statement => {
  switch (event.kind) {
    case "bitrateChanged": {
      const { path, previousBitrate, bitrate } = event;
      const data = {
        media_type: event.flow,
        previous_bitrate: Math.round(previousBitrate),
        bitrate: Math.round(bitrate),
        change_percent: changePercent(previousBitrate, bitrate),
        window_seconds: Math.round(event.windowMs / 1000),
      };
      return { type: "bitrate_change", path, data };
    }
    case "framerateChanged": {
      const { path, previousFramerate, framerate } = event;
      const data = {
        previous_framerate: rounded(previousFramerate, 2),
        framerate: rounded(framerate, 2),
        change_percent: changePercent(previousFramerate, framerate),
      };
      return { type: "framerate_change", path, data };
    }
    case "resolutionChanged": {
      const { path, previous, resolution } = event;
      const data = { previous_resolution: sizeOf(previous), resolution: sizeOf(resolution), ...resolution };
      return { type: "resolution_change", path, data };
    }
    default:
      return { ...alertStatement(event), severity: event.severity };
  }
};

const alertStatement = (event: AlertEvent): Statement => {
  const { state, severity, kind } = event;
  switch (kind) {
    case "qualityAlert": {
      const data = {
        metric: event.metric,
        media_type: event.flow,
        value: rounded(event.value, 1),
        threshold: event.threshold,
        duration_seconds: wholeSeconds(event.durationMs),
        state,
      };
      return { type: "quality_alert", path: event.path, data };
    }
    case "performanceAlert": {
      const { connections, streams, queueDepth, pendingTasks } = event.load;
      const data = {
        metric_type: event.metric,
        current_value: rounded(event.value, 1),
        threshold: event.threshold,
        severity,
        active_connections: connections,
        total_streams: streams,
        message_queue_depth: queueDepth,
        goroutine_count: pendingTasks,
        state,
      };
      return { type: "performance_alert", data };
    }
    case "latencyAlert": {
      const data = {
        metric_type: event.metric,
        p95_ms: rounded(event.p95Ms, 1),
        threshold_ms: event.thresholdMs,
        window_seconds: Math.round(event.windowMs / 1000),
        hook_id: event.hookId,
        state,
      };
      return { type: "latency_alert", data };
    }
    case "resourceAlert": {
      const data = {
        resource: event.resource,
        directory: event.directory,
        current_value: rounded(event.value, 1),
        threshold: event.threshold,
        unit: event.unit,
        severity,
        state,
      };
      return { type: "resource_alert", data };
    }
    default:
      return unreachable(event);
  }
};
