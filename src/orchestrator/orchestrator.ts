import { messageOf } from "../base/errors.ts";
import type { MetricFamily } from "../base/exposition.ts";
import { gauge } from "../base/metric-family.ts";
import type { Cancel } from "../base/time.ts";
import { instanceVariable } from "./child-environment.ts";
import type { House } from "./house.ts";
import type { Phase } from "./machine/keeper.ts";
import type { StreamId } from "./machine/path-template.ts";
import { mayHearLate, type Source, type Verdict } from "./machine/presence.ts";
import { isFileTargetName, type Plan, type Side, type Target } from "./plan.ts";
import type { LivingProcess } from "./process/living-process.ts";
import { type OutputFile, removeOldFiles } from "./process/output-file.ts";
import type { ProcessTable } from "./process/process-table.ts";
import { Reconciler, type ServerState } from "./reconciler.ts";
import { killStrays, survivorsOf } from "./recovery.ts";
import type { ServerPaths } from "./server-paths.ts";
import type { StoredEvent } from "./store/state-store.ts";
import { StreamKeeping, streamStates } from "./stream-keeping.ts";
import type { Inheritance } from "./worker-job.ts";

/** What an {@link Orchestrator} is made of. */
export interface OrchestratorOptions {
  readonly house: House;
  readonly plan: Plan;
  readonly inheritance: Inheritance;
  readonly table: ProcessTable;
  /** Undefined where the media server is not to be asked. */
  readonly paths: ServerPaths | undefined;
}

/** Something that the media server tells. */
export interface StreamEvent {
  readonly kind: "ready" | "not-ready";
  readonly path: string;
  readonly source: Source;
  /** When it happened, in Unix milliseconds, where the sender says so. */
  readonly at: number | undefined;
  readonly requestId: string;
}

/** What became of an event: a verdict, or why it is about nothing here. */
export type Outcome =
  | { readonly kind: "heard"; readonly id: StreamId; readonly side: Side; readonly verdict: Verdict }
  | { readonly kind: "ignored"; readonly why: string };

/** How often files are kept within their bounds, and streams of which nothing is heard any more are forgotten, in milliseconds. */
const tidyMs = 10_000;

/** How often files are looked for that are to be removed, in milliseconds: there may be a hundred thousand. */
const removeMs = 3_600_000;

/** What a process has written is kept for so long, in milliseconds. */
const keepOutputMs = 7 * 24 * 3_600_000;

/** A stream that is idle for so long is forgotten, in milliseconds. */
const forgetMs = 3_600_000;

/** Keeps one worker for each stream that is fed, and a forwarder for each place that its output is pushed to. */
export class Orchestrator {
  readonly #options: OrchestratorOptions;
  readonly #streams = new Map<StreamId, StreamKeeping>();
  readonly #reconciler: Reconciler | undefined;
  #cancel: Cancel = () => undefined;
  #isStopping = false;
  #isAbandoned = false;
  /** Ends of processes of targets that are no more, by the names of their starts. */
  readonly #dismissed = new Map<string, Promise<unknown>>();

  constructor(options: OrchestratorOptions) {
    this.#options = options;
    const { house, plan, paths } = options;
    const streams = {
      all: () => this.#streams.values(),
      get: (id: StreamId) => this.#streams.get(id),
      open: (id: StreamId) => this.#open(id),
    };
    this.#reconciler = paths && new Reconciler({ house, plan, paths, streams });
  }

