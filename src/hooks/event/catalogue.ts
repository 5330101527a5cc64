import type { Severity } from "./hook-event.ts";

/** Type of a payload field: string, integer, float or boolean. */
export type FieldType = "s" | "i" | "f" | "b";

/** One field of an event's payload. */
export interface EventField {
  readonly name: string;
  readonly type: FieldType;
  /** What it says, with its unit. */
  readonly meaning: string;
}

/**
 * What may happen to an event under pressure: `lifecycle` and `error` events are kept, `telemetry` is coalesced or dropped
 * first.
 */
export type EventClass = "lifecycle" | "error" | "telemetry";

/** One kind of event. */
export interface EventDefinition {
  readonly type: string;
  readonly class: EventClass;
  readonly severity: Severity;
  /** When it is raised. */
  readonly trigger: string;
  /** Its payload. Fields that are not known are left out. */
  readonly fields: readonly EventField[];
}

const field = (name: string, type: FieldType, meaning: string): EventField => ({ name, type, meaning });

const app = field("app", "s", "first segment of the stream's name");
const streamName = field("stream_name", "s", "the rest of the stream's name");
const clientIp = field("client_ip", "s", "address of the client");
const durationSeconds = (of: string): EventField =>
  field("duration_seconds", "i", `whole seconds the ${of} lasted`);
const reason = field(
  "reason",
  "s",
  "why it ended: client_stop, client_disconnect, replaced, idle_timeout, stalled, error, refused, unpublished, server_shutdown",
);
const mediaType = field("media_type", "s", "audio or video");
const target = field("target", "s", "where it is pushed to, without credentials and stream key");

const lifecycle = (type: string, trigger: string, fields: readonly EventField[]): EventDefinition => ({
  type,
  class: "lifecycle",
  severity: "info",
  trigger,
  fields,
});

