/** Lets any number of requests wait for the same thing to change, at the cost of one promise. */
export class NextChange {
  #pending: PromiseWithResolvers<void> | undefined;

  /** Resolves when {@link tell} is called next. */
  get promise(): Promise<void> {
    this.#pending ??= Promise.withResolvers<void>();
    return this.#pending.promise;
  }

  /** It has changed. */
  tell(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve();
  }
}
