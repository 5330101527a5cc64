import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigChanges, changesBetween } from "../../../src/config/server/changes-between.ts";
import { readConfig, readServerFlags } from "../../../src/config/server/config.ts";
import { LiveConfig } from "../../../src/config/server/live-config.ts";
import { type HookFile, hooksSection } from "../../../src/hooks/settings/hook-file.ts";
import { FakeClock } from "../../base/fake-clock.ts";

/** What a {@link LiveHouse} is started with. */
export interface LiveHouseOptions {
  /** The content of the configuration file; without it there is none. */
  readonly file?: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A configuration that changes, with its file in a folder of its own and a clock that stands still. */
export class LiveHouse implements Disposable {
  readonly clock = new FakeClock();
  readonly folder = mkdtempSync(join(tmpdir(), "live-config-"));
  readonly file = join(this.folder, "f.yml");
  /** What was applied, as far as it differs from what was before. */
  readonly applied: ConfigChanges[] = [];
  readonly rejected: string[] = [];
  readonly reloaded: ConfigChanges[] = [];
  /** What changed through the API. */
  readonly changed: ConfigChanges[] = [];
  readonly #options: LiveHouseOptions;
  /** Thrown by the applier, where it is set. */
  failure: Error | undefined;
  live: LiveConfig<HookFile>;

  constructor(options: LiveHouseOptions = {}) {
    this.#options = options;
    if (options.file !== undefined) this.write(options.file);
    this.live = this.#open();
  }

  /** `$DIR` in the text is the folder. */
  write(text: string): void {
    writeFileSync(this.file, text.replaceAll("$DIR", this.folder));
  }

  /** What a server that is started again would have. */
  restart(): void {
    this.live.close();
    this.live = this.#open();
  }

  /** Lets time pass until something is done. */
  async settle<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = promise.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      this.clock.advance(100);
    }
    return done;
  }

  /** Writes the file and has it read, as SIGHUP does. */
  async edit(text: string): Promise<void> {
    this.write(text);
    await this.settle(this.live.reload());
  }

  #open(): LiveConfig<HookFile> {
    const { file, flags = [], environment = {} } = this.#options;
    const args = [...flags, ...(file === undefined ? [] : ["--config", this.file])];
    const config = readConfig(readServerFlags(args), { environment, hooks: hooksSection });
    const live = new LiveConfig(config, { clock: this.clock });
    live.onApply((now, before) => {
      if (this.failure) throw this.failure;
      this.applied.push(changesBetween(before.server, now.server));
    });
    live.onReloaded((changes) => this.reloaded.push(changes));
    live.onChanged((changes) => this.changed.push(changes));
    live.onRejected((message) => this.rejected.push(message.replaceAll(this.folder, "")));
    return live;
  }

  [Symbol.dispose](): void {
    this.live.close();
    rmSync(this.folder, { recursive: true });
  }
}
