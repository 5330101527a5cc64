import type { LogFields } from "../base/log.ts";
import type { Cancel } from "../base/time.ts";
import { forwarderJob, forwarderPolicy } from "./forwarder-job.ts";
import type { House } from "./house.ts";
import { KeptProcess } from "./kept-process.ts";
import type { KeeperRecord, Want } from "./machine/keeper.ts";
import type { StreamId } from "./machine/path-template.ts";
import { type News, neverHeard, Presence, type PresenceRecord, type Verdict } from "./machine/presence.ts";
import type { Plan, Side, Target } from "./plan.ts";
import type { StoredEvent, StreamRecord } from "./store/state-store.ts";
import { type Inheritance, workerJob, workerPolicy } from "./worker-job.ts";

/** What a stream is doing, in a word. */
export type StreamState = "idle" | "starting" | "running" | "draining" | "stopping" | "backoff" | "failed";

/** All of them. */
export const streamStates: readonly StreamState[] = [
  "idle",
  "starting",
  "running",
  "draining",
  "stopping",
  "backoff",
  "failed",
];

/** A push of a stream to a target. */
export interface Forwarding {
  readonly target: Target;
  readonly process: KeptProcess;
}

/** What all streams of an orchestrator share. */
export interface StreamContext {
  readonly house: House;
  readonly plan: Plan;
  readonly inheritance: Inheritance;
  /** Why no further worker may be started; undefined where one may. */
  readonly refusal: () => string | undefined;
}

/** What an earlier process has kept of a stream. */
export interface KeptStream {
  readonly record?: StreamRecord | undefined;
  /** By target; that of the worker under an empty text. */
  readonly keepers?: ReadonlyMap<string, KeeperRecord>;
  /** Those of the API. */
  readonly targets: readonly Target[];
}

/**
 * One stream: whether it is fed, its worker, and the forwarders of what that makes of it. Decides what is wanted of each process from what
 * is known of the two paths.
 */
export class StreamKeeping {
  readonly id: StreamId;
  readonly worker: KeptProcess;
  readonly forwardings = new Map<string, Forwarding>();
  readonly #context: StreamContext;
  readonly #sides: Record<Side, Presence>;
  readonly #leaving = new Set<KeptProcess>();
  #requestId: string | undefined;
  /** What is known is new enough to start something. */
  #isFresh: boolean;
  #isEnding = false;
  #cancel: Cancel = () => undefined;

