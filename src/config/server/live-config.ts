import { messageOf, RefusedError } from "../../base/errors.ts";
import { type Clock, systemClock } from "../../base/time.ts";
import type { Mapping } from "../document.ts";
import { FileWatch } from "../file-watch.ts";
import { type ApiChanges, noChanges } from "./api-changes.ts";
import { prepareChanges } from "./change-file.ts";
import { type ConfigChanges, changesBetween, countOf } from "./changes-between.ts";
import { type Config, withKeptChanges, withSource } from "./config.ts";
import * as edit from "./config-edits.ts";
import { writeGlobal, writePath } from "./effective.ts";
import type { ServerConfig } from "./server-config.ts";

/** How a {@link LiveConfig} works. */
export interface LiveConfigOptions {
  readonly clock?: Clock;
  /** Time between two looks at the file, in milliseconds. */
  readonly pollMs?: number;
}

/** What became of the configuration file since the start. */
export interface ConfigReloads {
  readonly done: number;
  readonly rejected: number;
  /** Unix time in milliseconds at which the configuration in force came into force: by the file, the API or the start. */
  readonly lastAt: number;
  /** Unix time in milliseconds of the last time that the file was read again. */
  readonly lastReadAt: number | undefined;
  /** Why the file could not be used then; empty where it could. */
  readonly lastError: string;
}

/**
 * Makes a configuration the one in force. What it throws is told to whoever wanted the change; the configuration before stays in force, and
 * whatever was done of the new one is the applier's to undo.
 */
export type Apply<Hooks> = (now: Config<Hooks>, before: Config<Hooks>) => void | Promise<void>;

/**
 * The configuration in force, which changes while the server runs: when its file does, and through the API. A change is read as a whole
 * and applied before it is answered, one after the other; one that cannot be used changes nothing.
 *
 * What the API changes lies on top of file, environment and flags. An edit of the file replaces it, unless `configPersist` keeps it.
 */
