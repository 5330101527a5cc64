import { codeOf, messageOf } from "../base/errors.ts";
import type { LogFields } from "../base/log.ts";
import type { Cancel } from "../base/time.ts";
import type { House } from "./house.ts";
import {
  type ExitKind,
  isSamePause,
  Keeper,
  type KeeperPolicy,
  type KeeperRecord,
  neverStarted,
  type Want,
} from "./machine/keeper.ts";
import { type Exit, exitText, type LaunchOrder, type LivingProcess } from "./process/living-process.ts";
import type { OutputFile } from "./process/output-file.ts";
import type { Launch, ProcessKey } from "./store/state-store.ts";

/** What is to be started, and how its end is understood. */
export interface Job {
  /** `worker` or `forwarder`, in the log and in metrics. */
  readonly role: "worker" | "forwarder";
  /** Where what it writes goes. */
  readonly output: OutputFile;
  /** How long it has to end itself, in milliseconds. */
  readonly graceMs: number;
  /** What is started, made anew for each start. `launch` is to be in its environment. */
  command(launch: string): Pick<LaunchOrder, "command" | "env">;
  /** Stands for what it is started for: a process for something else is not taken over. */
  readonly digest: string;
  /** What the end of a process means, and its error in words. `output` is the end of what it wrote. */
  verdictOn(exit: Exit, output: string): { readonly kind: ExitKind; readonly error: string };
  /** Why there is no room for one more; undefined where there is. */
  refusal(): string | undefined;
  /** What it is about, for the log. */
  fields(): LogFields;
}

/** What a {@link KeptProcess} is made of. */
export interface KeptProcessOptions {
  readonly key: ProcessKey;
  readonly job: Job;
  readonly policy: KeeperPolicy;
  /** What an earlier process has kept. */
  readonly record?: KeeperRecord | undefined;
}

/** The machine has no room for what a start needs, which is no fault of the process, and passes. */
const shortages: ReadonlySet<string> = new Set(["DISK", "ENOSPC", "EMFILE", "ENFILE", "EAGAIN", "ENOMEM"]);

/** A process that is kept running while it is wanted: does what a {@link Keeper} decides, and keeps what the next orchestrator has to know. */
export class KeptProcess {
  readonly key: ProcessKey;
  readonly #job: Job;
  readonly #house: House;
  readonly #keeper: Keeper;
  #saved: KeeperRecord;
  #living: LivingProcess | undefined;
  #launch: Launch | undefined;
  #wasAsked = false;
  /** Since when it is wanted without having been started. */
  #wantedAt: number | undefined;
  #cancel: Cancel = () => undefined;
  #cancelStart: Cancel | undefined;
  #isReleased = false;
  #idle = Promise.withResolvers<void>();

  constructor({ key, job, policy, record }: KeptProcessOptions, house: House) {
    this.key = key;
    this.#job = job;
    this.#house = house;
    this.#keeper = Keeper.resume(policy, record ?? neverStarted, house.now());
    this.#saved = this.#keeper.record;
    this.#idle.resolve();
  }

  get record(): KeeperRecord {
    return this.#keeper.record;
  }

  /** The process that runs. */
  get pid(): number | undefined {
    return this.#living?.id.pid;
  }

  /** The name of its start. */
  get launch(): string | undefined {
    return this.#launch?.launch;
  }

  /** When that was started, in Unix milliseconds. */
  get startedAt(): number | undefined {
    return this.#living && this.#launch?.startedAt;
  }

  /** It was started by an orchestrator before this one. */
  get isAdopted(): boolean {
    return this.#living?.isAdopted ?? false;
  }

  /** It is about to be started. */
  get isDue(): boolean {
    return this.#cancelStart !== undefined;
  }

  /** Resolves when no process is there. */
  get ended(): Promise<void> {
    return this.#idle.promise;
  }

