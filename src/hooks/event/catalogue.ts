import { connectionEvents, errorEvents } from "./connection-events.ts";
import type { EventDefinition } from "./event-definition.ts";
import { monitorEvents } from "./monitor-events.ts";
import { operationEvents, serverEvents } from "./operation-events.ts";
import { outputEvents } from "./output-events.ts";
import { streamEvents } from "./stream-events.ts";

/** What an event is made of. */
export type { EventClass, EventDefinition, EventField, FieldType } from "./event-definition.ts";

/** Every event that leaves the server, in the order of a stream's life. The documentation and the checks are made from this. */
export const catalogue = [
  ...serverEvents,
  ...connectionEvents,
  ...streamEvents,
  ...outputEvents,
  ...errorEvents,
  ...monitorEvents,
  ...operationEvents,
] as const satisfies readonly EventDefinition[];

/** The name of an event. */
export type EventType = (typeof catalogue)[number]["type"];

const definitions: ReadonlyMap<string, EventDefinition> = new Map(catalogue.map((each) => [each.type, each]));

/** The definition of an event; undefined for a name that is none. */
export const definitionOf = (type: string): EventDefinition | undefined => definitions.get(type);
