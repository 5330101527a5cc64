import { type RelayObject, relaySchema } from "./own-objects.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import type { ApiRoute } from "./route.ts";

/** Targets that streams are pushed to. Both lists are by path. */
export interface RelaysPort {
  /** Those that every stream goes to. */
  list(): readonly RelayObject[];
  /** Those of single paths. */
  forwards(): readonly RelayObject[];
}

/** `/v3/relays/list` and `/v3/forwards/list` */
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
  {
    method: "GET",
    path: "/v3/forwards/list",
    summary: "lists pushes to targets that single paths are forwarded to, over all paths",
    query: pageParameters,
    answer: pageSchema(relaySchema),
    refusals: [400],
    handle: (_, { query }) => pageAnswer(pageOf(query, relays.forwards()), (forward) => forward),
  },
];