/** Every event that leaves the server, in the order of a stream's life. The documentation and the checks are made from this. */
export const catalogue = [
  lifecycle("server_start", "the server listens", [field("version", "s", "version of the server")]),
  lifecycle("server_stop", "the server stops", [field("version", "s", "version of the server")]),
  lifecycle("connection_accept", "a TCP connection was accepted", [
    clientIp,
    field("client_port", "i", "port of the client"),
    field("server_ip", "s", "address the client reached"),
    field("server_port", "i", "port the client reached"),
    field("tls", "b", "whether the connection is encrypted"),
  ]),
  lifecycle("handshake_complete", "the RTMP handshake is complete", [
    field("duration_ms", "i", "milliseconds since the connection was accepted"),
    field("scheme", "s", "simple or complex"),
    clientIp,
  ]),
  lifecycle("connection_close", "a connection is closed, once", [
    durationSeconds("connection"),
    field("bytes_received", "i", "bytes from the client"),
    field("bytes_sent", "i", "bytes to the client"),
    field("role", "s", "publisher, subscriber or empty"),
    reason,
  ]),
  lifecycle("stream_create", "a stream begins to exist: published, or waited for", [app, streamName]),
  lifecycle("stream_delete", "a stream is gone", [
    app,
    streamName,
    field("lifetime_seconds", "i", "whole seconds the stream existed"),
    field("reason", "s", "why: unused"),
  ]),
  lifecycle("publish_start", "a publisher was admitted", [
    app,
    streamName,
    field("publish_type", "s", "live, record or append, as the client asked"),
    clientIp,
    field("query", "s", "parameters behind the stream's name, their values hidden"),
  ]),
  lifecycle("publish_stop", "a publisher is gone", [
    durationSeconds("publish"),
    field("duration_ms", "i", "milliseconds the publish lasted"),
    field("bytes_received", "i", "bytes of audio, video and data"),
    field("video_packets", "i", "video packets"),
    field("audio_packets", "i", "audio packets"),
    field("recovered", "b", "true where the event was made up for after a crash"),
    app,
    streamName,
    clientIp,
    reason,
  ]),
  lifecycle("play_start", "a player receives a stream", [app, streamName, clientIp]),
  lifecycle("play_stop", "a player no longer receives a stream", [
    app,
    streamName,
    clientIp,
    durationSeconds("play"),
    field("bytes_sent", "i", "bytes to the player"),
    field("dropped_frames", "i", "frames the player lost because it was too slow"),
    reason,
  ]),
  lifecycle("codec_detected", "a track was recognised, or has changed", [
    mediaType,
    field("codec_name", "s", "H264, H265, AV1, VP9, AAC, Opus and so on"),
    field("codec_profile", "s", "profile, such as High or LC"),
    field("codec_level", "s", "level, such as 4.1"),
    field("resolution", "s", "width x height in pixels, such as 1280x720"),
    field("framerate", "f", "frames per second, where the track says so"),
    field("sample_rate", "i", "samples per second"),
    field("channels", "i", "audio channels"),
    field("changed", "b", "true where the track was known and is another now"),
  ]),
  lifecycle("stream_metadata", "the publisher sent metadata that differs from the last", [
    field("width", "i", "pixels"),
    field("height", "i", "pixels"),
    field("framerate", "f", "frames per second"),
    field("video_bitrate", "i", "bits per second"),
    field("audio_bitrate", "i", "bits per second"),
    field("encoder", "s", "the encoder's name of itself"),
    field("creation_date", "s", "as the encoder wrote it"),
    field("title", "s", "as the encoder wrote it"),
    field("duration", "f", "seconds, for what is not live"),
  ]),
  lifecycle("media_start", "the first frame of a flow, or the first after a gap", [
    mediaType,
    field("gap_ms", "i", "milliseconds without a frame before; 0 for the first"),
  ]),
  lifecycle("media_stop", "a flow brought nothing for 5 seconds while its publisher is connected", [
    mediaType,
    field("gap_ms", "i", "milliseconds without a frame"),
  ]),
  {
    type: "subscriber_count",
    class: "telemetry",
    severity: "info",
    trigger: "the number of players changed; at most once a second",
    fields: [field("count", "i", "players now"), field("previous", "i", "players when it was last told")],
  },
  lifecycle("recording_segment_create", "a recording began a file", [field("segment_path", "s", "the file")]),
  lifecycle("recording_segment_complete", "a recording finished a file", [
    field("segment_path", "s", "the file"),
    field("segment_duration", "f", "seconds of media in it"),
    field("bytes", "i", "its size"),
  ]),
  lifecycle("relay_start", "a push to another server was accepted there", [target]),
  lifecycle("relay_stop", "a push to another server ended with its stream", [target, reason]),
  {
    type: "relay_error",
    class: "error",
    severity: "error",
    trigger: "a push to another server failed; it is tried again",
    fields: [
      target,
      field("reason", "s", "what went wrong"),
      field("attempt", "i", "attempts that failed in a row"),
    ],
  },
  {
    type: "connection_error",
    class: "error",
    severity: "error",
    trigger: "a connection ended because of a fault",
    fields: [
      field("error_type", "s", "handshake_failure, protocol_error, network_error or timeout"),
      field("error_message", "s", "what went wrong"),
      field("error_code", "s", "the server's code for it"),
      field("phase", "s", "handshake, chunking, command_processing or media_processing"),
      field("peer_addr", "s", "address and port of the client"),
    ],
  },
  {
    type: "protocol_error",
    class: "error",
    severity: "warning",
    trigger: "a client broke the protocol",
    fields: [
      field("phase", "s", "handshake, chunking, command_processing or media_processing"),
      field("error_message", "s", "what went wrong"),
      field("error_code", "s", "the server's code for it"),
      field("fatal", "b", "whether the connection ended by it"),
      field("related_event_id", "s", "id of the connection_error that belongs to it"),
    ],
  },
  {
    type: "stream_error",
    class: "error",
    severity: "error",
    trigger: "a publish or play was refused",
    fields: [
      field("error_type", "s", "already_publishing, invalid_key, not_found or shutting_down"),
      field("error_message", "s", "what went wrong"),
      field("action", "s", "publish or play"),
      clientIp,
    ],
  },
] as const satisfies readonly EventDefinition[];

/** The name of an event. */
export type EventType = (typeof catalogue)[number]["type"];

const definitions: ReadonlyMap<string, EventDefinition> = new Map(catalogue.map((each) => [each.type, each]));

/** The definition of an event; undefined for a name that is none. */
export const definitionOf = (type: string): EventDefinition | undefined => definitions.get(type);
