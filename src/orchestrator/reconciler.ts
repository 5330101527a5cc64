import { codeOf, messageOf } from "../base/errors.ts";
import type { Cancel } from "../base/time.ts";
import type { House } from "./house.ts";
import type { StreamId } from "./machine/path-template.ts";
import type { Plan, Side } from "./plan.ts";
import type { SeenPath, ServerPaths } from "./server-paths.ts";
import type { StreamKeeping } from "./stream-keeping.ts";

/** Which streams there are, and how one that is new is made. */
export interface Streams {
  all(): Iterable<StreamKeeping>;
  get(id: StreamId): StreamKeeping | undefined;
  /** The stream, made where it is not there. */
  open(id: StreamId): StreamKeeping;
}

/** How often the server is asked, and how often while something is expected to come soon. In milliseconds. */
const periodMs = 10_000;
const expectingMs = 1_000;

/** What became of the last time that the server was asked. */
export interface ServerState {
  /** Undefined before the first time. */
  readonly isReachable: boolean | undefined;
  /** When it last answered, in Unix milliseconds. */
  readonly answeredAt: number | undefined;
  /** Why it does not; empty where it does. */
  readonly error: string;
}

/**
 * Asks the media server again and again which paths are ready, and makes up for events that never came. While it does not answer nothing
 * changes. What was heard since it was asked counts more than its answer.
 */
export class Reconciler {
  readonly #house: House;
  readonly #plan: Plan;
  readonly #paths: ServerPaths;
  readonly #streams: Streams;
  #state: ServerState = { isReachable: undefined, answeredAt: undefined, error: "" };
  #askedAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  #isStopped = false;
  /** Sources of which nothing was known the last time: their events, which say more, are most likely on their way. */
  #newcomers: ReadonlySet<string> = new Set();
  #cancel: Cancel = () => undefined;

  constructor(parts: { house: House; plan: Plan; paths: ServerPaths; streams: Streams }) {
    this.#house = parts.house;
    this.#plan = parts.plan;
    this.#paths = parts.paths;
    this.#streams = parts.streams;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Begins to ask, at once for the first time. */
  start(): void {
    this.#cancel = this.#house.clock.every(expectingMs, () => this.#tick());
    this.#tick();
  }

  /** Asks no more. */
  stop(): void {
    this.#cancel();
    this.#isStopped = true;
  }

  #tick(): void {
    if (this.#isAsking) return;
    const isExpecting =
      this.#newcomers.size > 0 || [...this.#streams.all()].some((stream) => stream.isExpecting);
    const since = this.#house.now() - this.#askedAt;
    if (since >= (isExpecting ? expectingMs : periodMs)) void this.pass();
  }

  /** Asks once, and does what follows. Never rejects. */
  async pass(): Promise<void> {
    const { now, metrics, log } = this.#house;
    this.#isAsking = true;
    this.#askedAt = now();
    const askedAt = this.#askedAt;
    try {
      const ready = await this.#paths.ready();
      if (this.#isStopped) return;
      await this.#compare(ready, askedAt);
      metrics.passes.with({ result: "answered" }).increment();
      metrics.lastPass.set(Math.round(askedAt / 1_000));
      if (this.#state.isReachable === false) log.info("media server answers again");
      this.#state = { isReachable: true, answeredAt: askedAt, error: "" };
    } catch (error) {
      const message = messageOf(error);
      metrics.passes.with({ result: "failed" }).increment();
      if (codeOf(error) === "DISK") log.error("state cannot be written", { error: message });
      else this.#unreachable(message);
    }
    this.#isAsking = false;
  }

  #unreachable(error: string): void {
    if (error !== this.#state.error)
      this.#house.log.warn("media server cannot be asked, everything stays as it is", { error });
    this.#state = { ...this.#state, isReachable: false, error };
  }

  async #compare(ready: readonly SeenPath[], askedAt: number): Promise<void> {
    for (const side of ["source", "output"] as const) await this.#compareSide(side, { ready, askedAt });
    for (const stream of this.#streams.all()) {
      stream.refresh();
      stream.judge(askedAt);
    }
  }

  async #compareSide(
    side: Side,
    { ready, askedAt }: { ready: readonly SeenPath[]; askedAt: number },
  ): Promise<void> {
    const there = new Set<StreamId>();
    const newcomers = new Set<string>();
    for (const { name, source } of ready) {
      const { side: its, match } = this.#plan.place(name);
      if (its !== side || match.kind !== "stream") continue;
      there.add(match.id);
      const known = this.#streams.get(match.id)?.[side];
      const isKnown = known?.state === "present" && known.source?.id === source.id;
      if (isKnown || (known && known.heardAt >= askedAt)) continue;
      const sighting = `${name} ${source.id}`;
      // At first all waits for this answer, and what is known is old.
      const mayBeTold = side === "source" && this.#state.answeredAt !== undefined;
      if (mayBeTold && !this.#newcomers.has(sighting)) {
        newcomers.add(sighting);
        continue;
      }
      const query = side === "source" ? await this.#paths.queryOf(source) : "";
      if (this.#isStopped) return;
      const stream = this.#streams.open(match.id);
      if (stream[side].heardAt >= askedAt) continue;
      stream.heard({ side, isReady: true, news: { source: { ...source, query }, isSeen: true } });
    }
    if (side === "source") this.#newcomers = newcomers;
    for (const stream of [...this.#streams.all()]) {
      const { source, state, heardAt } = stream[side];
      if (state !== "present" || there.has(stream.id) || heardAt >= askedAt) continue;
      // Between two pages of a list one that goes on may be missed.
      if (await this.#paths.isReady(this.#plan.pathOf(stream.id, side))) continue;
      if (this.#isStopped) return;
      if (stream[side].heardAt >= askedAt) continue;
      const gone = source ?? { id: "", type: "", query: "" };
      stream.heard({ side, isReady: false, news: { source: gone, isSeen: true } });
    }
  }
}
