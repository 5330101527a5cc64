import { formatRfc3339 } from "../../base/rfc3339.ts";
import { errorResponse } from "../error-response.ts";
import { json } from "../resource.ts";
import { type ForwardObject, forwardSchema } from "./objects.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import type { PathsPort } from "./paths.ts";
import type { ApiRoute, QueryParameter } from "./route.ts";
import { text } from "./schema.ts";
import { parseUuid } from "./uuid.ts";

/** A destination. Secrets are hidden. */
export type ForwardView = Omit<ForwardObject, "created"> & { readonly created: Date };

/** Where paths are forwarded to. */
export interface ForwardsPort {
  /** The destinations of a path in the order of the configuration. */
  list(path: string): readonly ForwardView[];
}

const forwardObject = (view: ForwardView): ForwardObject => {
  const { id, pos, created, conf, protocol, state, lastError, outboundBytes } = view;
  const { dest, destFingerprint, whipBearerToken } = conf;
  return {
    id,
    pos,
    created: formatRfc3339(created),
    conf: { dest, destFingerprint, whipBearerToken },
    protocol,
    state,
    lastError,
    outboundBytes,
  };
};

const pathParameter: QueryParameter = {
  name: "path",
  description: "name of the path",
  schema: text,
  isRequired: true,
};

/** `/v3/paths/forward/…` */
export const forwardRoutes = (
  forwards: ForwardsPort,
  paths: Pick<PathsPort, "find">,
): readonly ApiRoute[] => {
  const listOf = (query: URLSearchParams): readonly ForwardView[] | Response => {
    const path = query.get("path") ?? "";
    if (path === "") return errorResponse(400, "invalid name");
    return paths.find(path) ? forwards.list(path) : errorResponse(404, "path not found");
  };
  return [
    {
      method: "GET",
      path: "/v3/paths/forward/list",
      summary: "lists the destinations that a path is forwarded to",
      query: [pathParameter, ...pageParameters],
      answer: pageSchema(forwardSchema),
      refusals: [400, 404],
      handle: (_, { query }) => {
        const list = listOf(query);
        return list instanceof Response ? list : pageAnswer(pageOf(query, list), forwardObject);
      },
    },
    {
      method: "GET",
      path: "/v3/paths/forward/get",
      summary: "shows a destination that a path is forwarded to",
      query: [
        pathParameter,
        { name: "id", description: "id of the destination", schema: text, isRequired: true },
      ],
      answer: forwardSchema,
      refusals: [400, 404],
      handle: (_, { query }) => {
        const list = listOf(query);
        if (list instanceof Response) return list;
        const id = parseUuid(query.get("id") ?? "");
        const found = list.find((each) => each.id === id);
        return found ? json(forwardObject(found)) : errorResponse(404, "forward destination not found");
      },
    },
  ];
};
