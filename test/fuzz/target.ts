import { ConfigError, RefusedError, WireError } from "../../src/base/errors.ts";

/** Something that reads bytes from anybody. */
export interface Target {
  readonly name: string;
  /** Good inputs to start from. */
  readonly seeds: () => Uint8Array[];
  /**
   * Reads an input that comes in pieces and says what came of it, in full. Targets that are not `sequential` get one piece.
   * @throws Error of any kind where an invariant does not hold
   */
  readonly read: (pieces: readonly Uint8Array[]) => Outcome;
  /** The outcome must not depend on where the pieces were cut. */
  readonly isSequential: boolean;
}

/** What came of an input. */
export interface Outcome {
  /** Everything that was read: must be the same for any cut. */
  readonly detail: string;
  /** What was reached, in few words: inputs that reach something new are worth keeping. */
  readonly reached: string;
}

/**
 * Runs `read` to its end or its first error. The classes a peer, our policy or an operator may cause become their code;
 * every other error is a finding and thrown on.
 */
export const errorCodeOf = (read: () => void): string => {
  try {
    read();
    return "";
  } catch (error) {
    if (error instanceof WireError || error instanceof RefusedError) return error.code;
    if (error instanceof ConfigError) return "CONFIG";
    throw error;
  }
};

/** Fails where `claim` does not hold. */
export const must = (claim: boolean, what: string): void => {
  if (!claim) throw new Error(`broken: ${what}`);
};

/** Different words, in order: what a run reached. */
export const reachedOf = (words: Iterable<string>): string => [...new Set(words)].sort().join(" ");
