import { unreachable } from "../base/errors.ts";
import type { LogFields } from "../base/log.ts";
import type { Track } from "../media/track.ts";
import type { DomainEvent } from "./event.ts";
import { type EventLine, line, seconds } from "./log-line.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import { monitorLine } from "./monitor-line.ts";
import type { OperationEvent } from "./operation-event.ts";
import { operationLine } from "./operation-line.ts";

const trackFields = (track: Track): LogFields => {
  if (track.kind === "audio") {
    return {
      codec: track.codec,
      profile: track.profile,
      sample_rate: track.sampleRate,
      channels: track.channels,
    };
  }
  const resolution = track.width && track.height ? `${track.width}x${track.height}` : undefined;
  return {
    codec: track.codec,
    profile: track.profile,
    // Not `level`: that is the line's own.
    codec_level: track.level,
    resolution,
    framerate: track.frameRate,
  };
};

/** The format of a recording, in the words of `recordFormat`. */
const formatOf = (file: string): string => {
  if (file.endsWith(".mp4")) return "fmp4";
  return file.endsWith(".ts") ? "mpegts" : "flv";
};

/**
 * An event as the one log line that reports it; undefined for events that only repeat what another says. Messages and field
 * names are those that log parsers of rtmp-go know.
 */
export const eventLine = (event: DomainEvent): EventLine | undefined => {
  switch (event.kind) {
    case "connectionAccepted":
    case "handshakeCompleted":
    case "connected":
    case "connectionFailed":
    case "connectionClosed":
    case "requestRefused":
      return connectionLine(event);
    case "relayStarted":
    case "relayStopped":
    case "relayFailed":
    case "recordingStarted":
    case "recordingCompleted":
    case "recordingFailed":
      return outputLine(event);
    case "serverStarted":
    case "serverStopped":
    case "serverRecovered":
    case "hookFailing":
    case "hookRecovered":
    case "hookDisabled":
    case "configReloaded":
    case "configRejected":
      return operationLine(event);
    case "bitrateChanged":
    case "framerateChanged":
    case "resolutionChanged":
    case "qualityAlert":
    case "performanceAlert":
    case "latencyAlert":
    case "resourceAlert":
      return monitorLine(event);
    default:
      return streamLine(event);
  }
};

type ConnectionEvent = Extract<
  DomainEvent,
  {
    kind:
      | "connectionAccepted"
      | "handshakeCompleted"
      | "connected"
      | "connectionFailed"
      | "connectionClosed"
      | "requestRefused";
  }
>;
type OutputEvent = Extract<
  DomainEvent,
  {
    kind:
      | "relayStarted"
      | "relayStopped"
      | "relayFailed"
      | "recordingStarted"
      | "recordingCompleted"
      | "recordingFailed";
  }
>;
type StreamEvent = Exclude<DomainEvent, ConnectionEvent | OutputEvent | MonitorEvent | OperationEvent>;

const connectionLine = (event: ConnectionEvent): EventLine | undefined => {
  const { connId: conn_id, remote } = event.peer;
  switch (event.kind) {
    case "connectionAccepted":
      return line("debug", "Connection opened", { conn_id, remote, local: event.local, tls: event.isTls });
    case "handshakeCompleted":
      return line("info", "Connection accepted", {
        conn_id,
        remote,
        handshake_ms: Math.round(event.durationMs),
        scheme: event.scheme,
      });
    case "connected":
      if (event.fourCcs.length === 0)
        return line("debug", "connect response sent", { conn_id, app: event.app.replace(/\?.*/s, "") });
      return line("debug", "Enhanced RTMP client detected", { conn_id, fourCcList: event.fourCcs });
    case "connectionFailed": {
      // What does not speak RTMP at all (port scanners, browsers) is no news.
      const level = event.code === "NOT_RTMP" ? "debug" : "info";
      const message = event.phase === "handshake" ? "Handshake failed" : "connection failed";
      return line(level, message, {
        conn_id,
        remote,
        stage: event.phase,
        code: event.code,
        error: event.message,
      });
    }
    case "connectionClosed": {
      // A connection that never got anywhere was already reported as failed.
      const level = event.role === "" ? "debug" : "info";
      const fields = {
        conn_id,
        stream_key: event.path,
        role: event.role,
        reason: event.reason,
        duration_sec: seconds(event.durationMs),
      };
      return line(level, "connection disconnected", {
        ...fields,
        bytes_received: event.bytesReceived,
        bytes_sent: event.bytesSent,
      });
    }
    case "requestRefused":
      return line("warn", `${event.action} refused`, {
        conn_id,
        stream_key: event.path,
        remote,
        code: event.code,
        error: event.message,
      });
    default:
      return unreachable(event);
  }
};

