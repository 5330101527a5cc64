/** A round that is under way, and the one behind it. */
interface Turn {
  readonly now: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Work that brings something up to date, by a key: a round at a time. Whoever asks during a round gets the next one, which all who ask by then
 * share: the one that runs may have passed already what they ask about.
 */
export class Rounds {
  readonly #turns = new Map<string, Turn>();

  /** Resolves when a round is over that began after this call. Rejects as `work` does. */
  run(key: string, work: () => Promise<void>): Promise<void> {
    const turn = this.#turns.get(key);
    if (!turn) return this.#begin(key, work);
    turn.next ??= turn.now.catch(() => undefined).then(() => this.#begin(key, work));
    return turn.next;
  }

  /** Whether a round is under way. */
  isRunning(key: string): boolean {
    return this.#turns.has(key);
  }

  #begin(key: string, work: () => Promise<void>): Promise<void> {
    const now = Promise.resolve()
      .then(work)
      .finally(() => {
        if (this.#turns.get(key)?.now === now) this.#turns.delete(key);
      });
    this.#turns.set(key, { now, next: undefined });
    return now;
  }
}