  /** `isFresh`: nothing has to be asked before something is started. */
  constructor(id: StreamId, kept: KeptStream, { isFresh, ...context }: StreamContext & { isFresh: boolean }) {
    const { house, plan } = context;
    const { record, keepers = new Map() } = kept;
    this.id = id;
    this.#context = context;
    this.#isFresh = isFresh;
    const now = house.now();
    this.#sides = {
      source: Presence.resume(plan.config.grace, record?.source ?? neverHeard, now),
      output: Presence.resume(0, record?.output ?? neverHeard, now),
    };
    const job = workerJob({
      ...{ id, plan, inheritance: context.inheritance, refusal: context.refusal },
      source: () => this.source.source,
      fields: () => this.fields,
    });
    const key = { stream: id, target: "" };
    this.worker = new KeptProcess({ key, job, policy: workerPolicy(plan), record: keepers.get("") }, house);
    for (const target of [...plan.targetsOf(id), ...kept.targets])
      this.#addTarget(target, keepers.get(target.name));
  }

  /** What is known of the path that the worker reads. */
  get source(): PresenceRecord {
    return this.#sides.source.record;
  }

  /** What is known of the path that the worker publishes. */
  get output(): PresenceRecord {
    return this.#sides.output.record;
  }

  get state(): StreamState {
    const { phase } = this.worker.record;
    if (phase === "failed" || phase === "stopping") return phase;
    const { state } = this.source;
    if (state === "grace") return "draining";
    if (phase === "waiting") return "backoff";
    if (phase === "ready") return "running";
    return phase === "unready" || this.worker.isDue ? "starting" : "idle";
  }

  /** Its worker, and all forwarders, those too that are about to leave. */
  get processes(): readonly KeptProcess[] {
    return [this.worker, ...[...this.forwardings.values()].map(({ process }) => process), ...this.#leaving];
  }

  /** Nothing happens here and nothing is waited for. */
  get isIdle(): boolean {
    const isQuiet = this.source.state === "absent" && this.output.state === "absent";
    return isQuiet && this.processes.every(({ pid }) => pid === undefined);
  }

  /** When something was heard last, in Unix milliseconds. */
  get heardAt(): number {
    return Math.max(this.source.heardAt, this.output.heardAt);
  }

  /** Something is soon to be seen on the server, which is to be asked more often. */
  get isExpecting(): boolean {
    return this.worker.record.phase === "unready";
  }

  /** What the log says about it. */
  get fields(): LogFields {
    const { source } = this.source;
    return {
      streamId: this.id,
      path: this.#context.plan.ingest.pathOf(this.id),
      sourceId: source?.id,
      requestId: this.#requestId,
    };
  }

  /**
   * Something was heard of one of its paths. It is kept before anything is done about it; `event` goes with it.
   * @throws TransportError DISK, and then nothing has changed
   */
  heard(
    { side, isReady, news }: { side: Side; isReady: boolean; news: News },
    eventOf?: (verdict: Verdict) => StoredEvent,
  ): Verdict {
    const { house } = this.#context;
    const presence = this.#sides[side];
    const before = presence.record;
    const now = house.now();
    const verdict = isReady ? presence.ready(news, now) : presence.notReady(news, now);
    if (side === "output") presence.tick(now);
    const event = eventOf?.(verdict);
    try {
      this.#keep(event);
    } catch (error) {
      this.#sides[side] = new Presence(side === "source" ? this.#context.plan.config.grace : 0, before);
      throw error;
    }
    if (verdict !== "accepted") return verdict;
    if (side === "source") this.#requestId = event?.requestId;
    this.#isFresh = true;
    house.log.info(told(side, isReady), this.fields);
    if (isReady) this.#forgive(side, before);
    this.apply();
    return verdict;
  }

  /** The server was asked, and all that is known of this stream is right: something may be started. */
  refresh(): void {
    if (this.#isFresh) return;
    this.#isFresh = true;
    this.apply();
  }

  /** Has its processes be as they are wanted. */
  apply(): void {
    const { state } = this.source;
    const run: Want = this.#isFresh ? "run" : "keep";
    const isOut = this.output.state === "present";
    this.worker.wants(this.#isEnding || state === "absent" ? "end" : state === "grace" ? "keep" : run);
    this.worker.works(isOut);
    // Two pushes to one target at once would take it away from each other.
    const taken = new Set([...this.#leaving].map(({ key }) => key.target));
    for (const [name, { process }] of this.forwardings)
      process.wants(this.#isEnding || !isOut ? "end" : taken.has(name) ? "keep" : run);
    this.#arm();
  }

  /** At `at` it was looked what is there: a worker that has published nothing for too long is started anew. */
  judge(at: number): void {
    this.worker.judge(at);
  }

  /** Pushes it to a target, in the place of one of its name, whose end is waited for. */
  async putTarget(target: Target): Promise<void> {
    const ended = this.deleteTarget(target.name);
    this.#addTarget(target);
    this.apply();
    await ended;
  }

  /** Pushes it to a target no longer, and waits for the end of that. */
  async deleteTarget(name: string): Promise<void> {
    const known = this.forwardings.get(name);
    if (!known) return;
    const { process } = known;
    this.forwardings.delete(name);
    this.#leaving.add(process);
    process.wants("end");
    await process.ended;
    process.release();
    this.#leaving.delete(process);
    // Another one of its name may have waited for that.
    this.apply();
  }

  /** Ends all of its processes, and waits for that. Whoever was given up has another chance with the next orchestrator. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.apply();
    await Promise.all(this.processes.map(({ ended }) => ended));
    for (const process of this.processes) process.forgive();
    this.release();
  }

  /** Does nothing any more, and leaves processes running. */
  release(): void {
    this.#cancel();
    for (const process of this.processes) process.release();
  }

  #addTarget(target: Target, record?: KeeperRecord): void {
    const { house, plan, inheritance } = this.#context;
    const { id } = this;
    const fields = (): LogFields => ({ ...this.fields, target: target.name });
    const job = forwarderJob({ id, target, plan, inheritance, fields });
    const process = new KeptProcess(
      { key: { stream: id, target: target.name }, job, policy: forwarderPolicy, record },
      house,
    );
    this.forwardings.set(target.name, { target, process });
  }

  /** A new stream is a new chance. */
  #forgive(side: Side, before: PresenceRecord): void {
    if (side === "source") this.worker.forgive();
    const isNew = before.state === "absent" && (side === "source" || this.source.state === "absent");
    if (isNew) for (const { process } of this.forwardings.values()) process.forgive();
  }

  #keep(event?: StoredEvent): void {
    const record = { source: this.source, output: this.output };
    this.#context.house.store.saveStream(this.id, record, event);
  }

  #arm(): void {
    this.#cancel();
    const { deadline } = this.#sides.source;
    const { clock, now } = this.#context.house;
    if (deadline !== undefined)
      this.#cancel = clock.after(Math.max(0, deadline - now()), () => this.#graceOver());
  }

  #graceOver(): void {
    const { house } = this.#context;
    if (this.#sides.source.tick(house.now())) {
      house.log.info("source did not come back", this.fields);
      try {
        this.#keep();
      } catch (error) {
        house.log.error("state cannot be written", { ...this.fields, error: String(error) });
      }
    }
    this.apply();
  }
}

const told = (side: Side, isReady: boolean): string =>
  side === "source"
    ? isReady
      ? "source is there"
      : "source has gone"
    : isReady
      ? "output is there"
      : "output has gone";
