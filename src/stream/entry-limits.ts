import type { RefusedError } from "../base/errors.ts";

/** Says which connections are too many; whoever counts those of one protocol may count those of others with them. */
export interface EntryLimits {
  /** A connection from `ip` begins. */
  enter(ip: string): { readonly kind: "welcome" | "refused" | "dropped"; readonly error?: RefusedError };
  /** A connection from `ip` that was not dropped is over. */
  leave(ip: string, end: { wasRefused: boolean }): void;
}
