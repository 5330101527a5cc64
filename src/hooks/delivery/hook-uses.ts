import type { Hook } from "./hook.ts";

/** Who executes what: a hook that was replaced is closed once its last execution has ended. */
export class HookUses {
  readonly #running = new Map<Hook, number>();
  readonly #retired = new Set<Hook>();
  readonly #failed: (hook: Hook, error: unknown) => void;

  /** `failed` is told of hooks that cannot be closed. */
  constructor(failed: (hook: Hook, error: unknown) => void) {
    this.#failed = failed;
  }

  /** An execution begins. */
  started(hook: Hook): void {
    this.#running.set(hook, (this.#running.get(hook) ?? 0) + 1);
  }

  /** An execution has ended. */
  ended(hook: Hook): void {
    const running = (this.#running.get(hook) ?? 0) - 1;
    if (running > 0) {
      this.#running.set(hook, running);
      return;
    }
    this.#running.delete(hook);
    if (this.#retired.delete(hook)) void this.#close(hook);
  }

  /** A hook that was retired is needed again. */
  keep(hook: Hook): void {
    this.#retired.delete(hook);
  }

  /** The hook gets nothing any more. Resolves when it is closed, or with what it runs still open. */
  async retire(hook: Hook): Promise<void> {
    if (this.#running.has(hook)) this.#retired.add(hook);
    else await this.#close(hook);
  }

  async #close(hook: Hook): Promise<void> {
    try {
      await hook.close?.();
    } catch (error) {
      this.#failed(hook, error);
    }
  }
}
