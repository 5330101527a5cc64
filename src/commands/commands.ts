import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { FoundPath } from "../config/server/path-lookup.ts";
import type { ServerConfig } from "../config/server/server-config.ts";
import type { DomainEvent } from "../stream/event.ts";
import { ConnectionCommands } from "./connection-commands.ts";
import { DemandCommands } from "./demand-commands.ts";
import { InitCommands } from "./init-commands.ts";
import { Launcher } from "./launcher.ts";
import { PathCommands } from "./path-commands.ts";

/** What {@link Commands} are made of. */
export interface CommandsOptions {
  /** What holds at the moment. */
  readonly config: () => ServerConfig;
  /** What holds for a path at the moment. */
  readonly find: (path: string) => FoundPath | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** The environment that commands get; that of this process when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The commands of the configuration, `runOn…`: runs them when what they stand for happens. They decide nothing, and nobody waits for
 * them. What runs goes on as it was started when the configuration changes, but for `runOnInit`.
 */
export class Commands {
  readonly #launcher: Launcher;
  readonly #connections: ConnectionCommands;
  readonly #paths: PathCommands;
  readonly #demands: DemandCommands;
  readonly #inits: InitCommands;
  #isClosed = false;

  /** Nothing is started before {@link configure} or {@link take}. */
  constructor({ config, find, clock, log, env }: CommandsOptions) {
    const starter = new Launcher({ clock, log, ...(env ? { env } : {}) });
    const lookup = { config, find };
    this.#launcher = starter;
    this.#connections = new ConnectionCommands({ starter, config });
    this.#paths = new PathCommands({ starter, lookup });
    this.#demands = new DemandCommands({ starter, lookup, clock });
    this.#inits = new InitCommands({ starter });
  }

  /** Takes whatever happens, in its order. Programs are started in a later turn of the event loop. */
  take(event: DomainEvent): void {
    if (this.#isClosed) return;
    this.#connections.take(event);
    this.#paths.take(event);
    this.#demands.take(event);
  }

  /** To be called with the first configuration, and with each that holds from then on. */
  configure(now: ServerConfig): void {
    if (!this.#isClosed) this.#inits.configure(now);
  }

  /**
   * Ends everything: what runs is asked to end, commands of ends that are still due are run. Resolves when all have ended; after ten
   * seconds they are killed, after twelve nobody is waited for. To be called after streams and recordings have ended.
   */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#connections.close();
      this.#paths.close();
      this.#demands.close();
      this.#inits.close();
    }
    return this.#launcher.close();
  }
}
