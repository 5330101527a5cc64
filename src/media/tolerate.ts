import { WireError } from "../base/errors.ts";

/** What `read` gives, or undefined where the peer's bytes cannot be read. Every other error is ours and passes. */
export const tolerate = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
};
