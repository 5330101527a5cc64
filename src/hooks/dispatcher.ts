import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { DomainEvent, PublishTotals } from "../stream/event.ts";
import type { OutgoingEvent } from "./delivery/delivery.ts";
import type { DeliveryLink } from "./delivery-link.ts";
import { definitionOf } from "./event/catalogue.ts";
import { CountCoalescer } from "./event/count-coalescer.ts";
import { bodyOf, type Envelope } from "./event/envelope.ts";
import type { HookEvent } from "./event/hook-event.ts";
import type { Translator } from "./event/translator.ts";
import { type FilterVerdict, HookFilter } from "./filter/filter.ts";
import type { StoreSettings } from "./messages.ts";
import type { HookSettings } from "./settings/settings.ts";
import { StdioHook } from "./stdio/stdio-hook.ts";

/** What a {@link HookDispatcher} is made of. */
export interface HookDispatcherOptions {
  readonly settings: HookSettings;
  readonly translator: Translator;
  readonly envelope: Envelope;
  /** The way to the thread that delivers; made when the first script or webhook needs it. */
  readonly openLink: (settings: HookSettings) => DeliveryLink;
  /** Where its events are kept, if some hook wants that. */
  readonly storeFor: (settings: HookSettings) => StoreSettings | undefined;
  /** Tell for every event and hook whether it gets it, and why not. */
  readonly isDebug: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** True for events that may be lost first when there are too many. */
export const isTelemetry = (event: HookEvent): boolean => definitionOf(event.type)?.class === "telemetry";

/** A script or webhook, and what keeps events from it. */
interface Target {
  readonly id: string;
  readonly isDurable: boolean;
  readonly filter: HookFilter;
}

/** Standard output, and what keeps events from it. */
interface StdioTarget {
  readonly hook: StdioHook;
  readonly filter: HookFilter;
}

/** Events so far, for metrics. */
export interface DispatchCounts {
  /** By event type. */
  readonly generated: ReadonlyMap<string, number>;
  /** By `filter` and `reason`, joined with a space. */
  readonly filtered: ReadonlyMap<string, number>;
  /** Unix time in seconds; 0 before the first. */
  readonly lastEventTime: number;
}

/**
 * Takes what happens inside, turns it into events, and gives each to the hooks that want it: standard output at once, scripts and
 * webhooks through the thread that delivers. Taking an event costs the caller the filters and a push onto a queue.
 */
export class HookDispatcher {
  readonly #options: HookDispatcherOptions;
  readonly #counts: CountCoalescer;
  readonly #generated = new Map<string, number>();
  readonly #filtered = new Map<string, number>();
  readonly #listeners = new Set<(event: HookEvent) => void>();
  /** Session of the publish of each stream, by stream key. */
  readonly #publishes = new Map<string, string>();
  #settings: HookSettings;
  #targets: readonly Target[] = [];
  #stdio: StdioTarget | undefined;
  #link: DeliveryLink | undefined;
  /** A durable hook has been asked for: from then on publishes are noted to their end, whatever the hooks want. */
  #isJournaled = false;
  /** What waits for {@link release}; undefined where nothing has to. */
  #held: (() => void)[] | undefined;
  #lastEventTime = 0;

  constructor(options: HookDispatcherOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#counts = new CountCoalescer(options.clock, (event) => this.#dispatch(event));
    this.#adopt(options.settings);
  }

  /** What the hooks are. */
  get settings(): HookSettings {
    return this.#settings;
  }

  /** The way to the thread that delivers; undefined while no script and no webhook has been asked for. */
  get link(): DeliveryLink | undefined {
    return this.#link;
  }

