import {
  clientIp,
  durationSeconds,
  type EventDefinition,
  field,
  lifecycle,
  reason,
} from "./event-definition.ts";

/** The events of a connection. */
export const connectionEvents = [
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
] as const satisfies readonly EventDefinition[];

/** The events of connections and requests that fail. */
export const errorEvents = [
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
