import { formatRfc3339 } from "../../base/rfc3339.ts";
import { json } from "../resource.ts";
import { type InfoObject, infoSchema } from "./objects.ts";
import type { ApiRoute } from "./route.ts";

/** What the server is. */
export interface InfoPort {
  /** Such as `0.1.0`. */
  readonly version: string;
  readonly started: Date;
}

/** `/v3/info` */
export const infoRoutes = ({ version, started }: InfoPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/info",
    summary: "tells the version of the server, and since when it runs",
    answer: infoSchema,
    handle: () => {
      const shown = /^\d/.test(version) ? `v${version}` : version;
      return json({ version: shown, started: formatRfc3339(started) } satisfies InfoObject);
    },
  },
];
