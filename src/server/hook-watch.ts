import { TransportError } from "../base/errors.ts";
import type { MetricFamily } from "../base/exposition.ts";
import type { DeadLetterAnswer, DeadLetterQuestion } from "../hooks/dead-letter-desk.ts";
import { bodyOf } from "../hooks/event/envelope.ts";
import { deliveryMetrics, dispatchMetrics, reloadMetrics } from "../hooks/hook-metrics.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { DeliveryReport } from "../hooks/messages.ts";
import type { DeadLetter, DeadLetterFilter } from "../hooks/store/dead-letters.ts";
import type { ListenToEvents } from "../http/events.ts";
import type { HooksHealth } from "../http/hook-health.ts";

/** Whoever asks waits this long for the thread that delivers, in milliseconds. */
const reportMs = 1_000;

/** The same for dead letters, which lie on a disk and may be many, in milliseconds. */
const deadLetterMs = 5_000;

/** How hooks do, for pages and metrics. There may be none. */
export class HookWatch {
  readonly #hooks: Hooks | undefined;

  constructor(hooks: Hooks | undefined) {
    this.#hooks = hooks;
  }

  /** Why the server should get no traffic because of them, one line each. */
  async unreadiness(): Promise<readonly string[]> {
    const report = await this.#report();
    if (!report && this.#hooks?.dispatcher.link) return ["hook delivery does not answer"];
    return report?.store?.isWritable === false ? ["hook store cannot be written"] : [];
  }

  /** Undefined where there are none. @throws TransportError TIMEOUT where the thread that delivers does not answer */
  async status(): Promise<HooksHealth | undefined> {
    const hooks = this.#hooks;
    if (!hooks) return undefined;
    const report = await this.#report();
    if (!report && hooks.dispatcher.link)
      throw new TransportError("TIMEOUT", "the thread that delivers does not answer");
    const reports = report?.engine.hooks ?? [];
    const given = reports.flatMap(({ dead }) => Object.values(dead));
    return {
      activeHooks: reports.length + (hooks.settings.stdio ? 1 : 0),
      failedDeliveries: given.reduce((sum, count) => sum + count, 0),
      lastEventTime: hooks.dispatcher.counts.lastEventTime,
      hooks: reports.map((each) => ({
        id: each.id,
        type: each.type,
        breaker: each.isDisabled ? "paused" : each.breaker === "half-open" ? "half_open" : each.breaker,
        backlog: each.waiting,
        oldestSeconds: each.oldestMs / 1000,
        delivered: each.delivered,
        failed: each.failed,
        dead: Object.values(each.dead).reduce((sum, count) => sum + count, 0),
        lastError: each.lastError ?? "",
      })),
      store: report?.store,
    };
  }

  /** Lets a hook go on whose receiver was gone. False where there is none of this id. */
  resume(id: string): Promise<boolean> {
    return this.#hooks?.dispatcher.link?.resume(id, reportMs) ?? Promise.resolve(false);
  }

  /** Events that were given up, the newest first, and how many there are. @throws TransportError where they cannot be read */
  async deadLetters(
    filter: DeadLetterFilter,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly total: number; readonly letters: readonly DeadLetter[] }> {
    const answer = await this.#askAboutDeadLetters({ kind: "list", filter, ...page });
    return answer?.kind === "list" ? answer : { total: 0, letters: [] };
  }

  /** Puts events that were given up back into the queues of their hooks. Gives how many. @throws TransportError where that cannot be done */
  async replay(filter: DeadLetterFilter): Promise<number> {
    const answer = await this.#askAboutDeadLetters({ kind: "replay", filter });
    return answer?.kind === "replay" ? answer.count : 0;
  }

  /** Undefined where nothing is delivered. */
  async #askAboutDeadLetters(question: DeadLetterQuestion): Promise<DeadLetterAnswer | undefined> {
    const link = this.#hooks?.dispatcher.link;
    if (!link) return undefined;
    const answer = await link.deadLetters(question, deadLetterMs);
    if (!answer) throw new TransportError("TIMEOUT", "the thread that delivers does not answer");
    if (answer.kind === "failed") throw new TransportError("DISK", answer.reason);
    return answer;
  }

  /** Hands over every event as it is made; undefined where none is. */
  get listen(): ListenToEvents | undefined {
    const dispatcher = this.#hooks?.dispatcher;
    return dispatcher && ((hear) => dispatcher.listen((event) => hear(bodyOf(event, "full"))));
  }

  /** Metrics of hooks. */
  async collect(): Promise<MetricFamily[]> {
    if (!this.#hooks) return [];
    const report = await this.#report();
    const { dispatcher, reloads } = this.#hooks;
    return [
      ...dispatchMetrics(dispatcher.counts, dispatcher.link?.dropped),
      ...reloadMetrics(reloads),
      ...(report ? deliveryMetrics(report) : []),
    ];
  }

  #report(): Promise<DeliveryReport | undefined> {
    return this.#hooks?.dispatcher.link?.report(reportMs) ?? Promise.resolve(undefined);
  }
}
