import { hookAuthOptions } from "./hook-auth-options.ts";
import { hookDeliveryOptions } from "./hook-delivery-options.ts";
import { durationFrom, longest, maxRate, parseRateLimit } from "./hook-values.ts";
import {
  integerFrom,
  listOption,
  nonEmpty,
  type Option,
  oneOf,
  optionalOption,
  switchOption,
  valueOption,
} from "./option.ts";

const hooking = "Hooks";
const filtering = "Hooks: what they get";

const duration = durationFrom("1ms", longest);

/** Every option of the hooks, in the order of the help text. */
export const hookOptions = {
  hookScripts: listOption(
    {
      flag: "hook-script",
      group: hooking,
      help: "run a program when something happens, such as publish_start=./notify.sh; * for every event; repeatable",
    },
    { placeholder: "EVENT=FILE", parse: nonEmpty("EVENT=FILE") },
  ),
  hookWebhooks: listOption(
    {
      flag: "hook-webhook",
      group: hooking,
      help: "POST an event as JSON, such as publish_start=http://127.0.0.1:8080/live; * for every event; repeatable",
      isSecret: true,
    },
    { placeholder: "EVENT=URL", parse: nonEmpty("EVENT=URL") },
  ),
  hookStdioFormat: optionalOption(
    {
      flag: "hook-stdio-format",
      group: hooking,
      help: "write every event to standard output, as json or env",
    },
    { placeholder: "FORMAT", parse: oneOf(["json", "env"] as const) },
  ),
  hookStdioPrefix: optionalOption(
    { flag: "hook-stdio-prefix", group: hooking, help: "put TEXT in front of each line of JSON" },
    { placeholder: "TEXT", parse: (text) => text },
  ),
  hookStdioStream: valueOption(
    { flag: "hook-stdio-stream", group: hooking, help: "where events are written: stdout, stderr or both" },
    { placeholder: "STREAM", fallback: "stdout", parse: oneOf(["stdout", "stderr", "both"] as const) },
  ),
  hookConfig: optionalOption(
    {
      flag: "hook-config",
      group: hooking,
      help: "more hooks, from a file; see rtmp-server hooks --help to check, migrate and describe one",
    },
    { placeholder: "FILE", parse: nonEmpty("a file name") },
  ),
  hookEnvelope: valueOption(
    {
      flag: "hook-envelope",
      group: hooking,
      help: "what surrounds an event's data: full, or seed for type, timestamp, conn_id, stream_key only",
    },
    { placeholder: "FORM", fallback: "full", parse: oneOf(["full", "seed"] as const) },
  ),
  hookTimeoutMs: valueOption(
    { flag: "hook-timeout", group: hooking, help: "how long one execution of a hook may take" },
    { placeholder: "DURATION", fallback: "30s", parse: duration },
  ),
  hookConcurrency: valueOption(
    { flag: "hook-concurrency", group: hooking, help: "hooks that run at the same time, 1 to 1000" },
    { placeholder: "N", fallback: "10", parse: integerFrom(1, 1000) },
  ),
  hookDebug: switchOption(
    { flag: "hook-debug", group: hooking, help: "log for every event what each hook did with it, and why" },
    false,
  ),

  hookFilterEvents: listOption(
    {
      flag: "hook-filter-events",
      group: filtering,
      help: "only these types of events, for standard output and hooks of *; a hook of one event still gets it; repeatable",
    },
    { placeholder: "EVENT,...", parse: (text) => text },
  ),
  hookFilterStreams: listOption(
    {
      flag: "hook-filter-streams",
      group: filtering,
      help: "only streams whose name fits one of these, such as 'live/*,vip/**,!live/test'; ! excludes; repeatable",
    },
    { placeholder: "GLOB,...", parse: (text) => text },
  ),
  hookFilterConditions: listOption(
    {
      flag: "hook-filter-condition",
      group: filtering,
      help: "only events for which this holds, such as 'data.bitrate>1000000'; = != > >= < <=, =~ matches, *= contains; repeatable, all have to hold",
    },
    { placeholder: "CONDITION", parse: nonEmpty("FIELD OPERATOR VALUE such as data.bitrate>1000000") },
  ),
  hookRateLimit: optionalOption(
    {
      flag: "hook-rate-limit",
      group: filtering,
      help: "at most N events per DURATION for each hook, such as 10/1m; more are dropped",
    },
    { placeholder: "N/DURATION", parse: parseRateLimit },
  ),
  hookRateBurst: optionalOption(
    {
      flag: "hook-rate-burst",
      group: filtering,
      help: "how many events may pass at once under --hook-rate-limit; its N by default",
    },
    { placeholder: "N", parse: integerFrom(1, maxRate) },
  ),
  hookMinSeverity: optionalOption(
    {
      flag: "hook-min-severity",
      group: filtering,
      help: "only events that matter at least this much: info, warning, error or critical",
    },
    { placeholder: "SEVERITY", parse: oneOf(["info", "warning", "error", "critical"] as const) },
  ),

  ...hookAuthOptions,
  ...hookDeliveryOptions,
} as const satisfies Record<string, Option<unknown>>;

type HookOptions = typeof hookOptions;

/** What the flags of hooks say, with defaults. */
export type HookValues = { readonly [Key in keyof HookOptions]: ReturnType<HookOptions[Key]["parse"]> } & {
  /** The flags that were typed; all others have their default, which a hooks file may replace. */
  readonly given: ReadonlySet<string>;
};

/** What the flags of hooks say, of what was typed by flag name. @throws ConfigError for the first value that cannot be used */
export const readHookOptions = (typed: ReadonlyMap<string, readonly string[]>): HookValues => {
  const entries = Object.entries(hookOptions).map(([key, option]) => [
    key,
    option.parse(typed.get(option.flag) ?? []),
  ]);
  return { ...Object.fromEntries(entries), given: new Set(typed.keys()) } as HookValues;
};
