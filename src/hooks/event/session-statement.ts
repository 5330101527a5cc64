import { unreachable } from "../../base/errors.ts";
import type { PublishTotals } from "../../stream/event.ts";
import { ipOf, naming, type Of, type Statement, wholeSeconds } from "./statement.ts";

/** Parameter names without their values: credentials live there. */
const redactQuery = (query: string): string | undefined =>
  query === ""
    ? undefined
    : query
        .split("&")
        .map((part) => part.replace(/=.*$/s, "=***"))
        .join("&");

const refusalTypes: Readonly<Record<string, string>> = {
  ALREADY_PUBLISHING: "already_publishing",
  BAD_STREAM_NAME: "invalid_key",
  STREAM_NOT_FOUND: "not_found",
  SHUTTING_DOWN: "shutting_down",
};

const totalsData = (totals: PublishTotals): Statement["data"] => ({
  duration_seconds: wholeSeconds(totals.durationMs),
  duration_ms: Math.round(totals.durationMs),
  bytes_received: totals.bytesReceived,
  video_packets: totals.videoPackets,
  audio_packets: totals.audioPackets,
});

/** What is said of a publish or a play. */
export const sessionStatement = (
  event: Of<"publishStarted" | "publishStopped" | "playStarted" | "playStopped" | "requestRefused">,
): Statement => {
  const { peer, path } = event;
  const { connId } = peer;
  const client_ip = ipOf(peer);
  switch (event.kind) {
    case "publishStarted": {
      const data = {
        ...naming(event.path),
        publish_type: event.publishType,
        client_ip,
        query: redactQuery(event.query),
      };
      return { type: "publish_start", connId, path, data };
    }
    case "publishStopped": {
      const data = { ...totalsData(event), reason: event.reason, recovered: false };
      return { type: "publish_stop", connId, path, data: { ...data, ...naming(event.path), client_ip } };
    }
    case "playStarted":
      return { type: "play_start", connId, path, data: { ...naming(event.path), client_ip } };
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
      return { type: "play_stop", connId, path, data };
    }
    case "requestRefused": {
      const error_type = refusalTypes[event.code] ?? event.code.toLowerCase();
      const data = { error_type, error_message: event.message, action: event.action, client_ip };
      return { type: "stream_error", connId, path, data };
    }
    default:
      return unreachable(event);
  }
};

/** What is said of a publish that a crash of the server cut. */
export const recoveredStatement = (event: Of<"publishRecovered">): Statement => {
  const { path, connId, sessionId, eventId: id } = event;
  const client_ip = event.remote === undefined ? undefined : ipOf({ remote: event.remote });
  const data = { ...totalsData(event), reason: "server_crash", recovered: true };
  return {
    type: "publish_stop",
    connId,
    path,
    sessionId,
    id,
    data: { ...data, ...naming(path), client_ip },
  };
};
