import { amfNumber, amfProperty, amfString } from "../../amf/value.ts";
import { unreachable } from "../../base/errors.ts";
import { appOf, nameOf, type StreamPath } from "../../base/stream-path.ts";
import type { Clock } from "../../base/time.ts";
import { readMetadata } from "../../flv/metadata.ts";
import type { DomainEvent, Peer } from "../../stream/event.ts";
import { definitionOf, type EventType } from "./catalogue.ts";
import type { HookEvent, HookValue } from "./hook-event.ts";

/** What an event says, before it is numbered and dated. */
interface Statement {
  readonly type: EventType;
  readonly peer?: Peer | undefined;
  readonly path?: StreamPath | undefined;
  readonly sessionId?: string | undefined;
  readonly data: Readonly<Record<string, HookValue | undefined>>;
}

type Of<Kind extends DomainEvent["kind"]> = Extract<DomainEvent, { kind: Kind }>;

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000);

/** Address and port of `127.0.0.1:1935` or `[::1]:1935`. */
const splitAddress = (text: string): { ip: string; port: number } => {
  const at = text.lastIndexOf(":");
  return { ip: text.substring(0, at).replace(/^\[|\]$/g, ""), port: Number(text.substring(at + 1)) };
};

const ipOf = (peer: Peer): string => splitAddress(peer.remote).ip;

const naming = (path: StreamPath): { app: string; stream_name: string } => ({
  app: appOf(path),
  stream_name: nameOf(path),
});

/** Parameter names without their values: credentials live there. */
const redactQuery = (query: string): string | undefined =>
  query === ""
    ? undefined
    : query
        .split("&")
        .map((part) => part.replace(/=.*$/s, "=***"))
        .join("&");

/** Words for a phase that receivers know. */
const phaseOf = (stage: string): string =>
  stage === "handshake" ? "handshake" : stage === "media" ? "media_processing" : "command_processing";

const errorTypeOf = (code: string, stage: string): string => {
  if (code.endsWith("_TIMEOUT") || code === "PEER_STALLED") return "timeout";
  return stage === "handshake" ? "handshake_failure" : "protocol_error";
};

const refusalTypes: Readonly<Record<string, string>> = {
  ALREADY_PUBLISHING: "already_publishing",
  BAD_STREAM_NAME: "invalid_key",
  STREAM_NOT_FOUND: "not_found",
  SHUTTING_DOWN: "shutting_down",
};

/**
 * Turns what happens inside into the events that leave the server: names, units, numbers and dates of the catalogue. Keeps which
 * publish or play is under way, so that all events of one carry the same session id.
 */
export class Translator {
  readonly #clock: Clock;
  readonly #serverId: string;
  readonly #newId: () => string;
  /** Ids of what is under way. A connection may play the same stream several times. */
  readonly #sessions = new Map<string, string[]>();
  #seq = 0;

  constructor(parts: { clock: Clock; serverId: string; newId?: () => string }) {
    this.#clock = parts.clock;
    this.#serverId = parts.serverId;
    this.#newId = parts.newId ?? (() => Bun.randomUUIDv7());
  }

  /** The events that `event` gives, in order; none for what is of no interest outside. */
  translate(event: DomainEvent): HookEvent[] {
    if (event.kind === "connectionFailed") return this.#failure(event);
    const statement = this.#state(event);
    return statement ? [this.#make(statement)] : [];
  }

  #make({ type, peer, path, sessionId, data }: Statement): HookEvent {
    const now = this.#clock.date();
    const known = Object.entries(data).filter(
      (entry): entry is [string, HookValue] => entry[1] !== undefined,
    );
    return {
      type,
      timestamp: wholeSeconds(now.getTime()),
      conn_id: peer?.connId ?? "",
      stream_key: path ?? "",
      data: Object.fromEntries(known),
      id: `evt_${this.#newId()}`,
      seq: ++this.#seq,
      severity: definitionOf(type)?.severity ?? "info",
      time: now.toISOString(),
      server_id: this.#serverId,
      session_id: sessionId ?? "",
      v: 1,
    };
  }

