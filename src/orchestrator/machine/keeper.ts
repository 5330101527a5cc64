/** How a process is kept running. All in milliseconds. */
export interface KeeperPolicy {
  /** The pauses before a restart: doubled from the first to the longest. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A process that did its work for so long begins with the first pause again. */
  readonly healthyMs: number;
  /** So many failures within so long, and it is given up; without it never. */
  readonly giveUp?: { readonly failures: number; readonly withinMs: number };
  /** What is done within so long of being started, or of its source, before it counts as failed; without it nothing is waited for. */
  readonly readyMs?: number;
  /** Spreads a pause; the pause itself where left out. */
  readonly spread?: (ms: number) => number;
}

/**
 * What is wanted of a process.
 *
 * - `run`: it runs, and is started again
 * - `keep`: it goes on where it runs, and is not started
 * - `end`: it does not run
 */
export type Want = "run" | "keep" | "end";

/** How a process ended. */
export type ExitKind =
  /** By itself, and it may be tried again. */
  | "failure"
  /** To start it again would do no good. */
  | "hopeless";

/** What a process is doing. `unready` runs, but does not do its work yet. */
export type Phase = "none" | "unready" | "ready" | "stopping" | "waiting" | "failed";

/** What is to be done now. */
export type Deed = "start" | "stop" | undefined;

/** A {@link Keeper} as it is kept. Times are Unix time in milliseconds. */
export interface KeeperRecord {
  readonly phase: Phase;
  /** When the phase began. */
  readonly since: number;
  /** When a pause is over. */
  readonly until: number | undefined;
  /** Failures since it was healthy. */
  readonly streak: number;
  /** When it failed, as far as that counts. */
  readonly failures: readonly number[];
  /** Starts since it is wanted. */
  readonly starts: number;
  /** Why it ended, or was given up; empty for no reason. */
  readonly lastError: string;
}

/** Of a process that was never started. */
export const neverStarted: KeeperRecord = {
  phase: "none",
  since: 0,
  until: undefined,
  streak: 0,
  failures: [],
  starts: 0,
  lastError: "",
};

/** Whether a process only goes on to wait: nothing that the next one would have to know. */
export const isSamePause = (now: KeeperRecord, before: KeeperRecord): boolean =>
  now.phase === "waiting" &&
  before.phase === "waiting" &&
  now.streak === before.streak &&
  now.lastError === before.lastError;

/**
 * Decides when a process is started, stopped, and started again. It knows no process: whoever has one tells what happens, asks for the
 * {@link Keeper.deed}, does it, and tells that.
 *
 *   none ──start──▶ unready ──ready──▶ ready        (both "alive")
 *    ▲                 │ ended by itself │
 *    │                 ▼                 ▼
 *    ├──────────── waiting ──pause over──▶ start, or failed after too many
 *    └─ stopping ◀── not wanted any more
 */
export class Keeper {
  readonly #policy: KeeperPolicy;
  #record: KeeperRecord;
  #want: Want = "end";
  /** It is stopped in order to be started anew. */
  #isReplaced = false;
  /** It is stopped for not doing its work. */
  #fault: string | undefined;
  /** What is known of its work, which may be there before it: it goes by a name that others may use too. */
  #doesWork = false;

  constructor(policy: KeeperPolicy, record: KeeperRecord = neverStarted) {
    this.#policy = policy;
    this.#record = record;
  }

  /** Goes on with what an earlier process has kept: a clock that was set back meanwhile makes no pause longer than it is. */
  static resume(policy: KeeperPolicy, record: KeeperRecord, now: number): Keeper {
    const { since, until, failures } = record;
    return new Keeper(policy, {
      ...record,
      since: Math.min(since, now),
      until: until === undefined ? undefined : Math.min(until, now + policy.longestPauseMs),
      failures: failures.map((at) => Math.min(at, now)),
    });
  }

  /** What is to be kept. */
  get record(): KeeperRecord {
    return this.#record;
  }

  get phase(): Phase {
    return this.#record.phase;
  }

  /** What is wanted of it. */
  get want(): Want {
    return this.#want;
  }

  /** There is a process. */
  get isAlive(): boolean {
    const { phase } = this.#record;
    return phase === "unready" || phase === "ready" || phase === "stopping";
  }

  /** When there will be something to do; undefined for never. */
  get deadline(): number | undefined {
    return this.#record.phase === "waiting" ? this.#record.until : undefined;
  }

