import { encodeAmf0All } from "../../amf/amf0.ts";
import { amfEcmaArray } from "../../amf/value.ts";
import { share } from "../../base/bytes.ts";
import { parseStreamPath } from "../../base/stream-path.ts";
import type { Clock } from "../../base/time.ts";
import { version } from "../../base/version.ts";
import type { EventType } from "../../hooks/event/catalogue.ts";
import type { HookEvent } from "../../hooks/event/hook-event.ts";
import { Translator } from "../../hooks/event/translator.ts";
import type { DomainEvent } from "../../stream/event.ts";

/** What happens, such that each type of event comes of it; the last one of that type is the sample. Addresses are those of RFC 5737. */
const samplesOf = (streamKey: string, now: number): Readonly<Record<EventType, readonly DomainEvent[]>> => {
  const path = parseStreamPath(streamKey);
  const peer = {
    connId: "c000001",
    remote: "192.0.2.10:50123",
    kind: "rtmpConn",
    id: "6f1b2c3d-0000-4000-8000-000000000001",
  } as const;
  const totals = { durationMs: 61_500, bytesReceived: 19_218_750, audioPackets: 2_883, videoPackets: 1_845 };
  const published = {
    kind: "publishStarted",
    path,
    peer,
    publishType: "live",
    query: "token=sample",
    isContinued: false,
  } as const;
  const played = { kind: "playStarted", path, peer, query: "" } as const;
  const target = "rtmp://relay.example.com/live";
  const stamp = new Date(now).toISOString().substring(0, 19).replace("T", "_").replaceAll(/[-:]/g, "");
  const file = `recordings/${path.replaceAll("/", "_")}_${stamp}_seg001.flv`;
  const failure = { kind: "connectionFailed", peer, code: "CHUNK_SIZE", phase: "media" } as const;
  const hook = { hookId: "sample_hook", reason: "connection refused", failures: 5 };
  const raised = { state: "raised", severity: "warning" } as const;
  const config = { file: "hooks.yaml" };
  const metadata = {
    kind: "metadataReceived",
    path,
    payload: share(
      encodeAmf0All([
        "onMetaData",
        amfEcmaArray({
          width: 1280,
          height: 720,
          framerate: 30,
          videodatarate: 2500,
          audiodatarate: 160,
          encoder: "obs-output module (libobs version 30.2.3)",
          creationdate: new Date(now).toISOString(),
          title: "A sample",
          duration: 0,
        }),
      ]),
    ),
  } as const;
  return {
    server_start: [{ kind: "serverStarted", version }],
    server_stop: [{ kind: "serverStopped", version }],
    server_recovered: [{ kind: "serverRecovered", version, sessionsRecovered: 1, deliveriesPending: 3 }],
    connection_accept: [{ kind: "connectionAccepted", peer, local: "192.0.2.1:1935", isTls: false }],
    handshake_complete: [{ kind: "handshakeCompleted", peer, scheme: "complex", durationMs: 12 }],
    connection_close: [
      {
        kind: "connectionClosed",
        peer,
        role: "publisher",
        path,
        reason: "client_stop",
        durationMs: totals.durationMs,
        bytesReceived: totals.bytesReceived,
        bytesSent: 3_512,
      },
    ],
    connection_error: [{ ...failure, message: "chunk size 0, expected 1 to 2147483647" }],
    protocol_error: [{ ...failure, message: "chunk size 0, expected 1 to 2147483647" }],
    stream_error: [
      {
        kind: "requestRefused",
        action: "publish",
        peer,
        path,
        code: "ALREADY_PUBLISHING",
        message: `stream ${path} is being published already`,
      },
    ],
    stream_create: [{ kind: "streamCreated", path }],
    stream_delete: [{ kind: "streamDeleted", path, lifetimeMs: 66_500 }],
    publish_start: [published],
    publish_stop: [published, { kind: "publishStopped", path, peer, reason: "client_stop", ...totals }],
    play_start: [played],
    play_stop: [
      played,
      {
        kind: "playStopped",
        path,
        peer,
        reason: "client_stop",
        durationMs: totals.durationMs,
        bytesSent: totals.bytesReceived,
        droppedFrames: 0,
      },
    ],
    codec_detected: [
      metadata,
      {
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
    ],
    stream_metadata: [metadata],
    media_start: [{ kind: "mediaStarted", path, flow: "video", gapMs: 0 }],
    media_stop: [{ kind: "mediaStopped", path, flow: "video", gapMs: 5_000 }],
    subscriber_count: [{ kind: "subscriberCount", path, count: 2, previous: 1 }],
    recording_segment_create: [{ kind: "recordingStarted", path, file }],
    recording_segment_complete: [
      { kind: "recordingCompleted", path, file, durationMs: totals.durationMs, bytes: totals.bytesReceived },
    ],
    relay_start: [{ kind: "relayStarted", path, target }],
    relay_stop: [{ kind: "relayStopped", path, target, reason: "client_stop" }],
    relay_error: [
      { kind: "relayFailed", path, target, error: "connection refused", attempt: 3, retryInMs: 4_000 },
    ],
    bitrate_change: [
      {
        kind: "bitrateChanged",
        path,
        flow: "video",
        previousBitrate: 2_500_000,
        bitrate: 1_500_000,
        windowMs: 10_000,
      },
    ],
    framerate_change: [{ kind: "framerateChanged", path, previousFramerate: 30, framerate: 15 }],
    resolution_change: [
      {
        kind: "resolutionChanged",
        path,
        previous: { width: 1280, height: 720 },
        resolution: { width: 640, height: 360 },
      },
    ],
    quality_alert: [
      {
        kind: "qualityAlert",
        path,
        metric: "bitrate",
        flow: "video",
        value: 62.5,
        threshold: 50,
        durationMs: 5_000,
        ...raised,
      },
    ],
    performance_alert: [
      {
        kind: "performanceAlert",
        metric: "cpu",
        value: 87.5,
        threshold: 80,
        load: { connections: 120, streams: 12, queueDepth: 0, pendingTasks: 4 },
        ...raised,
      },
    ],
    latency_alert: [
      {
        kind: "latencyAlert",
        metric: "hook_execution",
        p95Ms: 5_200,
        thresholdMs: 5_000,
        windowMs: 60_000,
        hookId: hook.hookId,
        ...raised,
      },
    ],
    resource_alert: [
      {
        kind: "resourceAlert",
        resource: "disk",
        directory: "recordings",
        value: 91.5,
        threshold: 90,
        unit: "percent",
        ...raised,
      },
    ],
    hook_failing: [{ kind: "hookFailing", ...hook }],
    hook_recovered: [{ kind: "hookRecovered", ...hook, reason: "the receiver answers again" }],
    hook_disabled: [{ kind: "hookDisabled", ...hook, reason: "410 Gone" }],
    config_reloaded: [{ kind: "configReloaded", ...config, changes: 1 }],
    config_rejected: [
      { kind: "configRejected", ...config, reason: "hooks.yaml:3: hooks.stdio.fromat: unknown key" },
    ],
  };
};

/** An event of `type` as the server would raise it for this stream: every field that such an event has, with fitting values. */
export const sampleEvent = (type: EventType, parts: { streamKey: string; clock: Clock }): HookEvent => {
  const { streamKey, clock } = parts;
  const translator = new Translator({ clock, serverId: "srv_sample" });
  const happened = samplesOf(streamKey, clock.date().getTime())[type];
  const event = happened.flatMap((each) => translator.translate(each)).findLast((each) => each.type === type);
  if (!event) throw new TypeError(`no sample of ${type}`);
  return event;
};
