import { defineCommand } from "citty";
import { ConfigError } from "../../base/errors.ts";
import { createLogger } from "../../base/log.ts";
import { nearestName } from "../../base/nearest.ts";
import { systemClock } from "../../base/time.ts";
import { formatDuration } from "../../base/units.ts";
import { valueOption } from "../../config/option.ts";
import type { EventType } from "../../hooks/event/catalogue.ts";
import type { HookEvent } from "../../hooks/event/hook-event.ts";
import type { FilterVerdict } from "../../hooks/filter/filter.ts";
import type { HookSettings } from "../../hooks/settings/settings.ts";
import { exitCode, isHelp, orQuit, show } from "../exit.ts";
import {
  describeOptions,
  face,
  hookIdOption,
  jsonOption,
  parseStreamKey,
  typeOption,
} from "./command-options.ts";
import { readConfiguredHooks } from "./configured-hooks.ts";
import { sampleEvent } from "./sample-event.ts";
import { type Row, renderTable, terminalWidth } from "./table.ts";
import { type Trial, tryHooks } from "./trial.ts";

const ownOptions = {
  type: typeOption("type of the event, such as publish_start"),
  hook: hookIdOption("only the hook of this id; rtmp-server hooks list shows ids"),
  stream: valueOption(face("stream", "stream that the event is about, where its type has one"), {
    placeholder: "KEY",
    fallback: "live/test",
    parse: parseStreamKey,
  }),
  json: jsonOption,
};

const usage = `rtmp-server hooks test: execute hooks once, with a sample of an event

Usage: rtmp-server hooks test --type TYPE [--hook ID] [FLAGS]

FLAGS are those that the server is started with; see rtmp-server --help. No
server is needed. Hooks are really executed: scripts run, and webhooks get the
event with the header X-RTMP-Test. Nothing is tried a second time. With --json
nothing is written to standard output by hooks of that kind.
--log-level debug shows what scripts print.

${describeOptions(ownOptions)}

Exit status: 0 every hook that gets the event worked, 1 one failed or none
gets it, 2 the hooks cannot be used as they are.

Try it
  rtmp-server hooks test --type publish_start --hook-config hooks.yaml
`;

const columns = [
  { title: "HOOK", minWidth: 12 },
  { title: "KIND" },
  { title: "RESULT" },
  { title: "TIME", align: "right" },
] as const;

const verdictText = ({ filter, reason }: FilterVerdict): string => {
  if (filter === "enabled") return "the hook is switched off";
  if (filter === "binding") return "the hook is not bound to this type";
  return filter === reason ? filter : `${filter}: ${reason}`;
};

const rowOf = ({ hookId, kind, verdict, outcome, durationMs }: Trial): Row => {
  if (verdict || !outcome) {
    const notes = verdict ? [["filter", verdictText(verdict)] as const] : [];
    return { cells: [hookId, kind, "filtered", "-"], notes };
  }
  const time = formatDuration(durationMs);
  if (outcome.kind === "done") return { cells: [hookId, kind, "worked", time] };
  const { error, detail } = outcome;
  return {
    cells: [hookId, kind, "failed", time],
    notes: [["error", error], ...(detail === undefined ? [] : [["detail", detail] as const])],
  };
};

/** What `hooks test` prints for people. */
export const trialReport = (event: HookEvent, trials: readonly Trial[], width: number): string => {
  const about = event.stream_key === "" ? "" : ` of ${event.stream_key}`;
  const head = `${event.type}${about}, ${event.id}`;
  if (trials.length === 0) return `${head}\n\nno hook is bound to ${event.type}`;
  return `${head}\n\n${renderTable(columns, trials.map(rowOf), width)}`;
};

const jsonOf = ({ hookId, kind, verdict, outcome, durationMs }: Trial): unknown => ({
  id: hookId,
  kind,
  verdict: verdict ?? "passed",
  ...(outcome
    ? {
        ok: outcome.kind === "done",
        duration_ms: Math.round(durationMs),
        ...(outcome.kind === "failed"
          ? { status: outcome.status, code: outcome.code, error: outcome.error, detail: outcome.detail }
          : {}),
      }
    : {}),
});

/** Whether at least one hook got the event, and all that did worked. */
export const haveWorked = (trials: readonly Trial[]): boolean => {
  const outcomes = trials.flatMap(({ outcome }) => (outcome ? [outcome] : []));
  return outcomes.length > 0 && outcomes.every(({ kind }) => kind === "done");
};

const checkHookId = (id: string | undefined, { hooks, stdio }: HookSettings): void => {
  const known = [...hooks.map((hook) => hook.id), ...(stdio ? ["stdio"] : [])];
  if (id === undefined || known.includes(id)) return;
  const nearest = nearestName(id, known);
  const expected = nearest ? `did you mean ${nearest}?` : `expected ${known.join(", ") || "some hook first"}`;
  throw new ConfigError(`--hook: no hook ${JSON.stringify(id)}, ${expected}`);
};

const run = async (args: readonly string[]): Promise<void> => {
  const { settings, config, own } = readConfiguredHooks(args, ownOptions);
  const { type, hook: hookId, stream: streamKey, json } = own;
  if (type === undefined) throw new ConfigError("hooks test needs --type TYPE, such as --type publish_start");
  checkHookId(hookId, settings);
  const level = config.asked.has("logLevel") ? config.server.logLevel : "warn";
  const log = createLogger({ level, format: config.server.logFormat || "pretty" });
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const clock = systemClock;
  const event = sampleEvent(type as EventType, { streamKey, clock });
  const trials = await tryHooks(
    settings,
    { event, envelope: config.hooks.hookEnvelope, hookId, hasStdio: !json, clock, log },
    interrupt.signal,
  );
  if (json) show(JSON.stringify({ event, hooks: trials.map(jsonOf) }, undefined, 2));
  else show(trialReport(event, trials, terminalWidth()));
  process.exitCode = haveWorked(trials) ? exitCode.ok : exitCode.failed;
};

/** `hooks test --type TYPE` */
export const test = defineCommand({
  meta: { name: "test", description: "execute hooks once, with a sample of an event" },
  run: ({ rawArgs }) => orQuit(() => (isHelp(rawArgs) ? show(usage) : run(rawArgs))),
});
