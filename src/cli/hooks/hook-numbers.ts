import * as v from "valibot";
import { formatDuration } from "../../base/units.ts";
import type { Scrape } from "./scrape.ts";
import type { Row } from "./table.ts";

/** What `/health/hooks` says, as far as it is shown. */
export const healthSchema = v.object({
  hook_manager_status: v.string(),
  reasons: v.optional(v.array(v.string()), []),
  last_event_time: v.nullish(v.string()),
  hooks: v.array(
    v.object({
      id: v.string(),
      type: v.string(),
      breaker: v.string(),
      backlog: v.number(),
      oldest_seconds: v.number(),
    }),
  ),
});

/** See {@link healthSchema}. */
export type HealthPage = v.InferOutput<typeof healthSchema>;

/** The numbers of one hook since its server started. The keys are those of `hooks stats --json`. */
export interface HookNumbers {
  readonly id: string;
  readonly kind: string;
  /** Events that wait, and for how long the first of them has. */
  readonly waiting: number;
  readonly oldest_seconds: number;
  readonly delivered: number;
  /** Attempts that did not work. */
  readonly failed: number;
  readonly retries: number;
  readonly dead: number;
  readonly breaker: string;
  /** From the event to its delivery, 95 of 100 are below; null where nothing was delivered, or it is beyond what is measured. */
  readonly p95_seconds: number | null;
  readonly is_p95_beyond_scale: boolean;
}

/** The numbers of every hook, of the two pages that hold them. */
export const numbersOf = ({ hooks }: HealthPage, scrape: Scrape): HookNumbers[] =>
  hooks.map(({ id, type, breaker, backlog, oldest_seconds }) => {
    const of = (name: string, more: Record<string, string> = {}): number =>
      scrape.sum(`rtmp_hook_${name}`, { hook: id, ...more }) ?? 0;
    const p95 = scrape.quantile("rtmp_hook_delivery_latency_seconds", 0.95, { hook: id });
    const isBeyond = p95 === Number.POSITIVE_INFINITY;
    return {
      id,
      kind: type,
      waiting: backlog,
      oldest_seconds: Math.round(oldest_seconds * 1_000) / 1_000,
      delivered: of("attempts_total", { outcome: "success" }),
      failed: of("attempts_total", { outcome: "failure" }),
      retries: of("retries_total"),
      dead: of("dead_letters_total"),
      breaker,
      p95_seconds: p95 === undefined || isBeyond ? null : p95,
      is_p95_beyond_scale: isBeyond,
    };
  });

/** The columns of these numbers: 80 wide with seven digits in each, and cut in the id only. */
export const numberColumns = [
  { title: "HOOK", minWidth: 10 },
  { title: "WAITING", align: "right" },
  { title: "OLDEST", align: "right" },
  { title: "SENT", align: "right" },
  { title: "FAILED", align: "right" },
  { title: "RETRIES", align: "right" },
  { title: "DEAD", align: "right" },
  { title: "BREAKER" },
  { title: "P95", align: "right" },
] as const;

/** A count in at most five columns: `9876`, `98.8k`, `1.2M`. */
export const shortCount = (count: number): string => {
  if (count < 10_000) return String(count);
  const [scaled, unit] =
    count < 999_500 ? [count / 1e3, "k"] : count < 999_500_000 ? [count / 1e6, "M"] : [count / 1e9, "G"];
  return `${scaled < 100 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
};

const latencyText = ({ p95_seconds: p95, is_p95_beyond_scale: isBeyond }: HookNumbers): string =>
  isBeyond ? "beyond" : p95 === null ? "-" : formatDuration(p95 * 1_000);

/** The numbers of a hook as a row. */
export const numberRow = (hook: HookNumbers): Row => ({
  cells: [
    hook.id,
    shortCount(hook.waiting),
    hook.oldest_seconds > 0 ? formatDuration(hook.oldest_seconds * 1_000) : "-",
    shortCount(hook.delivered),
    shortCount(hook.failed),
    shortCount(hook.retries),
    shortCount(hook.dead),
    hook.breaker,
    latencyText(hook),
  ],
});
