/**
 * Values by key, of which the old ones are forgotten: in two generations, so that nothing has to be searched. What was set since
 * the last but one {@link age} is still there, the rest is gone.
 */
export class Recent<Value> {
  readonly #maxKeys: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** A generation that has `maxKeys` keys ages at once: never more than twice as many are remembered. */
  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** How many keys are remembered, at most: one that is in both generations counts twice. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The value of `key`; undefined where there is none, or none any more. */
  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  /** Sets the value of `key`, which is of the young generation from now on. */
  set(key: string, value: Value): void {
    if (this.#young.size >= this.#maxKeys && !this.#young.has(key)) this.age();
    this.#young.set(key, value);
  }

  /** Forgets `key`; true where it was remembered. */
  delete(key: string): boolean {
    const wasYoung = this.#young.delete(key);
    return this.#old.delete(key) || wasYoung;
  }

  /** Forgets what was old, and lets the young generation be old. */
  age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }
}
