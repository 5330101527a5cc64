import { messageOf, unreachable } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { answerAboutDeadLetters } from "./dead-letter-desk.ts";
import { deadLetterHook, deadLetterHookId, deadLetterWrapper } from "./dead-letter-hook.ts";
import type { Delivery, OutgoingEvent, Settlement } from "./delivery/delivery.ts";
import { DeliveryEngine } from "./delivery/engine.ts";
import type { Hook } from "./delivery/hook.ts";
import { makeHook } from "./make-hook.ts";
import type {
  DeliveryPulse,
  DeliveryReport,
  DeliverySettings,
  FromDelivery,
  StoreSettings,
  ToDelivery,
} from "./messages.ts";
import { PastHooks } from "./past-hooks.ts";
import type { HookDefinition } from "./settings/settings.ts";
import { isOfJournal, StoreKeeper } from "./store-keeper.ts";
import { TokenCache } from "./webhook/oauth2-bearer.ts";

/** What a {@link DeliveryHost} is made of. */
export interface DeliveryHostOptions {
  readonly post: (message: FromDelivery) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What came within this time is written in one transaction, in milliseconds. */
const groupMs = 2;

/** How often the host looks whether somebody else changed the store, prunes it, and buries what nobody wants any more. */
const tendMs = 1_000;

/** A hook that does not end when it is told to is left behind after this long: what became of the others has to be written. */
const goodbyeMs = 500;

/** How often it looks for queues of hooks that are gone, in milliseconds. */
const orphansMs = 10_000;

/** Executions of one second that are told of one by one: enough to know how long they take. */
const maxExecutions = 200;

/** The queue of a hook that is not configured any more waits this long, in case it was a slip of the pen. */
const removedGraceMs = 10 * 60_000;

/**
 * Everything behind the {@link DeliveryLink}: takes events, writes those of durable hooks down, has the engine deliver them, and writes
 * down what became of them. Events and outcomes of {@link groupMs} milliseconds share a transaction.
 */
export class DeliveryHost {
  readonly #options: DeliveryHostOptions;
  readonly #tokens: TokenCache;
  readonly #past = new PastHooks();
  #engine: DeliveryEngine | undefined;
  #keeper: StoreKeeper | undefined;
  #settings: DeliverySettings | undefined;
  #durable: ReadonlySet<string> = new Set();
  readonly #hooks = new Map<string, { definition: string; hook: Hook }>();
  #events: OutgoingEvent[] = [];
  #settlements: Settlement[] = [];
  #executions: DeliveryPulse["executions"][number][] = [];
  #cancelCommit: Cancel | undefined;
  #cancelTend: Cancel | undefined;
  /** Hooks that are in the store but not configured, and since when. */
  #orphansAt = 0;
  #orphans: ReadonlyMap<string, number> = new Map();
  #hasAnnounced = false;

  constructor(options: DeliveryHostOptions) {
    this.#options = options;
    this.#tokens = new TokenCache(options.clock);
  }

  /** Takes one message of the other thread. @throws what is our own fault */
  receive(message: ToDelivery): void {
    switch (message.kind) {
      case "open":
        this.#open(message);
        return;
      case "configure":
        this.#commit();
        this.#openStore(message.store);
        this.#configure(message.settings);
        this.#announce();
        return;
      case "events":
        this.#events.push(...message.events);
        this.#commitSoon();
        return;
      case "progress":
        this.#keeper?.progress(message.sessions);
        this.#commitSoon();
        return;
      case "report":
        this.#options.post({ kind: "report", id: message.id, report: this.#report() });
        return;
      case "deadLetters": {
        // What is settled may have become one.
        this.#commit();
        const answer = answerAboutDeadLetters(this.#keeper?.directory, message.question);
        this.#options.post({ kind: "deadLetters", id: message.id, answer });
        return;
      }
      case "resume":
        this.#engine?.resume(message.hookId);
        return;
      case "close":
        void this.#close(message.timeoutMs);
        return;
      default:
        unreachable(message);
    }
  }

  #open({ store, settings }: Extract<ToDelivery, { kind: "open" }>): void {
    const { clock, log, post } = this.#options;
    this.#engine = new DeliveryEngine({
      clock,
      log,
      concurrency: settings.concurrency,
      source: { load: (hookId, afterRow, limit) => this.#keeper?.load(hookId, afterRow, limit) ?? [] },
      settled: (settlement) => this.#settled(settlement),
      noticed: (notice) => post({ kind: "notice", notice }),
    });
    this.#openStore(store);
    this.#configure(settings);
    this.#announce();
    this.#cancelTend = clock.every(tendMs, () => this.#tend());
  }

