import { json } from "../resource.ts";
import type { ConfigPort } from "./config-port.ts";
import { readJsonBody } from "./json-body.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";
import type { Schema } from "./schema.ts";

/** What stands at the top of the configuration. Which keys there are, the documentation of the configuration says. */
export const globalConfSchema: Schema = {
  title: "GlobalConf",
  type: "object",
  not: { anyOf: [{ required: ["paths"] }, { required: ["pathDefaults"] }] },
};

/** What is configured for a path; `name` is empty for what holds for all. */
export const pathConfSchema: Schema = {
  title: "PathConf",
  type: "object",
  properties: { name: { type: "string" } },
  required: ["name"],
};

/** Some keys, for a change. */
export const changeSchema: Schema = { type: "object" };

/** `/v3/config/global/…` and `/v3/config/pathdefaults/…`. */
export const configRoutes = (config: ConfigPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/config/global/get",
    summary: "shows the configuration without its paths",
    answer: globalConfSchema,
    handle: () => json(config.globalView()),
  },
  {
    method: "PATCH",
    path: "/v3/config/global/patch",
    summary: "changes keys of the configuration",
    body: changeSchema,
    answer: okSchema,
    refusals: [400],
    handle: async (request) => {
      await config.patchGlobal(await readJsonBody(request));
      return ok();
    },
  },
  {
    method: "GET",
    path: "/v3/config/pathdefaults/get",
    summary: "shows what holds for paths that do not say otherwise",
    answer: pathConfSchema,
    handle: () => json(config.pathDefaultsView()),
  },
  {
    method: "PATCH",
    path: "/v3/config/pathdefaults/patch",
    summary: "changes what holds for paths that do not say otherwise",
    body: changeSchema,
    answer: okSchema,
    refusals: [400],
    handle: async (request) => {
      await config.patchPathDefaults(await readJsonBody(request));
      return ok();
    },
  },
];
