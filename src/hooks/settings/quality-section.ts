import type * as v from "valibot";
import { integer, number, optional, size, truth } from "../../config/field.ts";
import { section } from "../../config/section.ts";
import type { MonitorSettings } from "../../monitor/monitor-settings.ts";

const percent = { min: 0.1, max: 100 };
const milliseconds = { min: 1, max: 3_600_000 };
const count = { min: 1, max: 1_000_000_000 };

/** What the monitors look for when nothing is said. */
export const defaultMonitorSettings = {
  isEnabled: true,
  bitrateChangePercent: 20,
  framerateDropPercent: 10,
  resolutionChange: true,
  cpuPercent: 80,
  memoryPercent: 90,
  connections: undefined,
  queueDepth: 5_000,
  handshakeMs: 5_000,
  processingMs: 100,
  hookMs: 10_000,
  diskPercent: 90,
  openFilesPercent: 80,
  eventLoopLagMs: 200,
  residentBytes: undefined,
  hookStorePercent: 80,
} as const satisfies MonitorSettings;

/** What the monitors look for: thresholds of events about quality, performance and latency. */
export const qualitySection = section("what the monitors of quality and performance look for", {
  enabled: optional(truth("turns all of them on (default) or off")),
  bitrate_change_percent: optional(
    number("bitrate_change: change of a bitrate, in percent; 20 by default", { min: 1, max: 1_000 }),
  ),
  framerate_drop_percent: optional(
    number("framerate_change: loss of frames per second, in percent; 10 by default", percent),
  ),
  resolution_change: optional(truth("resolution_change: whether it is told; on by default")),
  cpu_percent: optional(
    number("performance_alert: share of all processors, in percent; 80 by default", percent),
  ),
  memory_percent: optional(
    number("performance_alert: share of the memory there is, in percent; 90 by default", percent),
  ),
  connections: optional(integer("performance_alert: open connections; no alert by default", count)),
  queue_depth: optional(integer("performance_alert: events that wait for hooks; 5000 by default", count)),
  handshake_ms: optional(
    integer("latency_alert: time of a handshake, in milliseconds; 5000 by default", milliseconds),
  ),
  processing_ms: optional(
    integer("latency_alert: time to handle a message, in milliseconds; 100 by default", milliseconds),
  ),
  hook_ms: optional(
    integer(
      "latency_alert: time of one execution of a hook, in milliseconds; 10000 by default",
      milliseconds,
    ),
  ),
  disk_percent: optional(
    number(
      "resource_alert: used share of the disk of recordings and events, in percent; 90 by default",
      percent,
    ),
  ),
  open_files_percent: optional(
    number("resource_alert: used share of the files that may be open, in percent; 80 by default", percent),
  ),
  event_loop_lag_ms: optional(
    integer(
      "resource_alert: how late timers of the server are, in milliseconds; 200 by default",
      milliseconds,
    ),
  ),
  hook_store_percent: optional(
    number(
      "resource_alert: used share of what the store of events may hold, in percent; 80 by default",
      percent,
    ),
  ),
  resident_bytes: optional(size("resource_alert: memory of the process, such as 2G; no alert by default")),
});

/** What {@link qualitySection} gives. */
export type QualityFile = v.InferOutput<typeof qualitySection>;

/** The settings of the monitors that a file asks for; what it leaves out has its default. */
export const monitorSettingsOf = (file: QualityFile = {}): MonitorSettings => {
  const plain = defaultMonitorSettings;
  return {
    isEnabled: file.enabled ?? plain.isEnabled,
    bitrateChangePercent: file.bitrate_change_percent ?? plain.bitrateChangePercent,
    framerateDropPercent: file.framerate_drop_percent ?? plain.framerateDropPercent,
    resolutionChange: file.resolution_change ?? plain.resolutionChange,
    cpuPercent: file.cpu_percent ?? plain.cpuPercent,
    memoryPercent: file.memory_percent ?? plain.memoryPercent,
    connections: file.connections ?? plain.connections,
    queueDepth: file.queue_depth ?? plain.queueDepth,
    handshakeMs: file.handshake_ms ?? plain.handshakeMs,
    processingMs: file.processing_ms ?? plain.processingMs,
    hookMs: file.hook_ms ?? plain.hookMs,
    diskPercent: file.disk_percent ?? plain.diskPercent,
    openFilesPercent: file.open_files_percent ?? plain.openFilesPercent,
    eventLoopLagMs: file.event_loop_lag_ms ?? plain.eventLoopLagMs,
    residentBytes: file.resident_bytes ?? plain.residentBytes,
    hookStorePercent: file.hook_store_percent ?? plain.hookStorePercent,
  };
};
