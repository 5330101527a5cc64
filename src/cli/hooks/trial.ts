import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import type { Attempt, Hook, HookOutcome } from "../../hooks/delivery/hook.ts";
import { isTelemetry } from "../../hooks/dispatcher.ts";
import { bodyOf, type Envelope } from "../../hooks/event/envelope.ts";
import type { HookEvent } from "../../hooks/event/hook-event.ts";
import { type FilterVerdict, HookFilter } from "../../hooks/filter/filter.ts";
import { makeHook } from "../../hooks/make-hook.ts";
import { everyEvent } from "../../hooks/settings/event-name.ts";
import type { HookDefinition, HookSettings, StdioSettings } from "../../hooks/settings/settings.ts";
import { StdioHook } from "../../hooks/stdio/stdio-hook.ts";

/** What became of one event at one hook. */
export interface Trial {
  readonly hookId: string;
  readonly kind: Hook["type"];
  /** What kept the event from it; undefined where it was executed. */
  readonly verdict: FilterVerdict | undefined;
  /** Undefined where it was not executed. */
  readonly outcome: HookOutcome | undefined;
  /** How long it was executed, in milliseconds; 0 where it was not. */
  readonly durationMs: number;
}

/** What {@link tryHooks} needs. */
export interface TrialOptions {
  readonly event: HookEvent;
  readonly envelope: Envelope;
  /** The only hook that is meant; undefined for every one that is bound to this type of event. */
  readonly hookId: string | undefined;
  /** Whether standard output is among the hooks. */
  readonly hasStdio: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Whoever reads standard output is waited for so long, in milliseconds. */
const drainMs = 2_000;

/**
 * Executes every hook that gets the event, once and all together, without a second attempt. Of hooks that do not, those are told that
 * are bound to this type of event, and the one that is named. Ends soon after `signal`.
 */
export const tryHooks = async (
  { hooks, stdio }: HookSettings,
  options: TrialOptions,
  signal: AbortSignal,
): Promise<Trial[]> => {
  const { hookId, hasStdio } = options;
  const isMeant = (id: string): boolean => hookId === undefined || id === hookId;
  const trials = await Promise.all(
    hooks.filter(({ id }) => isMeant(id)).map((definition) => tryDefinition(definition, options, signal)),
  );
  if (stdio && hasStdio && isMeant("stdio")) trials.push(await tryStdio(stdio, options, signal));
  return trials.filter(({ verdict }) => hookId !== undefined || verdict?.filter !== "binding");
};

const tryDefinition = async (
  definition: HookDefinition,
  options: TrialOptions,
  signal: AbortSignal,
): Promise<Trial> => {
  const { clock, log } = options;
  const { id: hookId, kind, eventTypes, isEnabled, filter: settings } = definition;
  // What a hook is bound to is asked first, so that a list of those that are not does not hold what is switched off.
  const filter = new HookFilter({ eventTypes, settings, clock });
  const judged = filter.judge(options.event);
  const verdict: FilterVerdict | undefined =
    judged?.filter === "binding" || isEnabled ? judged : { filter: "enabled", reason: "disabled" };
  if (verdict) return { hookId, kind, verdict, outcome: undefined, durationMs: 0 };
  const hook = makeHook(definition, { clock, log });
  try {
    return { hookId, kind, verdict, ...(await execute(hook, options, signal)) };
  } finally {
    await hook.close?.();
  }
};

const tryStdio = async (
  { format, stream, prefix, filter: settings }: StdioSettings,
  options: TrialOptions,
  signal: AbortSignal,
): Promise<Trial> => {
  const { clock, log, event } = options;
  const verdict = new HookFilter({ eventTypes: [everyEvent], settings, clock }).judge(event);
  const common = { hookId: "stdio", kind: "stdio", verdict } as const;
  if (verdict) return { ...common, outcome: undefined, durationMs: 0 };
  const hook = new StdioHook({
    format,
    stream,
    ...(prefix === undefined ? {} : { prefix }),
    isTelemetry,
    log,
  });
  const result = await execute(hook, options, signal);
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(drainMs, resolve);
  await Promise.race([hook.drained(), late]);
  cancel();
  return { ...common, ...result };
};

const execute = async (
  hook: Hook,
  { event, envelope, clock }: TrialOptions,
  signal: AbortSignal,
): Promise<{ outcome: HookOutcome; durationMs: number }> => {
  const attempt: Attempt = { event, body: bodyOf(event, envelope), number: 1, occasion: "test" };
  const startedAt = clock.now();
  const outcome = await hook.execute(attempt, signal);
  return { outcome, durationMs: clock.now() - startedAt };
};