export class LiveConfig<Hooks = never> {
  readonly #clock: Clock;
  readonly #watch: FileWatch | undefined;
  readonly #reloaded = new Set<(changes: ConfigChanges) => void>();
  readonly #rejected = new Set<(message: string) => void>();
  readonly #changed = new Set<(changes: ConfigChanges) => void>();
  #config: Config<Hooks>;
  #apply: Apply<Hooks> = () => undefined;
  #reloads: ConfigReloads;
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(config: Config<Hooks>, { clock = systemClock, pollMs = 1_000 }: LiveConfigOptions = {}) {
    this.#config = config;
    this.#clock = clock;
    this.#reloads = {
      done: 0,
      rejected: 0,
      lastAt: this.#now,
      lastReadAt: undefined,
      lastError: "",
    };
    const { text, name } = config.source;
    if (text !== undefined && name !== undefined)
      this.#watch = new FileWatch({
        path: name,
        text,
        onChange: (changed) => {
          // Refused while the server stops, and then nobody cares.
          this.#enqueue(() => this.#reload(changed)).catch(() => undefined);
        },
        onError: (error) => this.#reject(error),
        clock,
        pollMs,
      });
  }

  /** What is in force, with who said what. */
  get config(): Config<Hooks> {
    return this.#config;
  }

  /** What is in force. */
  get current(): ServerConfig<Hooks> {
    return this.#config.server;
  }

  /** How often the file was read again. */
  get reloads(): ConfigReloads {
    return this.#reloads;
  }

  /** Has every change applied by `apply` from now on; there is one applier. */
  onApply(apply: Apply<Hooks>): void {
    this.#apply = apply;
  }

  /** Calls `listener` when the file was read again and is in force; with what that changed, which may be nothing. */
  onReloaded(listener: (changes: ConfigChanges) => void): void {
    this.#reloaded.add(listener);
  }

  /** Calls `listener` with a line for each fault when the file cannot be used as it is now. */
  onRejected(listener: (message: string) => void): void {
    this.#rejected.add(listener);
  }

  /** Calls `listener` when a change through the API is in force; with what that changed, which may be nothing. */
  onChanged(listener: (changes: ConfigChanges) => void): void {
    this.#changed.add(listener);
  }

  /** Reads the file again, now, and ends when that is done; a bad file is told to `onRejected`. Gives false where there is no file. */
  async reload(): Promise<boolean> {
    await this.#watch?.check();
    await this.#queue;
    return this.#watch !== undefined;
  }

  /** Nothing changes any more: the server stops. */
  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
  }

  /** The keys at the top, as the API gives them. */
  globalView(): Mapping {
    return writeGlobal(this.current, { redacted: true });
  }

  /** `pathDefaults`, as the API gives them. */
  pathDefaultsView(): Mapping {
    return writePath(this.current.pathDefaults, { redacted: true });
  }

  /** An entry of `paths` with what `pathDefaults` say, as the API gives it; undefined where there is none. */
  pathView(name: string): Mapping | undefined {
    const { paths } = this.current;
    const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
    return path && writePath(path, { redacted: true });
  }

  /** The entries of `paths`, in the order of their names. */
  pathNames(): readonly string[] {
    return Object.keys(this.current.paths).sort();
  }

  /**
   * Changes keys at the top, as do the methods below what they are called after.
   * @throws ConfigChangeError for what cannot be used; TransportError DISK where `configPersist` cannot be written; what the applier throws
   */
  patchGlobal(body: unknown): Promise<void> {
    return this.#change((server, changes) => edit.patchGlobal(server, changes, body));
  }

  patchPathDefaults(body: unknown): Promise<void> {
    return this.#change((server, changes) => edit.patchPathDefaults(server, changes, body));
  }

  /** Refuses a path that is there already. */
  addPath(name: string, body: unknown): Promise<void> {
    return this.#change((server, changes) => edit.addPath(server, changes, { name, body }));
  }

  patchPath(name: string, body: unknown): Promise<void> {
    return this.#change((server, changes) => edit.patchPath(server, changes, { name, body }));
  }

  /** Makes a path, or makes it anew: what it said before is forgotten. */
  replacePath(name: string, body: unknown): Promise<void> {
    return this.#change((server, changes) => edit.replacePath(server, changes, { name, body }));
  }

  deletePath(name: string): Promise<void> {
    return this.#change((server, changes) => edit.deletePath(server, changes, name));
  }

  #enqueue<Value>(job: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(() => {
      if (this.#isClosed) throw new RefusedError("SHUTTING_DOWN", "the server is shutting down");
      return job();
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  get #changes(): ApiChanges {
    return this.#config.source.changes?.made ?? noChanges;
  }

  #change(make: (server: ServerConfig, changes: ApiChanges) => ApiChanges): Promise<void> {
    return this.#enqueue(async () => {
      const made = make(this.current, this.#changes);
      if (Bun.deepEquals(made, this.#changes)) return;
      const before = this.current;
      const source = { ...this.#config.source, changes: { made, name: "" } };
      const now = edit.asChange(() => withSource(this.#config, source));
      const { configPersist } = this.current;
      const kept = configPersist === "" ? undefined : await prepareChanges(configPersist, made);
      try {
        await this.#put(now);
      } catch (error) {
        await kept?.discard();
        throw error;
      }
      const changes = changesBetween(before, this.current);
      for (const listener of this.#changed) listener(changes);
      await kept?.commit();
    });
  }

  async #reload(text: string): Promise<void> {
    const before = this.#config;
    try {
      await this.#put(this.#reread(text));
    } catch (error) {
      this.#reject(error);
      return;
    }
    this.#reloads = {
      ...this.#reloads,
      done: this.#reloads.done + 1,
      lastAt: this.#now,
      lastReadAt: this.#now,
      lastError: "",
    };
    const changes = changesBetween(before.server, this.current);
    for (const listener of this.#reloaded) listener(changes);
  }

  /** What the text of the file means now. Changes of the API that are kept stay in force over it. */
  #reread(text: string): Config<Hooks> {
    const { changes: _, ...rest } = this.#config.source;
    const plain = withSource(this.#config, { ...rest, text });
    const { configPersist: name } = plain.server;
    if (name === "" || name !== this.current.configPersist) return withKeptChanges(plain);
    return withSource(plain, { ...plain.source, changes: { made: this.#changes, name } });
  }

  /** @throws what the applier throws, and then nothing has changed */
  async #put(now: Config<Hooks>): Promise<void> {
    const before = this.#config;
    if (countOf(changesBetween(before.server, now.server)) > 0) await this.#apply(now, before);
    this.#config = now;
    this.#reloads = { ...this.#reloads, lastAt: this.#now };
  }

  get #now(): number {
    return this.#clock.date().getTime();
  }

  #reject(error: unknown): void {
    const lastError = messageOf(error);
    const rejected = this.#reloads.rejected + 1;
    this.#reloads = { ...this.#reloads, rejected, lastReadAt: this.#now, lastError };
    for (const listener of this.#rejected) listener(lastError);
  }
}