  /** Numbers for metrics, as of now. */
  get counts(): DispatchCounts {
    return { generated: this.#generated, filtered: this.#filtered, lastEventTime: this.#lastEventTime };
  }

  /** Takes one thing that happened. Never throws for a hook's sake, never waits. */
  take(event: DomainEvent): void {
    // Nothing can come before the start of the server.
    if (this.#held && event.kind !== "serverStarted") this.#held.push(() => this.take(event));
    else if (event.kind === "subscriberCount") this.#counts.take(event);
    else this.#dispatch(event);
  }

  /** Has what happens wait for {@link release}: something that happened before it is not known yet. */
  hold(): void {
    this.#held ??= [];
  }

  /** Lets `first` raise what happened before, and goes on with what was held, if anything was. */
  release(first: () => void = () => undefined): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    first();
    for (const proceed of held) proceed();
  }

  /** Replaces the hooks between two events. Rate limits that did not change go on counting. */
  configure(settings: HookSettings): void {
    this.#adopt(settings);
  }

  /** Calls `listener` with every event, whatever the hooks want, until the returned function is called. */
  listen(listener: (event: HookEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `proceed` once what was raised so far is safe: at once where no durable hook wants it. */
  whenSafe(proceed: () => void): void {
    if (this.#held) this.#held.push(() => this.whenSafe(proceed));
    else if (this.#link && this.#hasDurable) this.#link.whenTaken(proceed);
    else proceed();
  }

  /** Notes how far the publishes are that are under way, so that a crash leaves the last numbers. */
  progress(publishes: Iterable<{ readonly path: string; readonly totals: PublishTotals }>): void {
    if (!this.#link || !this.#isJournaled) return;
    const sessions = [...publishes].flatMap(({ path, totals }) => {
      const sessionId = this.#publishes.get(path);
      return sessionId === undefined ? [] : [{ sessionId, ...totals }];
    });
    this.#link.progress(sessions);
  }

  /** Waits until every event taken so far is delivered or stored, at most `timeoutMs`; what is left in memory is given up. */
  async close(timeoutMs: number): Promise<void> {
    this.release();
    this.#counts.flush();
    const isDrained = (await this.#link?.close(timeoutMs)) ?? true;
    if (!isDrained) this.#options.log.warn("hooks were still running at the end and were stopped");
    // A reader that has stopped reading is not waited for.
    if (this.#stdio) await Promise.race([this.#stdio.hook.drained(), this.#pause(Math.min(timeoutMs, 500))]);
  }

  get #hasDurable(): boolean {
    return this.#targets.some(({ isDurable }) => isDurable);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(ms, resolve));
  }

  #adopt(settings: HookSettings): void {
    const { clock } = this.#options;
    const before = new Map(this.#targets.map((target) => [target.id, target.filter]));
    // All of it is made before any of it counts: a filter that cannot be used changes nothing.
    const targets = settings.hooks
      .filter(({ isEnabled }) => isEnabled)
      .map(({ id, eventTypes, filter, policy }) => ({
        id,
        isDurable: policy.guarantee === "at-least-once",
        filter: new HookFilter({ eventTypes, settings: filter, clock, previous: before.get(id) }),
      }));
    this.#stdio = this.#stdioOf(settings);
    this.#targets = targets;
    this.#isJournaled ||= this.#hasDurable;
    this.#settings = settings;
    if (this.#link) this.#link.configure(settings, this.#options.storeFor(settings));
    else if (this.#targets.length > 0) this.#link = this.#options.openLink(settings);
  }

  /** Standard output keeps its writer, which may hold lines that are not read yet, for as long as it is written to in one way. */
  #stdioOf({ stdio }: HookSettings): StdioTarget | undefined {
    if (!stdio) return undefined;
    const { clock, log } = this.#options;
    const before = this.#settings.stdio;
    const isSame =
      before?.format === stdio.format && before.prefix === stdio.prefix && before.stream === stdio.stream;
    const { format, stream, prefix } = stdio;
    const hook =
      (isSame ? this.#stdio?.hook : undefined) ??
      new StdioHook({ format, stream, ...(prefix === undefined ? {} : { prefix }), isTelemetry, log });
    const previous = this.#stdio?.filter;
    return { hook, filter: new HookFilter({ eventTypes: ["*"], settings: stdio.filter, clock, previous }) };
  }

  #dispatch(happened: DomainEvent): void {
    for (const event of this.#options.translator.translate(happened)) this.#hand(event);
  }

  #hand(event: HookEvent): void {
    this.#lastEventTime = event.timestamp;
    this.#generated.set(event.type, (this.#generated.get(event.type) ?? 0) + 1);
    if (event.type === "publish_start") this.#publishes.set(event.stream_key, event.session_id);
    else if (event.type === "publish_stop") this.#forgetPublish(event);
    for (const listener of this.#listeners) listener(event);
    const hooks = this.#targets.filter((target) => this.#wants(target, event)).map(({ id }) => id);
    const isForStdio = this.#stdio && this.#lets(this.#stdio.hook.id, this.#stdio.filter, event);
    // Publishes are noted even where nobody wants to hear of their start: somebody may of their end.
    const isForJournal =
      this.#isJournaled && (event.type === "publish_start" || event.type === "publish_stop");
    if (hooks.length === 0 && !isForStdio && !isForJournal) return;
    const body = bodyOf(event, this.#options.envelope);
    if (isForStdio) void this.#stdio?.hook.execute({ event, body, number: 1 });
    if (hooks.length > 0 || isForJournal) this.#link?.post(outgoing(event, { body, hooks }));
  }

  /** The end of a publish that a crash cut may come when the stream is published again. */
  #forgetPublish({ stream_key, session_id }: HookEvent): void {
    if (this.#publishes.get(stream_key) === session_id) this.#publishes.delete(stream_key);
  }

  /** A hook does not hear of its own failures, nor of how slow it is. */
  #wants({ id, filter }: Target, event: HookEvent): boolean {
    return event.data.hook_id !== id && this.#lets(id, filter, event);
  }

  #lets(hookId: string, filter: HookFilter, event: HookEvent): boolean {
    const verdict = filter.judge(event);
    // A hook that never asked for such events does not filter them.
    if (verdict?.filter === "binding") return false;
    if (this.#options.isDebug) this.#explain(hookId, event, verdict);
    if (!verdict) return true;
    const key = `${verdict.filter} ${verdict.reason}`;
    this.#filtered.set(key, (this.#filtered.get(key) ?? 0) + 1);
    return false;
  }

  #explain(hook_id: string, event: HookEvent, verdict: FilterVerdict | undefined): void {
    this.#options.log.info("Hook judged an event", {
      hook_id,
      event_type: event.type,
      event_id: event.id,
      stream_key: event.stream_key,
      lane: laneOf(event),
      passes: !verdict,
      filter: verdict?.filter,
      reason: verdict?.reason,
    });
  }
}

/** What keeps its order: the events of a stream, else those of a connection. */
const laneOf = (event: HookEvent): string => event.stream_key || event.conn_id;

const outgoing = (event: HookEvent, parts: { body: string; hooks: readonly string[] }): OutgoingEvent => ({
  id: event.id,
  type: event.type,
  class: definitionOf(event.type)?.class ?? "lifecycle",
  streamKey: event.stream_key,
  lane: laneOf(event),
  sessionId: event.session_id,
  at: Date.parse(event.time),
  ...parts,
});
