import { WireError } from "../base/errors.ts";

/** How far a connection has come. */
export type Stage = "handshake" | "connect" | "command" | "media";

/** How long a connection may stay in a stage, in milliseconds. Media has no limit of its own. */
export interface StageLimits {
  readonly handshake: number;
  readonly connect: number;
  readonly command: number;
}

/** Deadlines that every known client keeps with room to spare. */
export const defaultStageLimits: StageLimits = { handshake: 10_000, connect: 10_000, command: 15_000 };

const missing = {
  handshake: "complete handshake",
  connect: "connect command",
  command: "publish or play command",
} as const;

/** Measures how long a connection has been in its stage. Bytes do not reset it, so a peer that dribbles is no better off. */
export class StageClock {
  readonly #limits: StageLimits;
  #stage: Stage | undefined;
  #since = 0;

  constructor(limits: StageLimits) {
    this.#limits = limits;
  }

  /**
   * Notes the stage at `now`, in milliseconds.
   * @throws WireError HANDSHAKE_TIMEOUT, STAGE_TIMEOUT when it has lasted too long
   */
  check(stage: Stage, now: number): void {
    if (stage !== this.#stage) {
      this.#stage = stage;
      this.#since = now;
    }
    if (stage === "media") return;
    const waited = now - this.#since;
    if (waited < this.#limits[stage]) return;
    const code = stage === "handshake" ? "HANDSHAKE_TIMEOUT" : "STAGE_TIMEOUT";
    throw new WireError(
      code,
      `no ${missing[stage]} after ${Math.round(waited)} ms, expected within ${this.#limits[stage]} ms`,
    );
  }
}
