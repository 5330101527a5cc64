import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { RunConfig } from "./run-config.ts";

/** A part of the server that follows the configuration. */
export interface Configurable {
  /** What it is called in the log. */
  readonly name: string;
  /**
   * Gives up what it will have no more, so that another part may have it; {@link configure} follows.
   * @throws ConfigError for a configuration that cannot be used
   */
  release?(config: RunConfig): void;
  /**
   * Makes a configuration the one that this part goes by. Called again with one that says the same to it, it does nothing.
   * @throws ConfigError, TransportError for one that cannot be used; then it goes by the one before
   */
  configure(config: RunConfig): void;
}

/**
 * Has all parts go by another configuration, in their order. Where one cannot, those that have begun to go back to the one of before.
 * @throws what the part threw
 */
export const reconfigure = (
  parts: readonly Configurable[],
  { now, before, log }: { now: RunConfig; before: RunConfig; log: Logger },
): void => {
  const touched = new Set<Configurable>();
  try {
    for (const part of parts) {
      if (!part.release) continue;
      touched.add(part);
      part.release(now);
    }
    for (const part of parts) {
      part.configure(now);
      touched.add(part);
    }
  } catch (error) {
    restore(
      parts.filter((part) => touched.has(part)),
      { before, log },
    );
    throw error;
  }
};

const restore = (
  parts: readonly Configurable[],
  { before, log }: { before: RunConfig; log: Logger },
): void => {
  const attempt = (part: Configurable, run: () => void): void => {
    try {
      run();
    } catch (error) {
      log.error("a part of the server does not find back to its configuration", {
        part: part.name,
        error: messageOf(error),
      });
    }
  };
  for (const part of parts) attempt(part, () => part.release?.(before));
  for (const part of parts) attempt(part, () => part.configure(before));
};
