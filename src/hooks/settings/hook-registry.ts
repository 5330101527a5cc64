import { ConfigError } from "../../base/errors.ts";
import { nearestName } from "../../base/nearest.ts";
import { printable } from "../../base/stream-path.ts";
import type { Hook } from "../delivery/hook.ts";

/** Stands for every event type. */
export const everyEvent = "*";

/** Names that people know events by, beside those of the catalogue. */
const aliases: Readonly<Record<string, string>> = { stream_stop: "publish_stop" };

/** `PublishStart` as `publish_start`. */
const snakeCase = (name: string): string => name.replace(/([a-z0-9])(?=[A-Z])/g, "$1_").toLowerCase();

/**
 * The event type that `name` means: one of `known`, or `*`. CamelCase (`PublishStart`) and old names (`stream_stop`) are understood;
 * `onAlias` then hears what was given, and what it is called here.
 * @throws ConfigError for a name that means none of them
 */
export const resolveEventType = (
  name: string,
  options: { known: Iterable<string>; onAlias?: ((given: string, meant: string) => void) | undefined },
): string => {
  const known = [...options.known];
  if (name === everyEvent || known.includes(name)) return name;
  const plain = snakeCase(name);
  const meant = Object.hasOwn(aliases, plain) ? aliases[plain] : plain;
  if (meant !== undefined && known.includes(meant)) {
    options.onAlias?.(name, meant);
    return meant;
  }
  const nearest = nearestName(plain, known);
  throw new ConfigError(
    `unknown event type ${printable(name)}, ${nearest ? `did you mean ${nearest}?` : `expected ${everyEvent} or one of ${known.join(", ")}`}`,
  );
};

/** What a flag such as `--hook-script` ties together. */
export interface HookBinding {
  /** An event type as it was written, or `*`. */
  readonly event: string;
  /** A script or a URL. */
  readonly target: string;
}

/**
 * Reads `EVENT=TARGET`, split at the first `=`.
 * @throws ConfigError where one of the two is missing; it never repeats a URL, which may hold a password
 */
export const parseHookBinding = (text: string): HookBinding => {
  const at = text.indexOf("=");
  const event = text.substring(0, Math.max(0, at));
  const target = text.substring(at + 1);
  const expected = "expected EVENT=TARGET such as publish_start=TARGET, or *=TARGET for every event";
  if (at === -1 ? text.includes("://") : event.includes("://"))
    throw new ConfigError(`no event in front of the URL, ${expected}`);
  if (at === -1) throw new ConfigError(`${printable(text)} has no =, ${expected}`);
  if (event === "") throw new ConfigError(`no event in front of the =, ${expected}`);
  if (target === "") throw new ConfigError(`${printable(text)} has nothing behind the =, ${expected}`);
  return { event, target };
};

/** Which hooks get which events. Filled once at the start, then asked for every event. */
export class HookRegistry {
  readonly #onAlias: ((given: string, meant: string) => void) | undefined;
  readonly #hooks: Hook[] = [];
  readonly #byType: Map<string, readonly Hook[]>;
  /** For a type nobody has heard of. */
  #forEvery: readonly Hook[] = [];

  /** `types` are the known event types; `onAlias` hears of types that were given under another name. */
  constructor(options: { types: readonly string[]; onAlias?: (given: string, meant: string) => void }) {
    this.#byType = new Map(options.types.map((type) => [type, []]));
    this.#onAlias = options.onAlias;
  }

  /** True while there is no hook at all. */
  get isEmpty(): boolean {
    return this.#hooks.length === 0;
  }

  /** Every hook once, in the order they came. */
  get hooks(): readonly Hook[] {
    return this.#hooks;
  }

  /**
   * Gives `hook` the events of `type`, or of every type for `*`. A hook that is added to a type twice gets each event once.
   * @throws ConfigError for an unknown type, naming the nearest known one
   */
  add(type: string, hook: Hook): void {
    const resolved = resolveEventType(type, { known: this.#byType.keys(), onAlias: this.#onAlias });
    const withHook = (hooks: readonly Hook[]): readonly Hook[] =>
      hooks.includes(hook) ? hooks : [...hooks, hook];
    if (!this.#hooks.includes(hook)) this.#hooks.push(hook);
    const types = resolved === everyEvent ? [...this.#byType.keys()] : [resolved];
    for (const each of types) this.#byType.set(each, withHook(this.#byType.get(each) ?? []));
    if (resolved === everyEvent) this.#forEvery = withHook(this.#forEvery);
  }

  /** The hooks of an event type, in the order they came. The array is made beforehand: asking costs a look-up. */
  hooksFor(type: string): readonly Hook[] {
    return this.#byType.get(type) ?? this.#forEvery;
  }
}