  /** Tells once what the process before this one left, as soon as the store is open. */
  #announce(): void {
    const keeper = this.#keeper;
    if (!keeper?.isOpen || this.#hasAnnounced) return;
    this.#hasAnnounced = true;
    const { openSessions, isRecovery, pending } = keeper;
    this.#options.post({ kind: "opened", openSessions, isRecovery, pending });
  }

  /** The first durable hook opens the store; it stays open from then on. */
  #openStore(settings: StoreSettings | undefined): void {
    if (!settings || this.#keeper) return;
    const { clock, log, post } = this.#options;
    this.#keeper = new StoreKeeper({
      settings,
      clock,
      log,
      changed: (state) => post({ kind: "store", ...state }),
    });
  }

  #configure(settings: DeliverySettings): void {
    this.#settings = settings;
    const enabled = settings.hooks.filter(({ isEnabled }) => isEnabled);
    const durable = enabled.filter(({ policy }) => policy.guarantee === "at-least-once").map(({ id }) => id);
    const isDurable = durable.length > 0;
    const { deadLetter } = settings;
    this.#durable = new Set(deadLetter && isDurable ? [...durable, deadLetterHookId] : durable);
    const definitions = deadLetter ? [...enabled, deadLetterHook(deadLetter, isDurable)] : enabled;
    const targets = definitions.map((definition) => ({
      hook: this.#hookOf(definition),
      policy: definition.policy,
    }));
    const ids = new Set(definitions.map(({ id }) => id));
    const before = this.#engine?.snapshot().hooks ?? [];
    this.#past.add(before.filter(({ id }) => !ids.has(id)));
    this.#engine?.configure(targets, settings.concurrency);
    // The engine closes a hook that is gone, so it is of no use if it comes back.
    for (const id of [...this.#hooks.keys()]) if (!ids.has(id)) this.#hooks.delete(id);
  }

  /** A hook that did not change goes on as it is: a script that runs all the time is not started anew. */
  #hookOf(definition: HookDefinition): Hook {
    const { filter: _filter, policy: _policy, eventTypes: _types, ...relevant } = definition;
    const text = JSON.stringify(relevant);
    const known = this.#hooks.get(definition.id);
    if (known?.definition === text) return known.hook;
    const { clock, log } = this.#options;
    const hook = makeHook(definition, { clock, log, tokens: this.#tokens });
    this.#hooks.set(definition.id, { definition: text, hook });
    return hook;
  }

  // ---- writing down --------------------------------------------------------------------------------------------

  #settled(settlement: Settlement): void {
    const { delivery, attempt } = settlement;
    if (attempt && this.#executions.length < maxExecutions)
      this.#executions.push({ hookId: delivery.hookId, durationMs: attempt.durationMs });
    if (settlement.delivery.row !== undefined) this.#settlements.push(settlement);
    if (settlement.kind === "dead") this.#sendDeadLetter(settlement);
    if (this.#settlements.length > 0) this.#commitSoon();
  }

  /** A dead letter of a dead letter would go round for ever: it rests in the store. */
  #sendDeadLetter(settlement: Extract<Settlement, { kind: "dead" }>): void {
    if (!this.#settings?.deadLetter || settlement.delivery.hookId === deadLetterHookId) return;
    const records = this.#keeper?.attemptsOf(settlement.delivery) ?? [];
    this.#events.push(deadLetterWrapper(settlement, records, this.#options.clock.date()));
    this.#commitSoon();
  }

  #commitSoon(): void {
    this.#cancelCommit ??= this.#options.clock.after(groupMs, () => this.#commit());
  }

  #commit(): void {
    this.#cancelCommit?.();
    this.#cancelCommit = undefined;
    const events = this.#events.splice(0);
    const settlements = this.#settlements.splice(0);
    const durable: OutgoingEvent[] = [];
    const fleeting: Delivery[] = [];
    for (const event of events) {
      const kept = event.hooks.filter((id) => this.#durable.has(id));
      const passing = event.hooks.filter((id) => !this.#durable.has(id));
      if (kept.length > 0 || isOfJournal(event)) durable.push({ ...event, hooks: kept });
      for (const hookId of passing) fleeting.push(inMemory(event, hookId));
    }
    const stored = this.#keeper?.commit({ events: durable, settlements }) ?? [];
    this.#engine?.add([...stored, ...fleeting]);
    const taken = events.filter(({ type }) => type !== deadLetterHookId).length;
    if (taken > 0) this.#options.post({ kind: "taken", count: taken });
  }

  // ---- housekeeping --------------------------------------------------------------------------------------------

  #tend(): void {
    const keeper = this.#keeper;
    this.#options.post({
      kind: "pulse",
      pulse: {
        executions: this.#executions.splice(0),
        waiting: this.#engine?.waiting ?? 0,
        storePercent: keeper?.percent,
      },
    });
    if (!keeper) return;
    try {
      this.#tendStore(keeper);
    } catch (error) {
      this.#options.log.warn("hook store could not be tended", { error: messageOf(error) });
    }
  }

  #tendStore(keeper: StoreKeeper): void {
    // What is settled has to be written before the store is read from its beginning.
    this.#commit();
    if (keeper.tend()) this.#engine?.refill();
    this.#announce();
    const now = this.#options.clock.now();
    if (now < this.#orphansAt) return;
    this.#orphansAt = now + orphansMs;
    this.#buryOrphans(keeper, now);
  }

  #buryOrphans(keeper: StoreKeeper, now: number): void {
    const { hooks = [], deadLetter } = this.#settings ?? {};
    const known = new Set([...hooks.map(({ id }) => id), ...(deadLetter ? [deadLetterHookId] : [])]);
    const orphans = new Map<string, number>();
    for (const id of keeper.hookIds()) {
      if (known.has(id)) continue;
      const since = this.#orphans.get(id) ?? now;
      orphans.set(id, since);
      if (now - since < removedGraceMs) continue;
      const count = keeper.bury(id, "hook_removed");
      this.#options.log.warn("events of a hook that is gone became dead letters", { hook_id: id, count });
    }
    this.#orphans = orphans;
  }

  #report(): DeliveryReport {
    const engine = this.#engine;
    if (!engine) throw new Error("report before open");
    return {
      engine: engine.snapshot(),
      past: this.#past.reports(),
      store: this.#keeper?.report(),
      tokens: this.#tokens.fetches,
    };
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#cancelTend?.();
    this.#commit();
    const isDrained = (await this.#engine?.drain(timeoutMs)) ?? true;
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(goodbyeMs, resolve);
    await Promise.race([this.#engine?.close(), isLate]);
    cancel();
    this.#commit();
    this.#keeper?.close();
    this.#options.post({ kind: "closed", isDrained });
  }
}

const inMemory = ({ hooks: _, ...event }: OutgoingEvent, hookId: string): Delivery => ({
  row: undefined,
  hookId,
  event,
  attempts: 0,
  dueAt: 0,
  isReplay: false,
});
