import { unreachable } from "../../base/errors.ts";
import { splitAddress } from "../../base/host-port.ts";
import { ipOf, type Of, type Statement, wholeSeconds } from "./statement.ts";

/** What is said of a connection. */
export const connectionStatement = (
  event: Of<"connectionAccepted" | "handshakeCompleted" | "connectionClosed">,
): Statement => {
  const { peer } = event;
  const { connId } = peer;
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
      return { type: "connection_accept", connId, data: { ...data, tls: event.isTls } };
    }
    case "handshakeCompleted": {
      const duration_ms = Math.round(event.durationMs);
      return {
        type: "handshake_complete",
        connId,
        data: { duration_ms, scheme: event.scheme, client_ip: ipOf(peer) },
      };
    }
    case "connectionClosed": {
      const { bytesReceived: bytes_received, bytesSent: bytes_sent, role, reason, path } = event;
      const duration_seconds = wholeSeconds(event.durationMs);
      return {
        type: "connection_close",
        connId,
        path,
        data: { duration_seconds, bytes_received, bytes_sent, role, reason },
      };
    }
    default:
      return unreachable(event);
  }
};

/** Words for a phase that receivers know. */
const phaseOf = (stage: string): string =>
  stage === "handshake" ? "handshake" : stage === "media" ? "media_processing" : "command_processing";

const errorTypeOf = (code: string, stage: string): string => {
  if (code.endsWith("_TIMEOUT") || code === "PEER_STALLED") return "timeout";
  return stage === "handshake" ? "handshake_failure" : "protocol_error";
};

/**
 * What is said of a connection that failed: always `error`, and `fault` beside it where the client broke the protocol rather
 * than time running out.
 */
export const failureStatements = (
  event: Of<"connectionFailed">,
): { error: Statement; fault: Statement | undefined } => {
  const { peer, code, message: error_message } = event;
  const { connId } = peer;
  const phase = code.startsWith("CHUNK") || code.startsWith("MESSAGE") ? "chunking" : phaseOf(event.phase);
  const error_type = errorTypeOf(code, event.phase);
  const error: Statement = {
    type: "connection_error",
    connId,
    data: { error_type, error_message, error_code: code, phase, peer_addr: peer.remote },
  };
  const data = { phase, error_message, error_code: code, fatal: true };
  return {
    error,
    fault: error_type === "timeout" ? undefined : { type: "protocol_error", connId, data },
  };
};
