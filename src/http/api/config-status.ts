import { json } from "../resource.ts";
import { type ConfigStatusObject, configStatusSchema } from "./own-objects.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";

/** Where the configuration comes from. */
export interface ConfigStatusPort {
  status(): ConfigStatusObject;
  /** Loads the file again. @throws ConfigError where it cannot be used, or there is none; then all is as before */
  reload(): Promise<void>;
}

/** `/v3/config/status` and `/v3/config/reload` */
export const configStatusRoutes = (config: ConfigStatusPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/config/status",
    summary: "tells where the configuration comes from, and how loading it went",
    answer: configStatusSchema,
    handle: () => json(config.status()),
  },
  {
    method: "POST",
    path: "/v3/config/reload",
    summary: "loads the file of the configuration again",
    answer: okSchema,
    refusals: [400],
    handle: async () => {
      await config.reload();
      return ok();
    },
  },
];
