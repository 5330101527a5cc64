/** Measures for how long a counter has stood still while it should be moving. */
export class Standstill {
  #count = 0;
  #since: number | undefined;

  /**
   * Notes the counter at `now` and gives for how long it has stood still since it was first seen so, in milliseconds: 0 while it
   * moves, or need not.
   */
  note(count: number, { shouldMove, now }: { shouldMove: boolean; now: number }): number {
    if (!shouldMove || count !== this.#count || this.#since === undefined) {
      this.#count = count;
      this.#since = shouldMove ? now : undefined;
      return 0;
    }
    return now - this.#since;
  }
}