  /** A fault of the protocol gives two events that point at each other; one of the network or of time gives one. */
  #failure(event: Of<"connectionFailed">): HookEvent[] {
    const { peer, code, message: error_message } = event;
    const phase = code.startsWith("CHUNK") || code.startsWith("MESSAGE") ? "chunking" : phaseOf(event.phase);
    const error_type = errorTypeOf(code, event.phase);
    const error = this.#make({
      type: "connection_error",
      peer,
      data: { error_type, error_message, error_code: code, phase, peer_addr: peer.remote },
    });
    if (error_type === "timeout") return [error];
    const data = { phase, error_message, error_code: code, fatal: true, related_event_id: error.id };
    return [error, this.#make({ type: "protocol_error", peer, data })];
  }

  #state(event: Exclude<DomainEvent, Of<"connectionFailed">>): Statement | undefined {
    switch (event.kind) {
      case "serverStarted":
        return { type: "server_start", data: { version: event.version } };
      case "serverStopped":
        return { type: "server_stop", data: { version: event.version } };
      case "connectionAccepted":
      case "handshakeCompleted":
      case "connectionClosed":
        return this.#ofConnection(event);
      case "publishStarted":
      case "publishStopped":
      case "playStarted":
      case "playStopped":
      case "requestRefused":
        return this.#ofSession(event);
      case "relayStarted":
      case "relayStopped":
      case "relayFailed":
      case "recordingStarted":
      case "recordingCompleted":
        return this.#ofOutput(event);
      case "streamCreated":
      case "streamDeleted":
      case "trackDetected":
      case "metadataReceived":
      case "mediaStarted":
      case "mediaStopped":
      case "subscriberCount":
        return this.#ofStream(event);
      case "connected":
      case "clockLeaped":
      case "recordingFailed":
        return undefined;
      default:
        return unreachable(event);
    }
  }

  #ofConnection(event: Of<"connectionAccepted" | "handshakeCompleted" | "connectionClosed">): Statement {
    const { peer } = event;
    switch (event.kind) {
      case "connectionAccepted": {
        const client = splitAddress(peer.remote);
        const server = splitAddress(event.local);
        const data = {
          client_ip: client.ip,
          client_port: client.port,
          server_ip: server.ip,
          server_port: server.port,
        };
        return { type: "connection_accept", peer, data: { ...data, tls: event.isTls } };
      }
      case "handshakeCompleted": {
        const duration_ms = Math.round(event.durationMs);
        return {
          type: "handshake_complete",
          peer,
          data: { duration_ms, scheme: event.scheme, client_ip: ipOf(peer) },
        };
      }
      case "connectionClosed": {
        const { bytesReceived: bytes_received, bytesSent: bytes_sent, role, reason, path } = event;
        const duration_seconds = wholeSeconds(event.durationMs);
        return {
          type: "connection_close",
          peer,
          path,
          data: { duration_seconds, bytes_received, bytes_sent, role, reason },
        };
      }
      default:
        return unreachable(event);
    }
  }

  #ofSession(
    event: Of<"publishStarted" | "publishStopped" | "playStarted" | "playStopped" | "requestRefused">,
  ): Statement {
    const { peer, path } = event;
    const client_ip = ipOf(peer);
    switch (event.kind) {
      case "publishStarted": {
        const data = {
          ...naming(event.path),
          publish_type: event.publishType,
          client_ip,
          query: redactQuery(event.query),
        };
        return { type: "publish_start", peer, path, sessionId: this.#begin("publish", event), data };
      }
      case "publishStopped": {
        const duration = {
          duration_seconds: wholeSeconds(event.durationMs),
          duration_ms: Math.round(event.durationMs),
        };
        const packets = { video_packets: event.videoPackets, audio_packets: event.audioPackets };
        const data = {
          ...duration,
          bytes_received: event.bytesReceived,
          ...packets,
          reason: event.reason,
          recovered: false,
        };
        return {
          type: "publish_stop",
          peer,
          path,
          sessionId: this.#end("publish", event),
          data: { ...data, ...naming(event.path), client_ip },
        };
      }
      case "playStarted":
        return {
          type: "play_start",
          peer,
          path,
          sessionId: this.#begin("play", event),
          data: { ...naming(event.path), client_ip },
        };
      case "playStopped": {
        const { bytesSent: bytes_sent, droppedFrames: dropped_frames, reason } = event;
        const data = {
          ...naming(event.path),
          client_ip,
          duration_seconds: wholeSeconds(event.durationMs),
          bytes_sent,
          dropped_frames,
          reason,
        };
        return { type: "play_stop", peer, path, sessionId: this.#end("play", event), data };
      }
      case "requestRefused": {
        const error_type = refusalTypes[event.code] ?? event.code.toLowerCase();
        const data = { error_type, error_message: event.message, action: event.action, client_ip };
        return { type: "stream_error", peer, path, data };
      }
      default:
        return unreachable(event);
    }
  }

  #ofOutput(
    event: Of<"relayStarted" | "relayStopped" | "relayFailed" | "recordingStarted" | "recordingCompleted">,
  ): Statement {
    const { path } = event;
    switch (event.kind) {
      case "relayStarted":
        return { type: "relay_start", path, data: { target: event.target } };
      case "relayStopped":
        return { type: "relay_stop", path, data: { target: event.target, reason: event.reason } };
      case "relayFailed":
        return {
          type: "relay_error",
          path,
          data: { target: event.target, reason: event.error, attempt: event.attempt },
        };
      case "recordingStarted":
        return { type: "recording_segment_create", path, data: { segment_path: event.file } };
      case "recordingCompleted": {
        const segment_duration = Math.round(event.durationMs) / 1000;
        return {
          type: "recording_segment_complete",
          path,
          data: { segment_path: event.file, segment_duration, bytes: event.bytes },
        };
      }
      default:
        return unreachable(event);
    }
  }

  #ofStream(
    event: Of<
      | "streamCreated"
      | "streamDeleted"
      | "trackDetected"
      | "metadataReceived"
      | "mediaStarted"
      | "mediaStopped"
      | "subscriberCount"
    >,
  ): Statement {
    const { path } = event;
    switch (event.kind) {
      case "streamCreated":
        return { type: "stream_create", path, data: naming(path) };
      case "streamDeleted": {
        const lifetime_seconds = wholeSeconds(event.lifetimeMs);
        return { type: "stream_delete", path, data: { ...naming(path), lifetime_seconds, reason: "unused" } };
      }
      case "trackDetected":
        return { type: "codec_detected", path, data: codecData(event) };
      case "metadataReceived":
        return { type: "stream_metadata", path, data: metadataData(event.payload) };
      case "mediaStarted":
      case "mediaStopped": {
        const type = event.kind === "mediaStarted" ? "media_start" : "media_stop";
        return { type, path, data: { media_type: event.flow, gap_ms: Math.round(event.gapMs) } };
      }
      case "subscriberCount":
        return { type: "subscriber_count", path, data: { count: event.count, previous: event.previous } };
      default:
        return unreachable(event);
    }
  }

  #begin(action: "publish" | "play", { peer, path }: { peer: Peer; path: StreamPath }): string {
    const key = `${action} ${peer.connId} ${path}`;
    const id = `ses_${this.#newId()}`;
    const running = this.#sessions.get(key);
    if (running) running.push(id);
    else this.#sessions.set(key, [id]);
    return id;
  }

  #end(action: "publish" | "play", { peer, path }: { peer: Peer; path: StreamPath }): string | undefined {
    const key = `${action} ${peer.connId} ${path}`;
    const running = this.#sessions.get(key);
    const id = running?.shift();
    if (running?.length === 0) this.#sessions.delete(key);
    return id;
  }
}

