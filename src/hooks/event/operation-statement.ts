import { unreachable } from "../../base/errors.ts";
import type { OperationEvent } from "../../stream/operation-event.ts";
import type { Statement } from "./statement.ts";

const hookEventTypes = {
  hookFailing: "hook_failing",
  hookRecovered: "hook_recovered",
  hookDisabled: "hook_disabled",
} as const;

/** What is said of the server as a whole, its hooks and its configuration. */
export const operationStatement = (event: OperationEvent): Statement => {
  switch (event.kind) {
    case "serverStarted":
      return { type: "server_start", data: { version: event.version } };
    case "serverStopped":
      return { type: "server_stop", data: { version: event.version } };
    case "serverRecovered": {
      const { version, sessionsRecovered: sessions_recovered, deliveriesPending: deliveries_pending } = event;
      return { type: "server_recovered", data: { version, sessions_recovered, deliveries_pending } };
    }
    case "hookFailing":
    case "hookRecovered":
    case "hookDisabled": {
      const { hookId: hook_id, reason, failures } = event;
      return { type: hookEventTypes[event.kind], data: { hook_id, reason, failures } };
    }
    case "configReloaded":
      return { type: "config_reloaded", data: { file: event.file, changes: event.changes } };
    case "configRejected":
      return { type: "config_rejected", data: { file: event.file, reason: event.reason } };
    default:
      return unreachable(event);
  }
};
