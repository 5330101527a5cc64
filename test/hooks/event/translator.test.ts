import { describe, expect, test } from "bun:test";
import { encodeAmf0All } from "../../../src/amf/amf0.ts";
import { amfEcmaArray } from "../../../src/amf/value.ts";
import { share } from "../../../src/base/bytes.ts";
import { parseStreamPath } from "../../../src/base/stream-path.ts";
import { catalogue, definitionOf } from "../../../src/hooks/event/catalogue.ts";
import type { HookEvent } from "../../../src/hooks/event/hook-event.ts";
import { Translator } from "../../../src/hooks/event/translator.ts";
import type { Track } from "../../../src/media/track.ts";
import type { DomainEvent } from "../../../src/stream/event.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { peerOf } from "../../stream/peer.ts";

const path = parseStreamPath("live/abc/in");
const peer = peerOf("c000001", "192.0.2.7:52341");
const metadata = encodeAmf0All([
  "onMetaData",
  amfEcmaArray({
    width: 1280,
    height: 720,
    framerate: 29.97,
    videodatarate: 2500,
    audiodatarate: 128.5,
    encoder: "Lavf",
  }),
]);

/** Every domain event that gives events outside, with what they say. */
const rows: { event: DomainEvent; says: Record<string, HookEvent["data"]> }[] = [
  { event: { kind: "serverStarted", version: "1.2.3" }, says: { server_start: { version: "1.2.3" } } },
  { event: { kind: "serverStopped", version: "1.2.3" }, says: { server_stop: { version: "1.2.3" } } },
  {
    event: {
      kind: "connectionAccepted",
      peer: peerOf("c000002", "[2001:db8::1]:4000"),
      local: "10.0.0.1:1935",
      isTls: true,
    },
    says: {
      connection_accept: {
        client_ip: "2001:db8::1",
        client_port: 4000,
        server_ip: "10.0.0.1",
        server_port: 1935,
        tls: true,
      },
    },
  },
  {
    event: { kind: "handshakeCompleted", peer, scheme: "complex", durationMs: 12.4 },
    says: { handshake_complete: { duration_ms: 12, scheme: "complex", client_ip: "192.0.2.7" } },
  },
  {
    event: {
      kind: "connectionClosed",
      peer,
      role: "publisher",
      path,
      reason: "client_stop",
      durationMs: 61_900,
      bytesReceived: 5,
      bytesSent: 6,
    },
    says: {
      connection_close: {
        duration_seconds: 61,
        bytes_received: 5,
        bytes_sent: 6,
        role: "publisher",
        reason: "client_stop",
      },
    },
  },
  { event: { kind: "streamCreated", path }, says: { stream_create: { app: "live", stream_name: "abc/in" } } },
  {
    event: { kind: "streamDeleted", path, lifetimeMs: 2_999 },
    says: { stream_delete: { app: "live", stream_name: "abc/in", lifetime_seconds: 2, reason: "unused" } },
  },
  {
    event: {
      kind: "publishStarted",
      path,
      peer,
      publishType: "live",
      query: "token=secret&x",
      isContinued: false,
    },
    says: {
      publish_start: {
        app: "live",
        stream_name: "abc/in",
        publish_type: "live",
        client_ip: "192.0.2.7",
        query: "token=***&x",
      },
    },
  },
  {
    event: {
      kind: "publishStopped",
      path,
      peer,
      reason: "client_disconnect",
      durationMs: 300_500,
      bytesReceived: 9,
      audioPackets: 3,
      videoPackets: 2,
    },
    says: {
      publish_stop: {
        app: "live",
        stream_name: "abc/in",
        client_ip: "192.0.2.7",
        duration_seconds: 300,
        duration_ms: 300_500,
        bytes_received: 9,
        audio_packets: 3,
        video_packets: 2,
        reason: "client_disconnect",
        recovered: false,
      },
    },
  },
  {
    event: { kind: "playStarted", path, peer, query: "" },
    says: { play_start: { app: "live", stream_name: "abc/in", client_ip: "192.0.2.7" } },
  },
  {
    event: {
      kind: "playStopped",
      path,
      peer,
      reason: "client_stop",
      durationMs: 1_000,
      bytesSent: 7,
      droppedFrames: 1,
    },
    says: {
      play_stop: {
        app: "live",
        stream_name: "abc/in",
        client_ip: "192.0.2.7",
        duration_seconds: 1,
        bytes_sent: 7,
        dropped_frames: 1,
        reason: "client_stop",
      },
    },
  },
  {
    event: {
      kind: "trackDetected",
      path,
      isChange: true,
      track: {
        kind: "video",
        codec: "H264",
        profile: "High",
        level: "4.1",
        width: 1280,
        height: 720,
        frameRate: 30,
      },
    },
    says: {
      codec_detected: {
        media_type: "video",
        codec_name: "H264",
        codec_profile: "High",
        codec_level: "4.1",
        resolution: "1280x720",
        framerate: 30,
        changed: true,
      },
    },
  },
  {
    event: {
      kind: "trackDetected",
      path,
      isChange: false,
      track: { kind: "audio", codec: "AAC", profile: "LC", sampleRate: 48_000, channels: 2 },
    },
    says: {
      codec_detected: {
        media_type: "audio",
        codec_name: "AAC",
        codec_profile: "LC",
        sample_rate: 48_000,
        channels: 2,
      },
    },
  },
  {
    event: { kind: "metadataReceived", path, payload: share(metadata) },
    says: {
      stream_metadata: {
        width: 1280,
        height: 720,
        framerate: 29.97,
        video_bitrate: 2_500_000,
        audio_bitrate: 128_500,
        encoder: "Lavf",
      },
    },
  },
  {
    event: { kind: "mediaStarted", path, flow: "audio", gapMs: 0 },
    says: { media_start: { media_type: "audio", gap_ms: 0 } },
  },
  {
    event: { kind: "mediaStopped", path, flow: "video", gapMs: 5_000.2 },
    says: { media_stop: { media_type: "video", gap_ms: 5_000 } },
  },
  {
    event: { kind: "subscriberCount", path, count: 2, previous: 1 },
    says: { subscriber_count: { count: 2, previous: 1 } },
  },
  {
    event: { kind: "relayStarted", path, target: "rtmp://a/b" },
    says: { relay_start: { target: "rtmp://a/b" } },
  },
  {
    event: { kind: "relayStopped", path, target: "rtmp://a/b", reason: "client_stop" },
    says: { relay_stop: { target: "rtmp://a/b", reason: "client_stop" } },
  },
  {
    event: { kind: "relayFailed", path, target: "rtmp://a/b", error: "refused", attempt: 3, retryInMs: 5 },
    says: { relay_error: { target: "rtmp://a/b", reason: "refused", attempt: 3 } },
  },
  {
    event: { kind: "recordingStarted", path, file: "/r/a.flv" },
    says: { recording_segment_create: { segment_path: "/r/a.flv" } },
  },
  {
    event: { kind: "recordingCompleted", path, file: "/r/a.flv", durationMs: 20_040, bytes: 99 },
    says: { recording_segment_complete: { segment_path: "/r/a.flv", segment_duration: 20.04, bytes: 99 } },
  },
  {
    event: { kind: "connectionFailed", peer, code: "HANDSHAKE_TIMEOUT", message: "late", phase: "handshake" },
    says: {
      connection_error: {
        error_type: "timeout",
        error_message: "late",
        error_code: "HANDSHAKE_TIMEOUT",
        phase: "handshake",
        peer_addr: "192.0.2.7:52341",
      },
    },
  },
  {
    event: { kind: "connectionFailed", peer, code: "CHUNK_SIZE", message: "chunk size 0", phase: "media" },
    says: {
      connection_error: {
        error_type: "protocol_error",
        error_message: "chunk size 0",
        error_code: "CHUNK_SIZE",
        phase: "chunking",
        peer_addr: "192.0.2.7:52341",
      },
      protocol_error: {
        phase: "chunking",
        error_message: "chunk size 0",
        error_code: "CHUNK_SIZE",
        fatal: true,
        related_event_id: "evt_1",
      },
    },
  },
  {
    event: {
      kind: "requestRefused",
      action: "publish",
      peer,
      path,
      code: "ALREADY_PUBLISHING",
      message: "taken",
    },
    says: {
      stream_error: {
        error_type: "already_publishing",
        error_message: "taken",
        action: "publish",
        client_ip: "192.0.2.7",
      },
    },
  },
  {
    event: {
      kind: "publishRecovered",
      path,
      connId: "c000009",
      remote: "192.0.2.7:52341",
      sessionId: "ses_old",
      eventId: "evt_old",
      publishedAt: Date.UTC(2026, 0, 1),
      durationMs: 61_200,
      bytesReceived: 9,
      audioPackets: 3,
      videoPackets: 2,
    },
    says: {
      publish_stop: {
        app: "live",
        stream_name: "abc/in",
        client_ip: "192.0.2.7",
        duration_seconds: 61,
        duration_ms: 61_200,
        bytes_received: 9,
        audio_packets: 3,
        video_packets: 2,
        reason: "server_crash",
        recovered: true,
      },
    },
  },
  {
    event: { kind: "serverRecovered", version: "1.2.3", sessionsRecovered: 2, deliveriesPending: 40 },
    says: { server_recovered: { version: "1.2.3", sessions_recovered: 2, deliveries_pending: 40 } },
  },
  ...(["hookFailing", "hookRecovered", "hookDisabled"] as const).map((kind) => ({
    event: { kind, hookId: "webhook_1", reason: "status 503", failures: 10 },
    says: {
      [{ hookFailing: "hook_failing", hookRecovered: "hook_recovered", hookDisabled: "hook_disabled" }[kind]]:
        {
          hook_id: "webhook_1",
          reason: "status 503",
          failures: 10,
        },
    },
  })),
  {
    event: { kind: "configReloaded", file: "hooks.yaml", changes: 3 },
    says: { config_reloaded: { file: "hooks.yaml", changes: 3 } },
  },
  {
    event: { kind: "configRejected", file: "hooks.yaml", reason: "line 3: unknown key" },
    says: { config_rejected: { file: "hooks.yaml", reason: "line 3: unknown key" } },
  },
  {
    event: {
      kind: "bitrateChanged",
      path,
      flow: "video",
      previousBitrate: 2_000_000.4,
      bitrate: 1_000_000.1,
      windowMs: 6_000,
    },
    says: {
      bitrate_change: {
        media_type: "video",
        previous_bitrate: 2_000_000,
        bitrate: 1_000_000,
        change_percent: -50,
        window_seconds: 6,
      },
    },
  },
  {
    event: { kind: "framerateChanged", path, previousFramerate: 30.0012, framerate: 24.0034 },
    says: { framerate_change: { previous_framerate: 30, framerate: 24, change_percent: -20 } },
  },
  {
    event: {
      kind: "resolutionChanged",
      path,
      previous: { width: 1920, height: 1080 },
      resolution: { width: 1280, height: 720 },
    },
    says: {
      resolution_change: {
        previous_resolution: "1920x1080",
        resolution: "1280x720",
        width: 1280,
        height: 720,
      },
    },
  },
  {
    event: {
      kind: "qualityAlert",
      path,
      metric: "stall",
      flow: "video",
      value: 7_000.04,
      threshold: 2_000,
      durationMs: 5_000,
      state: "raised",
      severity: "critical",
    },
    says: {
      quality_alert: {
        metric: "stall",
        media_type: "video",
        value: 7_000,
        threshold: 2_000,
        duration_seconds: 5,
        state: "raised",
      },
    },
  },
  {
    event: {
      kind: "performanceAlert",
      metric: "cpu",
      value: 85.54,
      threshold: 80,
      state: "raised",
      severity: "warning",
      load: { connections: 150, streams: 75, queueDepth: 1_000, pendingTasks: 500 },
    },
    says: {
      performance_alert: {
        metric_type: "cpu",
        current_value: 85.5,
        threshold: 80,
        severity: "warning",
        active_connections: 150,
        total_streams: 75,
        message_queue_depth: 1_000,
        goroutine_count: 500,
        state: "raised",
      },
    },
  },
  {
    event: {
      kind: "latencyAlert",
      metric: "hook_execution",
      p95Ms: 12_000.26,
      thresholdMs: 10_000,
      windowMs: 10_000,
      hookId: "webhook_1",
      state: "raised",
      severity: "warning",
    },
    says: {
      latency_alert: {
        metric_type: "hook_execution",
        p95_ms: 12_000.3,
        threshold_ms: 10_000,
        window_seconds: 10,
        hook_id: "webhook_1",
        state: "raised",
      },
    },
  },
  {
    event: {
      kind: "resourceAlert",
      resource: "disk",
      directory: "/recordings",
      value: 91.04,
      threshold: 90,
      unit: "percent",
      state: "cleared",
      severity: "info",
    },
    says: {
      resource_alert: {
        resource: "disk",
        directory: "/recordings",
        current_value: 91,
        threshold: 90,
        unit: "percent",
        severity: "info",
        state: "cleared",
      },
    },
  },
];

