import type { HookReport, TypeReport } from "./delivery/hook-report.ts";

/** Sums of one kind of hook, by type of event. */
type KindReport = Pick<HookReport, "type" | "byType">;

const nothing: TypeReport = { done: 0, failed: 0, durations: [], seconds: 0 };

const sumOf = (one: TypeReport, other: TypeReport): TypeReport => ({
  done: one.done + other.done,
  failed: one.failed + other.failed,
  durations: other.durations.map((count, index) => count + (one.durations[index] ?? 0)),
  seconds: one.seconds + other.seconds,
});

/** What hooks executed that are gone: as much to keep as there are kinds of hooks and types of events, however many hooks come and go. */
export class PastHooks {
  readonly #kinds = new Map<HookReport["type"], Map<string, TypeReport>>();

  /** Adds the last numbers of hooks that are being removed. */
  add(reports: readonly KindReport[]): void {
    for (const { type, byType } of reports) {
      const sums = this.#kinds.get(type) ?? new Map<string, TypeReport>();
      this.#kinds.set(type, sums);
      for (const [eventType, report] of Object.entries(byType))
        sums.set(eventType, sumOf(sums.get(eventType) ?? nothing, report));
    }
  }

  /** The sums so far, as plain data. */
  reports(): KindReport[] {
    return [...this.#kinds].map(([type, sums]) => ({ type, byType: Object.fromEntries(sums) }));
  }
}
