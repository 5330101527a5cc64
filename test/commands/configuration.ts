import type { PathLookup } from "../../src/commands/path-task.ts";
import { loadServerConfig } from "../../src/config/server/load.ts";
import { findPathConfig } from "../../src/config/server/path-lookup.ts";
import type { ServerConfig } from "../../src/config/server/server-config.ts";

/** A configuration file, read. */
export const configOf = (text: string): ServerConfig =>
  loadServerConfig({ text, name: "f", environment: {} }).config;

/** A configuration that a test may replace, and what is found in it. */
export class Configuration implements PathLookup {
  now: ServerConfig;
  /** How often something was looked up. */
  lookups = 0;

  constructor(text: string) {
    this.now = configOf(text);
  }

  readonly config = (): ServerConfig => this.now;

  readonly find = (path: string): ReturnType<typeof findPathConfig> => {
    this.lookups++;
    return findPathConfig(this.now, path);
  };
}
