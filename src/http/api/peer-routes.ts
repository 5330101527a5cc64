import type { Peer } from "../../stream/event.ts";
import { errorResponse } from "../error-response.ts";
import { json } from "../resource.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";
import type { Schema } from "./schema.ts";
import { parseUuid } from "./uuid.ts";

/** Connections or sessions of one protocol, as the control API has them. */
export interface PeerList<Item extends { readonly peer: Peer }> {
  /** Their name in URLs. */
  readonly kind: string;
  /** Their protocol, as people write it. */
  readonly protocol: string;
  readonly noun: "connection" | "session";
  /** Of what {@link show} gives. */
  readonly schema: Schema;
  /** In the order in which they came, the same objects each time. */
  readonly items: () => Iterable<Item>;
  readonly show: (item: Item) => object;
  /** Ends one of them; it is shown no more, although it may take a moment. Without it there is no kicking. */
  readonly kick?: (item: Item) => void;
}

/** `/v3/{kind}/list` and `/get/{id}`, and `/kick/{id}` where they can be ended. */
export const peerRoutes = <Item extends { readonly peer: Peer }>(
  list: PeerList<Item>,
): readonly ApiRoute[] => {
  const { kind, protocol, noun, schema, show, kick } = list;
  // They take their goodbye and are gone a moment later, but are not shown any more.
  const kicked = new WeakSet<Item>();
  const shown = (): Item[] => {
    const items: Item[] = [];
    for (const item of list.items()) if (!kicked.has(item)) items.push(item);
    return items;
  };
  const find = (given: string): Item | undefined => {
    const id = parseUuid(given);
    for (const item of list.items()) if (item.peer.id === id && !kicked.has(item)) return item;
    return undefined;
  };
  const unknown = (): Response => errorResponse(404, `${noun} not found`);
  const looking: readonly ApiRoute[] = [
    {
      method: "GET",
      path: `/v3/${kind}/list`,
      summary: `lists ${protocol} ${noun}s, the oldest first`,
      query: pageParameters,
      answer: pageSchema(schema),
      refusals: [400],
      handle: (_, { query }) => pageAnswer(pageOf(query, shown()), show),
    },
    {
      method: "GET",
      path: `/v3/${kind}/get/{id}`,
      summary: `shows an ${protocol} ${noun}`,
      answer: schema,
      refusals: [400, 404],
      handle: (_, { name }) => {
        const item = find(name);
        return item ? json(show(item)) : unknown();
      },
    },
  ];
  if (!kick) return looking;
  return [
    ...looking,
    {
      method: "POST",
      path: `/v3/${kind}/kick/{id}`,
      summary: `disconnects an ${protocol} client, which may come back`,
      answer: okSchema,
      refusals: [400, 404],
      handle: (_, { name }) => {
        const item = find(name);
        if (!item) return unknown();
        kicked.add(item);
        kick(item);
        return ok();
      },
    },
  ];
};
