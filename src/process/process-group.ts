import type { Cancel, Clock } from "../base/time.ts";

/** How long a program has to end itself before it is killed, where nothing else is asked for. */
const defaultGraceMs = 5_000;

/** How long a killed program may take to disappear; one that waits for a broken disk does not. */
const reapMs = 1_000;

/** How often it is looked who is left of a group whose leader has ended. */
const pollMs = 50;

/** A program that was started, as far as stopping it goes. */
export interface Leader {
  readonly pid: number;
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

/** How a group is stopped. */
export interface ProcessGroupOptions {
  readonly clock: Clock;
  readonly platform?: NodeJS.Platform;
  /** What asks it to end: SIGTERM when left out. */
  readonly signal?: NodeJS.Signals;
  /** How long it then has before it is killed: 5 s when left out. */
  readonly graceMs?: number;
}

/**
 * A program and all it has started that did not leave its process group. On Windows, where there are no such groups, it is
 * the program alone.
 */
export class ProcessGroup {
  readonly #leader: Leader;
  readonly #clock: Clock;
  readonly #isGroup: boolean;
  readonly #firstSignal: NodeJS.Signals;
  readonly #graceMs: number;
  #cancel: Cancel = () => undefined;
  #wasKilled = false;

  /** `leader` was started detached, which makes it the leader of a group of its own. */
  constructor(leader: Leader, options: ProcessGroupOptions) {
    const { clock, platform = process.platform, signal = "SIGTERM", graceMs = defaultGraceMs } = options;
    this.#leader = leader;
    this.#clock = clock;
    this.#isGroup = platform !== "win32";
    this.#firstSignal = signal;
    this.#graceMs = graceMs;
  }

  /** Somebody in it did not end in time, and was killed. */
  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  /**
   * Asks the group to end and kills what is left of it after its grace. Resolves when the leader has ended (what it has started
   * may have some seconds left), with false when it did not even after it was killed.
   */
  async stop(): Promise<boolean> {
    const gone = Promise.withResolvers<boolean>();
    this.#cancel = this.#clock.after(this.#graceMs, () => {
      this.kill();
      this.#cancel = this.#clock.after(reapMs, () => gone.resolve(false));
    });
    this.#signal(this.#firstSignal);
    const hasEnded = await Promise.race([this.#leader.exited.then(() => true), gone.promise]);
    // Whoever is left in the group keeps its number from being given to others before the kill.
    if (!this.#isAlive()) this.#cancel();
    return hasEnded;
  }

  /**
   * As {@link stop}, but resolves when nobody is left in the group, or all who were have been killed. Who ended and is not fetched by
   * its new parent counts as left: a container needs an init.
   */
  async stopAll(): Promise<boolean> {
    const hasEnded = await this.stop();
    while (hasEnded && !this.#wasKilled && this.#isAlive())
      await new Promise<void>((resolve) => void this.#clock.after(pollMs, resolve));
    if (hasEnded) this.#cancel();
    return hasEnded;
  }

  /** Kills everybody in it. Only while the leader lives, or is being stopped: its number may be another's later. */
  kill(): void {
    this.#wasKilled = this.#signal("SIGKILL") || this.#wasKilled;
  }

  #signal(signal: NodeJS.Signals): boolean {
    if (this.#isGroup) return sendTo(this.#leader.pid, signal);
    this.#leader.kill(signal);
    return true;
  }

  #isAlive(): boolean {
    return this.#isGroup && sendTo(this.#leader.pid, 0);
  }
}

/** Sends a signal to a whole group and says whether there was anybody. */
const sendTo = (group: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    // Nobody is left, or they are no longer ours.
    return false;
  }
};
