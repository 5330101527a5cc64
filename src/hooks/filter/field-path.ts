import { ConfigError } from "../../base/errors.ts";
import { nearestName } from "../../base/nearest.ts";
import { printable } from "../../base/stream-path.ts";
import { catalogue, definitionOf } from "../event/catalogue.ts";
import type { HookEvent, HookValue } from "../event/hook-event.ts";

/** The keys of an event, and whether each holds fields of its own. */
const roots: Readonly<Record<keyof HookEvent, boolean>> = {
  type: false,
  timestamp: false,
  conn_id: false,
  stream_key: false,
  data: true,
  id: false,
  seq: false,
  severity: false,
  time: false,
  server_id: false,
  session_id: false,
  v: false,
};

const isRoot = (name: string): name is keyof HookEvent => Object.hasOwn(roots, name);

/** Every field there is in any event, as a path. */
const knownPaths = (): Set<string> =>
  new Set([
    ...Object.keys(roots).filter((name) => name !== "data"),
    ...catalogue.flatMap(({ fields }) => fields.map(({ name }) => `data.${name}`)),
  ]);

/** The path that was probably meant: the field of that name in `data`, else one that is spelled alike. */
const suggestionFor = (field: string): string => {
  const known = knownPaths();
  const inData = `data.${field}`;
  const near = known.has(inData) ? inData : nearestName(field, known);
  return near === undefined ? "" : `, did you mean ${near}`;
};

/**
 * Checks that `field` is a path into an event. What stands in `data` is not checked: that differs from event to event.
 * @throws ConfigError naming the path and what is accepted
 */
export const checkField = (field: string): void => {
  const segments = field.split(".");
  const [root = ""] = segments;
  if (segments.includes(""))
    throw new ConfigError(`field ${printable(field)} has an empty part, expected one such as data.bitrate`);
  if (!isRoot(root))
    throw new ConfigError(
      `unknown field ${printable(field)}${suggestionFor(field)}; expected data.NAME or one of ${Object.keys(
        roots,
      )
        .filter((name) => name !== "data")
        .join(", ")}`,
    );
  const holdsFields = roots[root];
  if (holdsFields && segments.length === 1)
    throw new ConfigError(`field ${printable(field)} is not one value, expected one such as data.bitrate`);
  if (!holdsFields && segments.length > 1)
    throw new ConfigError(`field ${printable(field)}: ${root} is one value and has no fields of its own`);
};

/** True for what JSON shows: own properties, which leaves out the length of a list and all that is inherited. */
const shows = (value: object, key: string): boolean => Object.prototype.propertyIsEnumerable.call(value, key);

/** Finds what `field`, a checked path, names in an event; undefined where the event has no such field. */
export const fieldReader = (field: string): ((event: HookEvent) => HookValue | undefined) => {
  const segments = field.split(".");
  return (event) => {
    let value: unknown = event;
    for (const segment of segments) {
      if (typeof value !== "object" || value === null || !shows(value, segment)) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[segment];
    }
    return value as HookValue | undefined;
  };
};

/** Whether an event of `type` may have `field`, a checked path. True for types that are not in the catalogue. */
export const mayCarry = (type: string, field: string): boolean => {
  const [root, name] = field.split(".");
  const definition = definitionOf(type);
  return root !== "data" || !definition || definition.fields.some((each) => each.name === name);
};
