import { ConfigError } from "../../base/errors.ts";
import { nearestName } from "../../base/nearest.ts";
import { printable } from "../../base/stream-path.ts";

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
