import { WireError, type WireErrorCode } from "../../src/base/errors.ts";

/** The code of the `WireError` that `run` throws; undefined when it does not. Lets every other error pass. */
export const codeOf = (run: () => unknown): WireErrorCode | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
};
