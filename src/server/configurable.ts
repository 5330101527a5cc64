import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { RunConfig } from "./run-config.ts";

/** A part of the server that follows the configuration. */
export interface Configurable {
  /** What it is called in the log. */
  readonly name: string;
  /**
   * Makes a configuration the one that this part goes by. Called again with one that says the same to it, it does nothing.
   * @throws ConfigError, TransportError for one that cannot be used; then it goes by the one before
   */
  configure(config: RunConfig): void;
}

/**
 * Has all parts go by another configuration, in their order. Where one cannot, those before it go back to the one of before.
 * @throws what the part threw
 */
export const reconfigure = (
  parts: readonly Configurable[],
  { now, before, log }: { now: RunConfig; before: RunConfig; log: Logger },
): void => {
  const done: Configurable[] = [];
  for (const part of parts) {
    // The one that refuses may have done a part of it.
    done.push(part);
    try {
      part.configure(now);
    } catch (error) {
      for (const each of done) restore(each, { before, log });
      throw error;
    }
  }
};

const restore = (part: Configurable, { before, log }: { before: RunConfig; log: Logger }): void => {
  try {
    part.configure(before);
  } catch (error) {
    log.error("a part of the server does not find back to its configuration", {
      part: part.name,
      error: messageOf(error),
    });
  }
};
