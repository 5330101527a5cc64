import { ConfigError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { DomainEvent, EndReason } from "../stream/event.ts";
import type { Registry } from "../stream/registry.ts";
import type { Output, Stream } from "../stream/stream.ts";
import { Destination, type DestinationPlan, type DestinationView } from "./destination.ts";
import { type FindPath, type ForwardConf, isPlainName, type RelayConf, schemeOf } from "./path-conf.ts";
import type { PushContext } from "./push.ts";
import { type PushTarget, parseForwardTarget, parsePushTarget } from "./target.ts";

/** What forwards need of the house around them. */
export interface ForwardsContext extends PushContext {
  readonly registry: Registry;
  readonly log: Logger;
  /** Looks in the configuration that holds now. */
  readonly find: FindPath;
}

/** Where one stream goes: to the destinations of its path, and to those of all streams. */
interface Group {
  readonly forwards: readonly Destination[];
  readonly relays: readonly Destination[];
  /** What they were made of. */
  readonly found: ReturnType<FindPath>;
  readonly relayTo: Relays;
}

/** Where all streams go. */
type Relays = readonly { readonly url: string; readonly target: PushTarget }[];

const schemes = ["rtmp", "rtmps"];

/**
 * Pushes streams to other servers: each to the destinations of its path (`forward`), and all to the same targets (`relayTo`). A
 * destination that stays as it is keeps its connection when something else changes; another one begins or ends at once.
 *
 * There are destinations for every plain name of the configuration, and for every stream there is.
 */
export class Forwards implements Output {
  readonly #context: ForwardsContext;
  readonly #groups = new Map<string, Group>();
  #names: ReadonlySet<string> = new Set();
  #relayTo: Relays = [];

  constructor(context: ForwardsContext) {
    this.#context = context;
    context.events.listen((event) => this.#hear(event));
  }

  /**
   * The configuration has changed: `find` looks in it already.
   * @throws ConfigError for a `relayTo` that is no URL to push to; then all stays as it was
   */
  configure({ paths, relayTo }: RelayConf): void {
    const before = this.#relayTo.map(({ url }) => url);
    if (!Bun.deepEquals(before, relayTo))
      this.#relayTo = relayTo.map((url) => ({ url, target: parsePushTarget(url) }));
    this.#names = new Set(Object.keys(paths).filter(isPlainName));
    const names = new Set<string>(this.#names);
    for (const { path } of this.#context.registry.streams) names.add(path);
    for (const name of this.#groups.keys()) if (!names.has(name)) this.#remove(name);
    for (const name of names) this.#settle(name);
  }

  open(stream: Stream): (reason: EndReason) => void {
    for (const destination of this.#destinationsOf(stream.path)) destination.start(stream);
    return (reason) => {
      for (const destination of this.#destinationsOf(stream.path)) destination.stop(reason);
    };
  }

  /** The destinations of a path, in the order of the configuration. */
  list(path: string): readonly DestinationView[] {
    return this.#groups.get(path)?.forwards.map(({ view }) => view) ?? [];
  }

  /** One of them by its id. */
  get(path: string, id: string): DestinationView | undefined {
    return this.list(path).find((view) => view.id === id);
  }

  /** Where a path goes because all do. */
  relays(path: string): readonly DestinationView[] {
    return this.#groups.get(path)?.relays.map(({ view }) => view) ?? [];
  }

  /** Every path that has destinations of its own, with them. */
  *all(): Iterable<{ readonly path: string; readonly destinations: readonly DestinationView[] }> {
    for (const [path, { forwards }] of this.#groups)
      if (forwards.length > 0) yield { path, destinations: forwards.map(({ view }) => view) };
  }

  #hear(event: DomainEvent): void {
    if (event.kind === "streamCreated") this.#settle(event.path);
    else if (event.kind === "streamDeleted" && !this.#names.has(event.path)) this.#remove(event.path);
  }

  #destinationsOf(path: string): readonly Destination[] {
    const group = this.#groups.get(path);
    return group ? [...group.forwards, ...group.relays] : [];
  }

  #remove(path: string): void {
    for (const destination of this.#destinationsOf(path)) destination.stop("unconfigured");
    this.#groups.delete(path);
  }

  /** Brings the destinations of a path in line with the configuration. */
  #settle(path: string): void {
    const before = this.#groups.get(path);
    const { forwards = [], relays = [] } = before ?? {};
    const found = this.#context.find(path);
    // There may be thousands of paths, and most changes concern one.
    if (before && before.relayTo === this.#relayTo && isSame(before.found, found)) return;
    const groups = found?.groups ?? [];
    const forwardPlans = (found?.conf.forward ?? []).map((conf) => forwardPlan(conf, { path, groups }));
    const relayPlans = this.#relayTo.map(({ url, target }) => relayPlan(url, target));
    const group: Group = {
      forwards: this.#arrange(path, forwards, forwardPlans),
      relays: this.#arrange(path, relays, relayPlans),
      found,
      relayTo: this.#relayTo,
    };
    this.#groups.set(path, group);
    const stream = this.#context.registry.find(path as StreamPath);
    if (stream?.publication) for (const each of this.#destinationsOf(path)) each.start(stream);
  }

  /** Takes over what is wanted still, ends the rest, and makes what is new. */
  #arrange(
    path: string,
    before: readonly Destination[],
    plans: readonly DestinationPlan[],
  ): readonly Destination[] {
    const left = [...before];
    const after = plans.map((plan) => {
      const at = left.findIndex(({ key }) => key === plan.key);
      const [kept] = at < 0 ? [] : left.splice(at, 1);
      return kept ?? this.#make(path, plan);
    });
    for (const destination of left) destination.stop("unconfigured");
    for (const [index, destination] of after.entries()) destination.pos = index + 1;
    return after;
  }

  #make(path: string, plan: DestinationPlan): Destination {
    const destination = new Destination(plan, this.#context);
    const { fault, label } = destination;
    if (fault !== undefined)
      this.#context.log.warn("destination not served", {
        stream_key: path,
        destination_url: label,
        error: fault,
      });
    return destination;
  }
}

/** A path that says the same is mostly the same object. */
const isSame = (before: ReturnType<FindPath>, now: ReturnType<FindPath>): boolean =>
  before?.conf === now?.conf && (before?.groups ?? []).every((group, index) => group === now?.groups[index]);

const forwardPlan = (
  conf: ForwardConf,
  { path, groups }: { path: string; groups: readonly string[] },
): DestinationPlan => ({
  key: JSON.stringify([conf.dest, conf.destFingerprint, conf.whipBearerToken, groups]),
  conf,
  target: () => {
    const scheme = schemeOf(conf.dest) ?? "";
    if (!schemes.includes(scheme))
      throw new ConfigError(`this server cannot forward to ${scheme}:// yet, expected rtmp:// or rtmps://`);
    return parseForwardTarget(conf, { path, groups });
  },
});

const relayPlan = (url: string, target: PushTarget): DestinationPlan => ({
  key: url,
  conf: { dest: url, destFingerprint: "", whipBearerToken: "" },
  target: () => target,
});
