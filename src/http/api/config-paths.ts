import { errorResponse } from "../error-response.ts";
import { json } from "../resource.ts";
import { changeSchema, pathConfSchema } from "./config.ts";
import type { ConfigPort } from "./config-port.ts";
import { type JsonObject, readJsonBody } from "./json-body.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import { nameOf } from "./paths.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";

/** An endpoint that changes an entry. */
const change = (
  facts: Pick<ApiRoute, "method" | "path" | "summary" | "refusals">,
  apply: (name: string, body: JsonObject) => Promise<void>,
): ApiRoute => ({
  ...facts,
  body: changeSchema,
  answer: okSchema,
  handle: async (request, call) => {
    const name = nameOf(call);
    await apply(name, await readJsonBody(request));
    return ok();
  },
});

/** `/v3/config/paths/…`: entries of `paths`. */
export const configPathRoutes = (config: ConfigPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/config/paths/list",
    summary: "lists entries of the configuration by name",
    query: pageParameters,
    answer: pageSchema(pathConfSchema),
    refusals: [400],
    handle: (_, { query }) => {
      const page = pageOf(query, [...config.pathNames()].sort());
      return pageAnswer(page, (name) => config.pathView(name));
    },
  },
  {
    method: "GET",
    path: "/v3/config/paths/get/{name...}",
    summary: "shows an entry, with what holds for all paths",
    answer: pathConfSchema,
    refusals: [400, 404],
    handle: (_, call) => {
      const view = config.pathView(nameOf(call));
      return view ? json(view) : errorResponse(404, "path configuration not found");
    },
  },
  change(
    {
      method: "POST",
      path: "/v3/config/paths/add/{name...}",
      summary: "adds an entry, of whose name there may be none",
      refusals: [400],
    },
    (name, body) => config.addPath(name, body),
  ),
  change(
    {
      method: "PATCH",
      path: "/v3/config/paths/patch/{name...}",
      summary: "changes keys of an entry",
      refusals: [400, 404],
    },
    (name, body) => config.patchPath(name, body),
  ),
  change(
    {
      method: "POST",
      path: "/v3/config/paths/replace/{name...}",
      summary: "puts an entry in the place of another, or adds it",
      refusals: [400],
    },
    (name, body) => config.replacePath(name, body),
  ),
  {
    method: "DELETE",
    path: "/v3/config/paths/delete/{name...}",
    summary: "removes an entry",
    answer: okSchema,
    refusals: [400, 404],
    handle: async (_, call) => {
      await config.deletePath(nameOf(call));
      return ok();
    },
  },
];
