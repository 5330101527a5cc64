import type { Clock } from "../base/time.ts";

/** What this process takes of its machine. */
export class ProcessLoad {
  readonly #clock: Clock;
  #at: number;
  #cpuMicros: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
    this.#cpuMicros = cpuMicros();
  }

  /** Processor time since the last reading, in per cent of one core, and memory. */
  read(): { readonly cpuPercent: number; readonly memoryBytes: number } {
    const [at, micros] = [this.#clock.now(), cpuMicros()];
    const elapsedMs = at - this.#at;
    const cpuPercent = elapsedMs > 0 ? (micros - this.#cpuMicros) / elapsedMs / 10 : 0;
    this.#at = at;
    this.#cpuMicros = micros;
    return { cpuPercent: Math.round(cpuPercent * 10) / 10, memoryBytes: process.memoryUsage.rss() };
  }
}

const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
