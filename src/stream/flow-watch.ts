/** The flows that are watched: those that bring frames. */
export type Flow = "audio" | "video";

/** A flow that brings nothing for this long has stopped, in milliseconds. */
const stoppedAfterMs = 5_000;

/** A change of one flow, and for how long it had brought nothing before, in milliseconds. */
export interface FlowChange {
  readonly flow: Flow;
  readonly isFlowing: boolean;
  readonly gapMs: number;
}

/** Knows which flows of a stream bring frames. A frame costs a comparison and a store. */
export class FlowWatch {
  readonly #lastAt: Record<Flow, number> = { audio: Number.NaN, video: Number.NaN };
  readonly #isFlowing: Record<Flow, boolean> = { audio: false, video: false };

  /** Notes a frame that came at `now`; gives the change where its flow begins, or begins again. */
  note(flow: Flow, now: number): FlowChange | undefined {
    const before = this.#lastAt[flow];
    this.#lastAt[flow] = now;
    if (this.#isFlowing[flow]) return undefined;
    this.#isFlowing[flow] = true;
    return { flow, isFlowing: true, gapMs: Number.isNaN(before) ? 0 : now - before };
  }

  /** Gives the flows that have stopped by `now`, each once. */
  stopped(now: number): FlowChange[] {
    const changes: FlowChange[] = [];
    for (const flow of ["audio", "video"] as const) {
      const gapMs = now - this.#lastAt[flow];
      if (!this.#isFlowing[flow] || gapMs < stoppedAfterMs) continue;
      this.#isFlowing[flow] = false;
      changes.push({ flow, isFlowing: false, gapMs });
    }
    return changes;
  }

  /** Forgets everything: another publisher begins. */
  clear(): void {
    for (const flow of ["audio", "video"] as const) {
      this.#lastAt[flow] = Number.NaN;
      this.#isFlowing[flow] = false;
    }
  }
}
