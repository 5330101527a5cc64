import { type RelayObject, relaySchema } from "./own-objects.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import type { ApiRoute } from "./route.ts";

/** Targets that every stream is pushed to. */
export interface RelaysPort {
  /** By path, then by target. */
  list(): readonly RelayObject[];
}

/** `/v3/relays/list` */
export const relayRoutes = (relays: RelaysPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/relays/list",
    summary: "lists pushes to targets that every stream goes to",
    query: pageParameters,
    answer: pageSchema(relaySchema),
    refusals: [400],
    handle: (_, { query }) => pageAnswer(pageOf(query, relays.list()), (relay) => relay),
  },
];
