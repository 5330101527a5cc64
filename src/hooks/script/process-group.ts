import type { Cancel, Clock } from "../../base/time.ts";

/** How long a program has to end itself before it is killed. */
const graceMs = 5_000;

/** How long a killed program may take to disappear; one that waits for a broken disk does not. */
const reapMs = 1_000;

/** A program that was started, as far as stopping it goes. */
export interface Leader {
  readonly pid: number;
  readonly exited: Promise<number>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * A program and all it has started that did not leave its process group. On Windows, where there are no such groups, it is
 * the program alone.
 */
export class ProcessGroup {
  readonly #leader: Leader;
  readonly #clock: Clock;
  readonly #isGroup: boolean;

  /** `leader` was started detached, which makes it the leader of a group of its own. */
  constructor(leader: Leader, options: { clock: Clock; platform?: NodeJS.Platform }) {
    this.#leader = leader;
    this.#clock = options.clock;
    this.#isGroup = (options.platform ?? process.platform) !== "win32";
  }

  /**
   * Asks the group to end and kills what is left of it 5 s later. Resolves when the leader has ended (what it has started may
   * have some seconds left), with false when it did not even after it was killed.
   */
  async stop(): Promise<boolean> {
    const gone = Promise.withResolvers<boolean>();
    let cancel: Cancel = this.#clock.after(graceMs, () => {
      this.#signal("SIGKILL");
      cancel = this.#clock.after(reapMs, () => gone.resolve(false));
    });
    this.#signal("SIGTERM");
    const hasEnded = await Promise.race([this.#leader.exited.then(() => true), gone.promise]);
    // Whoever is left in the group keeps its number from being given to others before the kill.
    if (!this.#isAlive()) cancel();
    return hasEnded;
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#isGroup) this.#leader.kill(signal);
    else sendTo(this.#leader.pid, signal);
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
