import { describe, expect, test } from "bun:test";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { DomainEvent } from "../../src/stream/event.ts";
import { eventLine } from "../../src/stream/event-line.ts";

const path = parseStreamPath("live/a");
const load = { connections: 5, streams: 2, queueDepth: 0, pendingTasks: 0 };
const raised = { state: "raised", severity: "warning" } as const;

/** Events of the monitors, of hooks and of the server, and the line each gives. */
const rows: { event: DomainEvent; line: string; fields: Record<string, unknown> }[] = [
  {
    event: {
      kind: "bitrateChanged",
      path,
      flow: "audio",
      previousBitrate: 128_000.4,
      bitrate: 64_000,
      windowMs: 6_000,
    },
    line: "info bitrate changed",
    fields: { stream_key: path, type: "audio", previous_bps: 128_000, bps: 64_000 },
  },
  {
    event: { kind: "framerateChanged", path, previousFramerate: 29.97, framerate: 24.02 },
    line: "info framerate changed",
    fields: { stream_key: path, previous_framerate: 30, framerate: 24 },
  },
  {
    event: {
      kind: "resolutionChanged",
      path,
      previous: { width: 640, height: 360 },
      resolution: { width: 320, height: 180 },
    },
    line: "info resolution changed",
    fields: { stream_key: path, previous_resolution: "640x360", resolution: "320x180" },
  },
  {
    event: {
      kind: "qualityAlert",
      path,
      metric: "av_skew",
      flow: undefined,
      value: 1_200,
      threshold: 1_000,
      durationMs: 5_000,
      ...raised,
    },
    line: "warn quality alert raised",
    fields: { stream_key: path, metric: "av_skew", value: 1_200, threshold: 1_000, duration_sec: 5 },
  },
  {
    event: {
      kind: "performanceAlert",
      metric: "cpu",
      value: 99.96,
      threshold: 80,
      state: "raised",
      severity: "critical",
      load,
    },
    line: "error performance alert raised",
    fields: { metric: "cpu", value: 100, threshold: 80, connections: 5, streams: 2 },
  },
  {
    event: {
      kind: "latencyAlert",
      metric: "handshake",
      p95Ms: 1_500.26,
      thresholdMs: 1_000,
      windowMs: 10_000,
      hookId: undefined,
      ...raised,
    },
    line: "warn latency alert raised",
    fields: { metric: "handshake", p95_ms: 1_500.3, threshold_ms: 1_000 },
  },
  {
    event: {
      kind: "resourceAlert",
      resource: "fd",
      directory: undefined,
      value: 20,
      threshold: 80,
      unit: "percent",
      state: "cleared",
      severity: "info",
    },
    line: "info resource alert cleared",
    fields: { resource: "fd", value: 20, threshold: 80, unit: "percent" },
  },
  {
    event: {
      kind: "publishRecovered",
      path,
      connId: "c000001",
      sessionId: "ses_1",
      eventId: "evt_1",
      publishedAt: 0,
      durationMs: 1_500,
      bytesReceived: 1,
      audioPackets: 1,
      videoPackets: 1,
    },
    line: "warn publish was cut by a crash of the server",
    fields: { conn_id: "c000001", stream_key: path, session_id: "ses_1", duration_sec: 1.5 },
  },
  {
    event: { kind: "serverRecovered", version: "1", sessionsRecovered: 1, deliveriesPending: 2 },
    line: "warn server recovered after a crash",
    fields: { sessions_recovered: 1, deliveries_pending: 2 },
  },
  {
    event: { kind: "hookFailing", hookId: "h", reason: "status 500", failures: 3 },
    line: "warn Hook is failing",
    fields: { hook_id: "h", reason: "status 500", failures: 3 },
  },
  {
    event: { kind: "hookRecovered", hookId: "h", reason: "a delivery got through", failures: 0 },
    line: "info Hook recovered",
    fields: { hook_id: "h", reason: "a delivery got through", failures: 0 },
  },
  {
    event: { kind: "hookDisabled", hookId: "h", reason: "status 410", failures: 1 },
    line: "error Hook disabled",
    fields: { hook_id: "h", reason: "status 410", failures: 1 },
  },
  {
    event: { kind: "configReloaded", file: "hooks.yaml", changes: 2 },
    line: "info configuration reloaded",
    fields: { file: "hooks.yaml", changes: 2 },
  },
  {
    event: { kind: "configRejected", file: "hooks.yaml", reason: "line 1" },
    line: "error configuration rejected, the old one stays",
    fields: { file: "hooks.yaml", error: "line 1" },
  },
];

describe("the log line", () => {
  for (const { event, line, fields } of rows)
    test(`of ${event.kind} is "${line}"`, () => {
      const given = eventLine(event)!;
      expect(`${given.level} ${given.message}`).toBe(line);
      expect(JSON.parse(JSON.stringify(given.fields))).toEqual(fields);
    });

  test("of the server's start and end is written elsewhere", () => {
    expect(eventLine({ kind: "serverStarted", version: "1" })).toBeUndefined();
    expect(eventLine({ kind: "serverStopped", version: "1" })).toBeUndefined();
  });
});
