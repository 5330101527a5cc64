/** Small steps in one turn of the event loop: well below a millisecond. */
const stepsPerTurn = 128;

/** Cuts long work into turns, so that others get through between them. */
export class Pace {
  #steps = 0;

  /** One small step is done; waits for the next turn where that was enough. */
  async step(): Promise<void> {
    this.#steps++;
    if (this.#steps % stepsPerTurn === 0) await this.turn();
  }

  /** Waits for the next turn. */
  turn(): Promise<void> {
    return new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
