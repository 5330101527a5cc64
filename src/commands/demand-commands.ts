import type { Cancel, Clock } from "../base/time.ts";
import type { DomainEvent } from "../stream/event.ts";
import { OnDemand } from "./on-demand.ts";
import { type PathLookup, pathTask } from "./path-task.ts";
import type { Starter } from "./task.ts";

/** Until a command that brought nothing in time is tried again, where readers still wait. */
const retryMs = 5_000;

/** What a stream that readers stay for has beyond the time that its publisher has to come back. */
const marginMs = 100;

/**
 * The commands that are to bring streams somebody wants: `runOnDemand`, and `runOnUnDemand` after it. One is started when somebody
 * wants a stream that nobody publishes. Who still waits when it brought nothing, or stays when another publisher has left for good,
 * makes it start as well: such a reader wants the stream all the time, so that no event tells of it.
 */
export class DemandCommands {
  readonly #starter: Starter;
  readonly #lookup: PathLookup;
  readonly #clock: Clock;
  /** Streams that somebody wants, with the query of who was first. */
  readonly #wanted = new Map<string, string>();
  readonly #published = new Set<string>();
  readonly #running = new Map<string, OnDemand>();
  readonly #retries = new Map<string, Cancel>();

  constructor({ starter, lookup, clock }: { starter: Starter; lookup: PathLookup; clock: Clock }) {
    this.#starter = starter;
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /** Takes what happens: streams that are wanted, and published, or no more. */
  take(event: DomainEvent): void {
    switch (event.kind) {
      case "demandChanged":
        if (event.isWanted) this.#want(event.path, event.query);
        else this.#forget(event.path);
        break;
      case "publishStarted":
        this.#published.add(event.path);
        this.#cancelRetry(event.path);
        this.#running.get(event.path)?.setPublished(true);
        break;
      case "publishStopped":
        this.#published.delete(event.path);
        this.#running.get(event.path)?.setPublished(false);
        this.#retryIn(this.#lookup.config().republishGrace + marginMs, event.path);
    }
  }

  /** Everything ends. */
  close(): void {
    for (const path of [...this.#retries.keys()]) this.#cancelRetry(path);
    this.#wanted.clear();
    for (const demand of [...this.#running.values()]) demand.end("path destroyed");
  }

  #want(path: string, query: string): void {
    this.#wanted.set(path, query);
    this.#running.get(path)?.setWanted(true);
    this.#startIfDue(path);
  }

  #forget(path: string): void {
    this.#wanted.delete(path);
    this.#cancelRetry(path);
    this.#running.get(path)?.setWanted(false);
  }

  #startIfDue(path: string): void {
    const query = this.#wanted.get(path);
    if (query === undefined || this.#published.has(path) || this.#running.has(path)) return;
    this.#cancelRetry(path);
    const found = this.#lookup.find(path);
    if (!found || found.conf.runOnDemand === "") return;
    const { runOnDemandStartTimeout: startTimeoutMs, runOnDemandCloseAfter: closeAfterMs } = found.conf;
    const about = { path, found, rtspAddress: this.#lookup.config().rtspAddress, query };
    const command = this.#starter.start(pathTask("runOnDemand", about));
    const closing = pathTask("runOnUnDemand", about);
    const end = (reason: string): void => {
      this.#running.delete(path);
      command.stop(reason);
      if (closing.line !== "") this.#starter.launch(closing);
      this.#retryIn(retryMs, path);
    };
    this.#running.set(path, new OnDemand({ startTimeoutMs, closeAfterMs }, { clock: this.#clock, end }));
  }

  /** Looks again later, where there is somebody for whom to. */
  #retryIn(delayMs: number, path: string): void {
    if (!this.#wanted.has(path) || this.#running.has(path) || this.#retries.has(path)) return;
    this.#retries.set(
      path,
      this.#clock.after(delayMs, () => {
        this.#retries.delete(path);
        this.#startIfDue(path);
      }),
    );
  }

  #cancelRetry(path: string): void {
    this.#retries.get(path)?.();
    this.#retries.delete(path);
  }
}