  /** Streams that are known, in the order of their ids. */
  get streams(): readonly StreamKeeping[] {
    return [...this.#streams.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What is known of the media server; undefined where it is not asked. */
  get server(): ServerState | undefined {
    return this.#reconciler?.state;
  }

  /** A stream; undefined for one that is not known. */
  stream(id: StreamId): StreamKeeping | undefined {
    return this.#streams.get(id);
  }

  /** Takes up what an orchestrator before this one has left, and begins. @throws TransportError DISK */
  start(): void {
    const { house } = this.#options;
    this.#resume();
    this.#reconciler?.start();
    this.#removeOldOutputs();
    const cancels = [
      house.clock.every(tidyMs, () => this.#tidy()),
      house.clock.every(removeMs, () => this.#removeOldOutputs()),
    ];
    this.#cancel = () => {
      for (const cancel of cancels) cancel();
    };
  }

  /** Takes an event in. What it says is kept when this returns. @throws TransportError DISK where it cannot be kept */
  event(event: StreamEvent): Outcome {
    const { plan, house } = this.#options;
    const { side, match } = plan.place(event.path);
    if (match.kind !== "stream") {
      const why = match.kind === "bad-id" ? "the name of the stream cannot be used" : "no path of ours";
      house.store.addEvent(storedEvent(event, { at: house.now(), verdict: "ignored", stream: "" }));
      this.#count(event, "ignored");
      return { kind: "ignored", why };
    }
    const { source, at, kind } = event;
    const stream = this.#open(match.id);
    const news = { source, at: at === undefined ? undefined : Math.min(at, house.now()) };
    const verdict = stream.heard({ side, isReady: kind === "ready", news }, (verdict) =>
      storedEvent(event, { at: house.now(), verdict, stream: match.id }),
    );
    this.#count(event, verdict);
    return { kind: "heard", id: match.id, side, verdict };
  }

  /** Whether events that come can be kept. */
  get canKeep(): boolean {
    return this.#options.house.store.isWritable;
  }

  /** The latest events, the latest first. */
  events(limit: number, before?: number): readonly (StoredEvent & { readonly number: number })[] {
    return this.#options.house.store.events(limit, before);
  }

  /** Pushes a stream to a target from now on, also after the next start. */
  async putTarget(id: StreamId, { name, url }: Pick<Target, "name" | "url">): Promise<void> {
    this.#options.house.store.putTarget({ stream: id, name, url });
    await this.#open(id).putTarget({ name, url, origin: "api" });
  }

  /** Gives whether there was such a target of the API, which it is pushed to no more. */
  async deleteTarget(id: StreamId, name: string): Promise<boolean> {
    const stream = this.#streams.get(id);
    if (isFileTargetName(name) || !stream?.forwardings.has(name)) return false;
    const { store } = this.#options.house;
    store.deleteTarget({ stream: id, target: name });
    await stream.deleteTarget(name);
    // Its end was noted; another one of its name may be there by now.
    if (!stream.forwardings.has(name)) store.deleteKeeper({ stream: id, target: name });
    return true;
  }

  /** Gauges for Prometheus. */
  metrics(): MetricFamily[] {
    const { streams } = this;
    const forwarders = streams.flatMap((stream) => [...stream.forwardings.values()]);
    const phases: readonly Phase[] = ["unready", "ready", "stopping", "waiting", "failed"];
    return [
      gauge(
        "orchestrator_streams",
        "Streams by what they are doing",
        streamStates.map((state) => [{ state }, streams.filter((each) => each.state === state).length]),
      ),
      gauge("orchestrator_workers", "Workers that run", [
        [{}, streams.filter(({ worker }) => worker.pid !== undefined).length],
      ]),
      gauge(
        "orchestrator_forwarders",
        "Forwarders by what they are doing",
        phases
          .filter((phase) => phase !== "unready")
          .map((phase) => [
            { state: phase === "ready" ? "running" : phase },
            forwarders.filter(({ process }) => process.record.phase === phase).length,
          ]),
      ),
      ...(this.server
        ? [
            gauge("orchestrator_server_reachable", "Whether the media server answers", [
              [{}, this.server.isReachable ? 1 : 0],
            ]),
          ]
        : []),
    ];
  }

  /** Ends all processes, or with `keepWorkers` none, and does nothing any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#reconciler?.stop();
    if (!this.#options.plan.config.keepWorkers)
      await Promise.all([...this.streams.map((stream) => stream.end()), ...this.#dismissed.values()]);
    this.abandon();
  }

  /** Does nothing any more, and leaves all processes running for the next orchestrator. */
  abandon(): void {
    this.#isStopping = true;
    this.#isAbandoned = true;
    this.#cancel();
    this.#reconciler?.stop();
    for (const stream of this.streams) stream.release();
  }

  #open(id: StreamId): StreamKeeping {
    const known = this.#streams.get(id);
    if (known) return known;
    const stream = new StreamKeeping(
      id,
      { targets: this.#targetsOf(id) },
      { ...this.#context, isFresh: true },
    );
    this.#streams.set(id, stream);
    return stream;
  }

  get #context() {
    const { house, plan, inheritance } = this.#options;
    return { house, plan, inheritance, refusal: () => this.#refusal() };
  }

  #targetsOf(id: StreamId): Target[] {
    return this.#options.house.store
      .targets()
      .filter(({ stream }) => stream === id)
      .map(({ name, url }) => ({ name, url, origin: "api" }));
  }

  #refusal(): string | undefined {
    if (this.#isStopping) return "the orchestrator ends";
    const { maxWorkers } = this.#options.plan.config;
    const running = [...this.#streams.values()].filter(({ worker }) => worker.pid !== undefined).length;
    return maxWorkers > 0 && running >= maxWorkers ? `maxWorkers are running (${maxWorkers})` : undefined;
  }

  #count({ kind }: StreamEvent, verdict: string): void {
    this.#options.house.metrics.events.with({ kind, verdict }).increment();
  }

  #resume(): void {
    const { house, table, plan } = this.#options;
    const { store, starter, log } = house;
    const keepers = Map.groupBy(store.keepers(), ({ stream }) => stream);
    const records = new Map(store.streams().map(({ id, record }) => [id, record]));
    const survivors = survivorsOf(house, table);
    const targets = Map.groupBy(store.targets(), ({ stream }) => stream);
    const ids = new Set([
      ...records.keys(),
      ...targets.keys(),
      ...survivors.map(({ launch }) => launch.stream),
    ]);
    for (const id of ids) {
      const kept = {
        record: records.get(id),
        keepers: new Map((keepers.get(id) ?? []).map(({ target, record }) => [target, record])),
        targets: (targets.get(id) ?? []).map(({ name, url }): Target => ({ name, url, origin: "api" })),
      };
      const isFresh = this.#reconciler === undefined;
      this.#streams.set(id, new StreamKeeping(id, kept, { ...this.#context, isFresh }));
    }
    for (const { launch, process } of survivors) {
      const stream = this.#streams.get(launch.stream);
      const kept = launch.target === "" ? stream?.worker : stream?.forwardings.get(launch.target)?.process;
      const graceMs =
        launch.target === "" ? plan.config.worker.stopTimeout : plan.config.forwarder.stopTimeout;
      const living = starter.adopt({ id: process, launch: launch.launch, graceMs });
      if (kept && kept.pid === undefined) kept.adopt(launch, living);
      else this.#dismiss(launch.launch, living);
    }
    for (const stream of this.#streams.values()) {
      for (const process of stream.processes) if (process.pid === undefined) process.missed();
      stream.apply();
    }
    if (ids.size > 0) log.info("state taken up", { streams: ids.size, processes: survivors.length });
  }

  /** Ends a process that nothing is wanted of any more. */
  #dismiss(launch: string, living: LivingProcess): void {
    this.#dismissed.set(launch, living.ended);
    living.stop();
    void living.ended.then(() => {
      this.#dismissed.delete(launch);
      if (!this.#isAbandoned)
        this.#attempt("state cannot be written", () => this.#options.house.store.endLaunch(launch));
    });
  }

  /** Ends whatever a worker has started and left behind, out of its group. */
  #endStrays(): void {
    const { table, inheritance, house } = this.#options;
    const kept = this.streams.flatMap(({ processes }) => processes.map(({ launch }) => launch ?? ""));
    const known = [...kept, ...this.#dismissed.keys()];
    const marked = table.withVariable(instanceVariable, inheritance.instance);
    killStrays({ marked, known: new Set(known), table, log: house.log });
  }

  /** What running processes write into. */
  get #outputs(): readonly OutputFile[] {
    const { plan } = this.#options;
    return this.streams
      .flatMap(({ id, processes }) => processes.map((process) => ({ id, process })))
      .filter(({ process }) => process.pid !== undefined)
      .map(({ id, process: { key } }) =>
        key.target === "" ? plan.workerOutput(id) : plan.forwarderOutput(id, key.target),
      );
  }

  /** What cannot be done now keeps nobody from the rest: a full disk may need it. */
  #tidy(): void {
    this.#attempt("processes cannot be looked for", () => this.#endStrays());
    for (const stream of this.streams)
      this.#attempt("a stream cannot be forgotten", () => this.#forgetIfOver(stream));
    for (const output of this.#outputs)
      this.#attempt("the older part of a log cannot be kept", () => output.turn());
  }

  #forgetIfOver(stream: StreamKeeping): void {
    const { store, now } = this.#options.house;
    const hasOwnTargets = [...stream.forwardings.values()].some(({ target }) => target.origin === "api");
    if (!stream.isIdle || hasOwnTargets || now() - stream.heardAt < forgetMs) return;
    if (mayHearLate(stream.source, now()) || mayHearLate(stream.output, now())) return;
    store.deleteStream(stream.id);
    stream.release();
    this.#streams.delete(stream.id);
  }

  #removeOldOutputs(): void {
    const { house, plan } = this.#options;
    const kept = new Set(this.#outputs.map(({ path }) => path));
    this.#attempt("old logs cannot be removed", () =>
      removeOldFiles(plan.logs, { before: house.clock.date().getTime() - keepOutputMs, kept }),
    );
  }

  #attempt(fault: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.house.log.error(fault, { error: messageOf(error) });
    }
  }
}

const storedEvent = (
  { kind, path, source, requestId }: StreamEvent,
  { at, verdict, stream }: { at: number; verdict: string; stream: string },
): StoredEvent => ({
  ...{ at, kind, path, stream, verdict, requestId },
  ...{ sourceType: source.type, sourceId: source.id, query: source.query },
});