const outputLine = (event: OutputEvent): EventLine => {
  const stream_key = event.path;
  switch (event.kind) {
    case "relayStarted":
      return line("info", "Connected to destination", { stream_key, destination_url: event.target });
    case "relayStopped":
      return line("info", "Disconnected from destination", {
        stream_key,
        destination_url: event.target,
        reason: event.reason,
      });
    case "relayFailed": {
      const retry = event.retryInMs === undefined ? undefined : Math.round(event.retryInMs);
      const fields = {
        stream_key,
        destination_url: event.target,
        error: event.error,
        attempt: event.attempt,
        retry_ms: retry,
      };
      return line("warn", "Failed to connect to destination", fields);
    }
    case "recordingStarted":
      return line("info", "recorder initialized", {
        stream_key,
        file: event.file,
        format: formatOf(event.file),
      });
    case "recordingCompleted":
      return line("info", "recorder closed", {
        stream_key,
        file: event.file,
        duration_sec: seconds(event.durationMs),
        bytes: event.bytes,
      });
    case "recordingFailed":
      return line("error", "recording stopped, the stream goes on", {
        stream_key,
        file: event.file,
        error: event.error,
      });
    default:
      return unreachable(event);
  }
};

const streamLine = (event: StreamEvent): EventLine | undefined => {
  const stream_key = event.path;
  switch (event.kind) {
    case "streamCreated":
    case "metadataReceived":
      return undefined;
    case "mediaStarted":
      return line("debug", "First media packet received", {
        stream_key,
        type: event.flow,
        gap_ms: Math.round(event.gapMs),
      });
    case "mediaStopped":
      return line("info", "media stopped, the publisher is still connected", {
        stream_key,
        type: event.flow,
        gap_ms: Math.round(event.gapMs),
      });
    case "streamDeleted":
      return line("debug", "stream removed", { stream_key, duration_sec: seconds(event.lifetimeMs) });
    case "publishStarted": {
      const fields = {
        conn_id: event.peer.connId,
        stream_key,
        remote: event.peer.remote,
        continued: event.isContinued || undefined,
      };
      return line("info", "publish started", fields);
    }
    case "publishStopped": {
      const { audioPackets: audio_packets, videoPackets: video_packets, bytesReceived: total_bytes } = event;
      const fields = {
        conn_id: event.peer.connId,
        stream_key,
        reason: event.reason,
        duration_sec: seconds(event.durationMs),
      };
      return line("info", "publish stopped", { ...fields, audio_packets, video_packets, total_bytes });
    }
    case "publishRecovered":
      return line("warn", "publish was cut by a crash of the server", {
        conn_id: event.connId,
        stream_key,
        remote: event.remote,
        session_id: event.sessionId,
        duration_sec: seconds(event.durationMs),
      });
    case "playStarted":
      return line("info", "play started", {
        conn_id: event.peer.connId,
        stream_key,
        remote: event.peer.remote,
      });
    case "playStopped": {
      const fields = {
        conn_id: event.peer.connId,
        stream_key,
        reason: event.reason,
        duration_sec: seconds(event.durationMs),
      };
      return line("info", "play stopped", {
        ...fields,
        bytes_sent: event.bytesSent,
        dropped_frames: event.droppedFrames,
      });
    }
    case "subscriberCount": {
      const message = event.count > event.previous ? "Subscriber added" : "Subscriber removed";
      return line("debug", message, { stream_key, total_subscribers: event.count });
    }
    case "trackDetected": {
      const message = event.track.kind === "video" ? "Video codec detected" : "Audio codec detected";
      return line("info", message, {
        stream_key,
        ...trackFields(event.track),
        changed: event.isChange || undefined,
      });
    }
    case "streamAvailable":
      return line("info", "stream available", {
        stream_key,
        conn_id: event.peer.connId,
        tracks: event.tracks.map(({ codec }) => codec),
      });
    case "streamUnavailable":
    case "demandChanged":
      return undefined;
    case "clockLeaped":
      return line(
        event.count === 1 ? "warn" : "debug",
        "publisher's clock jumped, timestamps go on without it",
        { stream_key, count: event.count },
      );
    default:
      return unreachable(event);
  }
};
