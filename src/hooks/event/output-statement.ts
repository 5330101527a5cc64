import { unreachable } from "../../base/errors.ts";
import type { Of, Statement } from "./statement.ts";

/** What is said of a recording or a push to another server. */
export const outputStatement = (
  event: Of<"relayStarted" | "relayStopped" | "relayFailed" | "recordingStarted" | "recordingCompleted">,
): Statement => {
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
        ...(event.eventId === undefined ? {} : { id: event.eventId }),
        data: { segment_path: event.file, segment_duration, bytes: event.bytes },
      };
    }
    default:
      return unreachable(event);
  }
};
