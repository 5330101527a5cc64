import { ConfigError } from "../base/errors.ts";
import type { RunConfig } from "./run-config.ts";

/** Uses what a key holds; a fault of the operator's gets the place of the key in front. @throws ConfigError */
export const atKey = <Value>({ faultAt }: RunConfig, key: string, use: () => Value): Value => {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(faultAt([key], error.message), { cause: error });
  }
};
