import { RefusedError, WireError } from "../../src/base/errors.ts";

/** The code of the `WireError` or `RefusedError` that `run` throws; undefined when it does not. Lets every other error pass. */
export const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof WireError || error instanceof RefusedError) return error.code;
    throw error;
  }
};