const translatorWithCounts = (): Translator => {
  let count = 0;
  return new Translator({ clock: new FakeClock(), serverId: "srv_1", newId: () => String(++count) });
};

/** Whether a value is what the catalogue says its field is. */
const isOfType = (value: unknown, type: string): boolean =>
  type === "s"
    ? typeof value === "string"
    : type === "b"
      ? typeof value === "boolean"
      : type === "i"
        ? Number.isInteger(value)
        : typeof value === "number";

const faultsOf = (event: HookEvent): string[] => {
  const fields = new Map(definitionOf(event.type)?.fields.map((field) => [field.name, field.type]));
  return Object.entries(event.data)
    .filter(([name, value]) => !isOfType(value, fields.get(name) ?? "unknown"))
    .map(([name]) => `${event.type}.${name}`);
};

describe("the translator", () => {
  for (const { event, says } of rows) {
    test(`says ${Object.keys(says).join(" and ")} for ${event.kind}, in the catalogue's fields and types`, () => {
      const events = translatorWithCounts().translate(event);
      expect(Object.fromEntries(events.map(({ type, data }) => [type, data]))).toEqual(says);
      expect(events.flatMap(faultsOf)).toEqual([]);
    });
  }

  test("has a row here for every event of the catalogue", () => {
    const said = new Set(rows.flatMap(({ says }) => Object.keys(says)));
    expect(catalogue.map(({ type }) => type).filter((type) => !said.has(type))).toEqual([]);
  });

  test("numbers events without a gap, dates them, and has an envelope of fixed keys", () => {
    const translator = translatorWithCounts();
    const events = rows.flatMap(({ event }) => translator.translate(event));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const keys = [
      "type",
      "timestamp",
      "conn_id",
      "stream_key",
      "data",
      "id",
      "seq",
      "severity",
      "time",
      "server_id",
      "session_id",
      "v",
    ];
    for (const event of events) expect(Object.keys(event)).toEqual(keys);
    const [first] = events;
    expect(first?.timestamp).toBe(Math.floor(Date.parse(first?.time ?? "") / 1000));
  });

  test("gives start and stop of one publish the same session id, and the next another", () => {
    const translator = translatorWithCounts();
    const start: DomainEvent = {
      kind: "publishStarted",
      path,
      peer,
      publishType: "live",
      query: "",
      isContinued: false,
    };
    const stop: DomainEvent = {
      kind: "publishStopped",
      path,
      peer,
      reason: "client_stop",
      durationMs: 1,
      bytesReceived: 0,
      audioPackets: 0,
      videoPackets: 0,
    };
    const [a, b, c, d] = [start, stop, start, stop].map(
      (event) => translator.translate(event)[0]?.session_id,
    );
    expect(a).toMatch(/^ses_/);
    expect([a, c]).toEqual([b, d]);
    expect(a).not.toBe(c);
  });

  test("gives an event that makes up for a lost one the id and the session it had", () => {
    const recovered = rows.find(({ event }) => event.kind === "publishRecovered")?.event;
    const [event] = translatorWithCounts().translate(recovered!);
    expect(event).toMatchObject({
      id: "evt_old",
      session_id: "ses_old",
      conn_id: "c000009",
      stream_key: "live/abc/in",
      seq: 1,
    });
    const { remote: _, ...unknown } = recovered as Extract<DomainEvent, { kind: "publishRecovered" }>;
    expect(translatorWithCounts().translate(unknown)[0]?.data).not.toHaveProperty("client_ip");
  });

  test("gives an alert the severity of its level, and everything else that of the catalogue", () => {
    for (const { event } of rows) {
      const graded = "severity" in event ? event.severity : undefined;
      for (const made of translatorWithCounts().translate(event)) {
        const definition = definitionOf(made.type);
        expect(definition?.isGraded ?? false, made.type).toBe(graded !== undefined);
        expect(made.severity, made.type).toBe(graded ?? definition!.severity);
      }
    }
  });

  test("tells the bit rate of a track where metadata came before it, and forgets it with the publish", () => {
    const translator = translatorWithCounts();
    const bitratesFor = (kind: "video" | "audio") => {
      const track: Track = kind === "video" ? { kind, codec: "H264" } : { kind, codec: "AAC" };
      const [event] = translator.translate({ kind: "trackDetected", path, isChange: false, track });
      return event?.data.bitrate;
    };
    expect(bitratesFor("video")).toBeUndefined();
    const payload = share(
      encodeAmf0All(["onMetaData", amfEcmaArray({ videodatarate: 2_500, audiodatarate: 0 })]),
    );
    translator.translate({ kind: "metadataReceived", path, payload });
    expect([bitratesFor("video"), bitratesFor("audio")]).toEqual([2_500_000, undefined]);
    const totals = { durationMs: 1, bytesReceived: 1, audioPackets: 0, videoPackets: 1 };
    translator.translate({ kind: "publishStopped", path, peer, reason: "client_stop", ...totals });
    expect(bitratesFor("video")).toBeUndefined();
  });

  test("takes no text of metadata over without bound, and no number that is none", () => {
    const payload = share(
      encodeAmf0All(["onMetaData", amfEcmaArray({ width: Number.NaN, encoder: "x".repeat(5_000) })]),
    );
    const [event] = translatorWithCounts().translate({ kind: "metadataReceived", path, payload });
    expect(Object.keys(event?.data ?? {})).toEqual(["encoder"]);
    expect(String(event?.data.encoder)).toHaveLength(256);
  });
});
