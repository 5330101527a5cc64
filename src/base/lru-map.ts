/** Values by key, of which those that nobody asked for longest are forgotten when there are too many. */
export class LruMap<Value> {
  readonly #maxKeys: number;
  /** The one that was not asked for longest comes first. */
  readonly #values = new Map<string, Value>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#values.size;
  }

  /** The value of `key`; undefined where there is none, or none any more. */
  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** Sets the value of `key`. */
  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size <= this.#maxKeys) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      return;
    }
  }

  /** Forgets `key`. */
  delete(key: string): void {
    this.#values.delete(key);
  }
}
