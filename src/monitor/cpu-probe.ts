import { availableParallelism } from "node:os";
import type { Clock } from "../base/time.ts";

/** Measures how much of the cores that it may use this process takes. */
export class CpuProbe {
  readonly #clock: Clock;
  readonly #usedMicroseconds: () => number;
  #used: number | undefined;
  #at = 0;

  /** `usedMicroseconds` gives the CPU time of this process so far. */
  constructor(clock: Clock, usedMicroseconds: () => number = ownMicroseconds) {
    this.#clock = clock;
    this.#usedMicroseconds = usedMicroseconds;
  }

  /** Per cent of `cores` since the last call; undefined at the first. Without `cores` those of the machine count. */
  read(cores: number | undefined): number | undefined {
    const now = this.#clock.now();
    const used = this.#usedMicroseconds();
    const elapsedMs = now - this.#at;
    const before = this.#used;
    this.#at = now;
    this.#used = used;
    if (before === undefined || elapsedMs <= 0) return undefined;
    const machine = availableParallelism();
    return (used - before) / 10 / elapsedMs / Math.min(cores ?? machine, machine);
  }
}

const ownMicroseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
