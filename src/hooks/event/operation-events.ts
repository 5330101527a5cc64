import { type EventDefinition, type EventField, field, lifecycle } from "./event-definition.ts";
import type { Severity } from "./hook-event.ts";

/** An event of a hook or of the configuration. A hook is never told of itself. */
const operation = <Type extends string>(
  type: Type,
  severity: Severity,
  { trigger, fields }: { trigger: string; fields: readonly EventField[] },
): EventDefinition & { readonly type: Type } => ({ type, class: "error", severity, trigger, fields });

const hookFields = [
  field("hook_id", "s", "the hook; it is not told of itself"),
  field("reason", "s", "why, in plain words"),
  field("failures", "i", "failures in a row"),
];
const file = field("file", "s", "the file that was read");

/** The events of the server as a whole. */
export const serverEvents = [
  lifecycle("server_start", "the server listens", [field("version", "s", "version of the server")]),
  lifecycle("server_stop", "the server stops", [field("version", "s", "version of the server")]),
  lifecycle(
    "server_recovered",
    "the server starts after a crash; the ends of publishes that it cut are made up for",
    [
      field("version", "s", "version of the server"),
      field("sessions_recovered", "i", "publishes that got their end now"),
      field("deliveries_pending", "i", "deliveries that were still owed and go on"),
    ],
  ),
] as const satisfies readonly EventDefinition[];

/** The events of hooks and of the configuration. */
export const operationEvents = [
  operation("hook_failing", "error", {
    trigger: "a hook failed so often in a row that it is given a rest",
    fields: hookFields,
  }),
  operation("hook_recovered", "info", { trigger: "a hook that was failing works again", fields: hookFields }),
  operation("hook_disabled", "error", {
    trigger: "a hook was switched off until the configuration is loaded again",
    fields: hookFields,
  }),
  operation("config_reloaded", "info", {
    trigger: "a changed configuration is in force",
    fields: [file, field("changes", "i", "how many hooks were added, removed or changed")],
  }),
  operation("config_rejected", "error", {
    trigger: "a changed configuration cannot be used; the old one stays in force",
    fields: [file, field("reason", "s", "what is wrong with it")],
  }),
] as const satisfies readonly EventDefinition[];