const codecData = ({ track, isChange }: Of<"trackDetected">): Statement["data"] => {
  const common = {
    media_type: track.kind,
    codec_name: track.codec,
    codec_profile: track.profile,
    changed: isChange || undefined,
  };
  if (track.kind === "audio") return { ...common, sample_rate: track.sampleRate, channels: track.channels };
  const resolution = track.width && track.height ? `${track.width}x${track.height}` : undefined;
  return { ...common, codec_level: track.level, resolution, framerate: track.frameRate };
};

/** The longest text taken over from metadata, in characters. */
const maxTextLength = 256;

const metadataData = (payload: Uint8Array): Statement["data"] => {
  const values = readMetadata(payload)?.values;
  const number = (key: string): number | undefined => {
    const value = amfNumber(amfProperty(values, key));
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  };
  const integer = (key: string, factor = 1): number | undefined => {
    const value = number(key);
    return value === undefined ? undefined : Math.round(value * factor);
  };
  const text = (key: string): string | undefined =>
    amfString(amfProperty(values, key))?.substring(0, maxTextLength);
  return {
    width: integer("width"),
    height: integer("height"),
    framerate: number("framerate"),
    // FLV counts kilobits.
    video_bitrate: integer("videodatarate", 1000),
    audio_bitrate: integer("audiodatarate", 1000),
    encoder: text("encoder"),
    creation_date: text("creationdate"),
    title: text("title"),
    duration: number("duration"),
  };
};