  /** What is to be done now. Whoever does it says so with {@link started}, {@link ended} or {@link stopping}. */
  deed(now: number): Deed {
    const { phase, until = 0 } = this.#record;
    const isRunning = phase === "unready" || phase === "ready";
    if (isRunning) return this.#want === "end" || this.#isReplaced ? "stop" : undefined;
    if (this.#want !== "run") return undefined;
    return phase === "none" || (phase === "waiting" && now >= until) ? "start" : undefined;
  }

  /** Something else is wanted from now on. */
  wants(want: Want, now: number): void {
    const before = this.#want;
    this.#want = want;
    if (want !== "run" && this.#record.phase === "waiting") {
      // It most likely died of what makes it unwanted now, shortly before that was heard.
      const { failures, streak } = this.#record;
      const forgiven = failures.filter((_, index) => index < failures.length - 1);
      this.#enter("none", now, { failures: forgiven, streak: Math.max(0, streak - 1) });
    }
    if (want === "end" && this.#record.phase === "none") this.#rest(now);
    // Its work may only begin now.
    if (want === "run" && before !== "run" && this.#record.phase === "unready") this.#enter("unready", now);
  }

  /** It runs, for the first time or again. */
  started(now: number): void {
    this.#isReplaced = false;
    this.#fault = undefined;
    this.#enter(this.#firstPhase, now, { starts: this.#record.starts + 1 });
  }

  /** It is found running, by a process that has not started it. */
  adopted(now: number): void {
    this.#enter(this.#firstPhase, now);
  }

  /** It does its work, or does not any more. */
  works(doesWork: boolean, now: number): void {
    const { phase } = this.#record;
    this.#doesWork = doesWork;
    if (this.#policy.readyMs === undefined) return;
    if (doesWork && phase === "unready") this.#enter("ready", now, { lastError: "" });
    if (!doesWork && phase === "ready") {
      this.#endStreak(now);
      this.#enter("unready", now);
    }
  }

  /** Says whether it has done nothing for too long. Then it is to be stopped, which counts as a failure. */
  judge(now: number): boolean {
    const { readyMs } = this.#policy;
    const { phase, since } = this.#record;
    if (readyMs === undefined || phase !== "unready" || this.#want !== "run" || this.#isReplaced)
      return false;
    if (now - since < readyMs) return false;
    this.#fault = `did not do its work within ${Math.round(readyMs / 100) / 10} s`;
    this.#isReplaced = true;
    return true;
  }

  /** It was told to end. */
  stopping(now: number): void {
    this.#endStreak(now);
    this.#enter("stopping", now);
  }

  /** It has ended, or could not be started. */
  ended(kind: ExitKind, error: string, now: number): void {
    const { phase } = this.#record;
    const fault = this.#fault;
    const wasReplaced = this.#isReplaced;
    this.#isReplaced = false;
    this.#fault = undefined;
    if (phase === "ready") this.#endStreak(now);
    if (fault !== undefined && this.#want === "run") this.#fail(fault, now);
    else if (phase === "stopping" || wasReplaced || this.#want !== "run") this.#rest(now);
    else if (kind === "hopeless") this.#enter("failed", now, { lastError: error });
    else this.#fail(error, now);
  }

  /** There is no room for it now: it is tried again after a pause, which is nobody's failure. */
  postpone(why: string, now: number): void {
    this.#enter("waiting", now, { until: now + this.#policy.firstPauseMs, lastError: why });
  }

  /** It is to be stopped where it runs, and to be started at once, whatever has happened. */
  restart(now: number): void {
    const { phase } = this.#record;
    const clean = { streak: 0, failures: [] };
    if (phase === "unready" || phase === "ready") {
      this.#isReplaced = true;
      this.#record = { ...this.#record, ...clean };
    } else if (phase === "stopping") this.#record = { ...this.#record, ...clean };
    else this.#enter("none", now, clean);
  }

  /** Forgets that it was given up. */
  forgive(now: number): void {
    if (this.#record.phase === "failed") this.#enter("none", now, { streak: 0, failures: [], lastError: "" });
  }

  get #firstPhase(): Phase {
    return this.#policy.readyMs === undefined || this.#doesWork ? "ready" : "unready";
  }

  /** There is no process, and none is missing. */
  #rest(now: number): void {
    this.#enter("none", now, this.#want === "end" ? { starts: 0 } : {});
  }

  #fail(error: string, now: number): void {
    const { firstPauseMs, longestPauseMs, giveUp, spread = (ms) => ms } = this.#policy;
    const { streak, failures } = this.#record;
    const counted = giveUp ? [...failures.filter((at) => now - at < giveUp.withinMs), now] : [];
    if (giveUp && counted.length >= giveUp.failures) {
      this.#enter("failed", now, { lastError: error, failures: counted, streak: streak + 1 });
      return;
    }
    const pause = spread(Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(streak, 30)));
    this.#enter("waiting", now, {
      until: now + pause,
      streak: streak + 1,
      failures: counted,
      lastError: error,
    });
  }

  /** Who has been healthy for long enough begins anew. */
  #endStreak(now: number): void {
    const { phase, since } = this.#record;
    if (phase === "ready" && now - since >= this.#policy.healthyMs)
      this.#record = { ...this.#record, streak: 0, failures: [] };
  }

  #enter(phase: Phase, now: number, change: Partial<KeeperRecord> = {}): void {
    this.#record = { ...this.#record, until: undefined, ...change, phase, since: now };
  }
}
