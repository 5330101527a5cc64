import { type EventDefinition, type EventField, field, mediaType } from "./event-definition.ts";

/** What a monitor saw. */
const change = <Type extends string>(
  type: Type,
  trigger: string,
  fields: readonly EventField[],
): EventDefinition & { readonly type: Type } => ({
  type,
  class: "telemetry",
  severity: "info",
  trigger,
  fields,
});

/** What a monitor warns of, until it is over. */
const alert = <Type extends string>(
  type: Type,
  trigger: string,
  fields: readonly EventField[],
): EventDefinition & { readonly type: Type } => ({
  type,
  class: "telemetry",
  severity: "warning",
  isGraded: true,
  trigger,
  fields,
});

const changePercent = field("change_percent", "f", "per cent of the previous value; negative for less");
const state = field("state", "s", "raised or cleared");
const severity = field("severity", "s", "warning or critical; info when cleared");
const currentValue = field("current_value", "f", "the value that was compared, smoothed over 10 seconds");

/** The events of the monitors. */
export const monitorEvents = [
  change("bitrate_change", "the bit rate of a flow left its level of the last half minute", [
    mediaType,
    field("previous_bitrate", "i", "bits per second before"),
    field("bitrate", "i", "bits per second over the window"),
    changePercent,
    field("window_seconds", "i", "seconds of the window"),
  ]),
  change("framerate_change", "a video's frames became fewer than in the last half minute", [
    field("previous_framerate", "f", "frames per second before"),
    field("framerate", "f", "frames per second"),
    changePercent,
  ]),
  change("resolution_change", "the size of the picture changed and stayed so for 2 seconds", [
    field("previous_resolution", "s", "width x height in pixels before"),
    field("resolution", "s", "width x height in pixels"),
    field("width", "i", "pixels"),
    field("height", "i", "pixels"),
  ]),
  alert("quality_alert", "a stream is worse than it should be for 5 seconds; cleared after 10 good ones", [
    field("metric", "s", "bitrate, framerate, keyframe_interval, timestamp_gap, av_skew or stall"),
    field("media_type", "s", "audio or video, where one of them is meant"),
    field("value", "f", "per cent below the usual for bitrate and framerate, milliseconds for the others"),
    field("threshold", "f", "from where it is an alert, in the unit of the value"),
    field("duration_seconds", "i", "seconds it has lasted"),
    state,
  ]),
  alert("performance_alert", "the server as a whole is short of something", [
    field("metric_type", "s", "cpu, memory, connections or queue_depth"),
    field("current_value", "f", "per cent for cpu and memory, a count otherwise, smoothed over 10 seconds"),
    field("threshold", "f", "from where it is an alert, in the unit of the value"),
    severity,
    field("active_connections", "i", "connections now"),
    field("total_streams", "i", "streams now"),
    field("message_queue_depth", "i", "messages that wait"),
    field("goroutine_count", "i", "asynchronous tasks under way"),
    state,
  ]),
  alert("latency_alert", "something takes too long: 95 of 100 are below p95_ms", [
    field("metric_type", "s", "handshake, message_processing or hook_execution"),
    field("p95_ms", "f", "milliseconds"),
    field("threshold_ms", "f", "milliseconds from where it is an alert"),
    field("window_seconds", "i", "seconds it was measured over"),
    field("hook_id", "s", "the hook, for hook_execution; it is not told of itself"),
    state,
  ]),
  alert("resource_alert", "something that performance_alert does not cover runs out", [
    field("resource", "s", "disk, fd, event_loop_lag, hook_store or rss_limit"),
    field("directory", "s", "the directory whose file system is meant, for disk"),
    currentValue,
    field("threshold", "f", "from where it is an alert, in the same unit"),
    field("unit", "s", "percent, ms or bytes"),
    severity,
    state,
  ]),
] as const satisfies readonly EventDefinition[];
