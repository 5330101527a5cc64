import { ConfigError } from "../../base/errors.ts";

/** A change of the configuration that cannot be made: what was asked for is wrong, or about a path that is not there. */
export class ConfigChangeError extends ConfigError {
  readonly code: "INVALID" | "NOT_FOUND";

  constructor(code: "INVALID" | "NOT_FOUND", message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
