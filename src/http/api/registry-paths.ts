import { RefusedError } from "../../base/errors.ts";
import { parseStreamPath } from "../../base/stream-path.ts";
import type { Registry } from "../../stream/registry.ts";
import type { Stream } from "../../stream/stream.ts";
import type { PathObject } from "./objects.ts";
import { idlePathObject, pathObject } from "./path-object.ts";
import type { PathsPort } from "./paths.ts";

/** Where {@link RegistryPaths} finds paths. */
export interface RegistryPathsOptions {
  readonly registry: Pick<Registry, "streams" | "find">;
  /** Entries of the configuration whose names are no patterns: they are there whether anybody uses them or not. */
  readonly configured: Iterable<string> & { has(name: string): boolean };
}

/** The paths that are configured by name, and those of streams. */
export class RegistryPaths implements PathsPort {
  readonly #registry: RegistryPathsOptions["registry"];
  readonly #configured: RegistryPathsOptions["configured"];

  constructor({ registry, configured }: RegistryPathsOptions) {
    this.#registry = registry;
    this.#configured = configured;
  }

  names(): readonly string[] {
    const names = new Set(this.#configured);
    for (const { path } of this.#registry.streams) names.add(path);
    // By code unit: the same on every machine, and far cheaper than by a locale.
    return [...names].sort();
  }

  find(name: string): PathObject | undefined {
    const stream = this.#streamOf(name);
    if (stream) return pathObject(stream);
    return this.#configured.has(name) ? idlePathObject(name, name) : undefined;
  }

  kick(name: string): boolean {
    const stream = this.#streamOf(name);
    if (!stream?.publication) return false;
    stream.evict("kicked");
    return true;
  }

  /** A text that can name no stream names none that is there. */
  #streamOf(name: string): Stream | undefined {
    try {
      return this.#registry.find(parseStreamPath(name));
    } catch (error) {
      if (error instanceof RefusedError) return undefined;
      throw error;
    }
  }
}
