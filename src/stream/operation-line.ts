import { unreachable } from "../base/errors.ts";
import { type EventLine, line } from "./log-line.ts";
import type { OperationEvent } from "./operation-event.ts";

/** An event of the server as a whole as its log line; its start and its end have theirs elsewhere. */
export const operationLine = (event: OperationEvent): EventLine | undefined => {
  switch (event.kind) {
    case "serverStarted":
    case "serverStopped":
      return undefined;
    case "serverRecovered":
      return line("warn", "server recovered after a crash", {
        sessions_recovered: event.sessionsRecovered,
        deliveries_pending: event.deliveriesPending,
      });
    case "hookFailing":
    case "hookRecovered":
    case "hookDisabled": {
      const { hookId: hook_id, reason, failures } = event;
      const fields = { hook_id, reason, failures };
      if (event.kind === "hookRecovered") return line("info", "Hook recovered", fields);
      return event.kind === "hookFailing"
        ? line("warn", "Hook is failing", fields)
        : line("error", "Hook disabled", fields);
    }
    case "configReloaded":
      return line("info", "configuration reloaded", { file: event.file, changes: event.changes });
    case "configRejected":
      return line("error", "configuration rejected, the old one stays", {
        file: event.file,
        error: event.reason,
      });
    default:
      return unreachable(event);
  }
};