  /** Takes over a process that runs. One that was started for something else is ended. */
  adopt(launch: Launch, living: LivingProcess): void {
    this.#take(launch, living);
    this.#keeper.adopted(this.#house.now());
    if (launch.digest !== this.#job.digest) this.#keeper.restart(this.#house.now());
    this.#house.log.info(`${this.#job.role} adopted`, { ...this.#job.fields(), pid: living.id.pid });
  }

  /** No process was found: one that was there has ended while nobody looked. */
  missed(): void {
    if (!this.#keeper.isAlive) return;
    this.#keeper.ended("failure", "ended while no orchestrator ran", this.#house.now());
    this.#house.log.warn(`${this.#job.role} has ended while no orchestrator ran`, this.#job.fields());
  }

  /** Something else is wanted from now on. */
  wants(want: Want): void {
    if (want !== "run") this.#wantedAt = undefined;
    else if (this.#keeper.want !== "run" && !this.#living) this.#wantedAt = this.#house.clock.now();
    this.#keeper.wants(want, this.#house.now());
    this.settle();
  }

  /** It does its work, or does not any more. */
  works(doesWork: boolean): void {
    this.#keeper.works(doesWork, this.#house.now());
    this.settle();
  }

  /** At `at` it was looked whether it does its work: one that has not for too long is started anew. */
  judge(at: number): void {
    if (!this.#keeper.judge(at)) return;
    this.#house.log.warn(`${this.#job.role} does not do its work, it is started anew`, this.#job.fields());
    this.settle();
  }

  /** Starts it anew, given up or not. */
  restart(): void {
    this.#keeper.restart(this.#house.now());
    this.settle();
  }

  /** Forgets that it was given up. */
  forgive(): void {
    this.#keeper.forgive(this.#house.now());
    this.settle();
  }

  /** Lets go of it without ending it: the next orchestrator takes it over. */
  release(): void {
    this.#isReleased = true;
    this.#cancel();
    this.#cancelStart?.();
  }

  /** Does what is to be done now. */
  settle(): void {
    if (this.#isReleased) return;
    const deed = this.#keeper.deed(this.#house.now());
    if (deed === "start") this.#enqueue();
    else {
      this.#cancelStart?.();
      this.#cancelStart = undefined;
    }
    if (deed === "stop") this.#stop();
    this.#arm();
    this.#save();
  }

  #enqueue(): void {
    const start = (): void => {
      this.#cancelStart = undefined;
      if (this.#keeper.deed(this.#house.now()) === "start") this.#start();
      this.settle();
    };
    try {
      this.#cancelStart ??= this.#house.queue.push(start);
    } catch (error) {
      this.#postpone(messageOf(error));
    }
  }

  /** There is no room for it now. */
  #postpone(why: string): void {
    const { log, now } = this.#house;
    if (this.#keeper.record.lastError !== why)
      log.warn(`${this.#job.role} has to wait`, { ...this.#job.fields(), reason: why });
    this.#keeper.postpone(why, now());
  }

  #start(): void {
    const { store, starter, metrics, log, now, clock } = this.#house;
    const { role } = this.#job;
    const why = this.#job.refusal();
    if (why !== undefined) {
      this.#postpone(why);
      return;
    }
    const name = Bun.randomUUIDv7();
    try {
      const { digest, output, graceMs } = this.#job;
      const launch: Launch = {
        ...this.key,
        ...{ launch: name, digest, startedAt: now(), outputFrom: output.size, process: undefined },
      };
      // Known before it lives, so that it is found whenever this process ends.
      store.beginLaunch(launch);
      const living = starter.start({ ...this.#job.command(name), output, graceMs });
      this.#take(launch, living);
      this.#keeper.started(now());
      store.noteProcess(name, living.id);
      metrics.started(role, this.#wantedAt === undefined ? undefined : clock.now() - this.#wantedAt);
      this.#wantedAt = undefined;
      log.info(`${role} started`, { ...this.#job.fields(), pid: living.id.pid });
    } catch (error) {
      const why = messageOf(error);
      if (this.#living) {
        log.error("state cannot be written", { ...this.#job.fields(), error: why });
        return;
      }
      if (shortages.has(codeOf(error) ?? "")) this.#postpone(why);
      else this.#failed(why);
      this.#attempt(() => store.endLaunch(name));
    }
  }

  #failed(error: string): void {
    const { metrics, log, now } = this.#house;
    const { role } = this.#job;
    this.#keeper.ended("failure", error, now());
    metrics.exits.with({ role, reason: "not started" }).increment();
    log.error(`${role} cannot be started`, { ...this.#job.fields(), error, ...this.#pause() });
    this.#alertIfGivenUp();
  }

  #take(launch: Launch, living: LivingProcess): void {
    this.#launch = launch;
    this.#living = living;
    this.#wasAsked = false;
    this.#idle = Promise.withResolvers<void>();
    void living.ended.then((exit) => this.#exited(launch, exit));
  }

  #stop(): void {
    this.#wasAsked = true;
    this.#keeper.stopping(this.#house.now());
    this.#house.log.info(`${this.#job.role} is asked to end`, { ...this.#job.fields(), pid: this.pid });
    this.#living?.stop();
  }

  #exited(launch: Launch, exit: Exit): void {
    // The next orchestrator finds out by itself.
    if (this.#isReleased) return;
    const { log, metrics, now, store } = this.#house;
    const { role } = this.#job;
    const pid = this.pid;
    const { kind, error } = this.#job.verdictOn(exit, this.#job.output.tail(launch.outputFrom));
    this.#living = undefined;
    this.#launch = undefined;
    this.#keeper.ended(kind, error, now());
    metrics.exits.with({ role, reason: this.#wasAsked ? "asked" : kind }).increment();
    const fields = { ...this.#job.fields(), pid, exit: exitText(exit) };
    if (this.#wasAsked || this.#keeper.want !== "run") log.info(`${role} ended`, fields);
    else log.warn(`${role} ended by itself`, { ...fields, error, ...this.#pause() });
    this.#alertIfGivenUp();
    this.#attempt(() => store.endLaunch(launch.launch));
    // One that comes and goes is not there when the files of those that run are looked at.
    this.#attempt(() => this.#job.output.turn(), "the older part of its log cannot be kept");
    this.#idle.resolve();
    this.settle();
  }

  #pause(): LogFields {
    const { until } = this.#keeper.record;
    return until === undefined ? {} : { again_in: `${Math.round((until - this.#house.now()) / 100) / 10}s` };
  }

  #alertIfGivenUp(): void {
    const { phase, lastError, failures } = this.#keeper.record;
    if (phase !== "failed") return;
    const { role } = this.#job;
    const reason = failures.length > 0 ? "failures" : "hopeless";
    this.#house.metrics.alerts.with({ role, reason }).increment();
    this.#house.log.error(`${role} given up, somebody has to look at it`, {
      ...this.#job.fields(),
      error: lastError,
      failures: failures.length,
    });
  }

  /** Comes back when there is something to do. */
  #arm(): void {
    this.#cancel();
    const { deadline } = this.#keeper;
    if (deadline === undefined) return;
    const delay = Math.max(0, deadline - this.#house.now());
    this.#cancel = this.#house.clock.after(delay, () => this.settle());
  }

  #save(): void {
    const { record } = this.#keeper;
    if (record === this.#saved || isSamePause(record, this.#saved)) return;
    this.#saved = record;
    this.#attempt(() => this.#house.store.saveKeeper(this.key, record));
  }

  #attempt(act: () => void, fault = "state cannot be written"): void {
    try {
      act();
    } catch (error) {
      this.#house.log.error(fault, { ...this.#job.fields(), error: messageOf(error) });
    }
  }
}
