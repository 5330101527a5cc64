/** What counts lies no further back than about this, in seconds. */
const memorySeconds = 4;

/** The rate of something that comes in pieces of all sizes: a part with a key frame has many times the bytes of the next one. */
export class MeanRate {
  #kbps: number | undefined;
  #seconds = 0;

  /** In kbit/s; undefined before the first piece. */
  get kbps(): number | undefined {
    return this.#kbps;
  }

  /** Takes a piece of so many bytes that lasts so many seconds. */
  note(bytes: number, seconds: number): void {
    if (!(seconds > 0)) return;
    this.#seconds = Math.min(memorySeconds, this.#seconds + seconds);
    const now = (bytes * 8) / 1_000 / seconds;
    const before = this.#kbps ?? now;
    this.#kbps = before + (now - before) * Math.min(1, seconds / this.#seconds);
  }
}
