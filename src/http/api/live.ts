import { errorResponse } from "../error-response.ts";
import type { AlertObject } from "../live/recent-alerts.ts";
import { json } from "../resource.ts";
import { alertSchema, type PortsObject, portsSchema } from "./own-objects.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import type { ApiRoute } from "./route.ts";

/** What happens in the server, for those who look at it all the time. */
export interface LivePort {
  readonly ports: () => PortsObject;
  readonly alerts: { list(): readonly AlertObject[] };
  readonly feed: { readonly isFull: boolean; open(): ReadableStream<Uint8Array> };
}

/** `/v3/live`, `/v3/alerts/list` and `/v3/ports` */
export const liveRoutes = ({ ports, alerts, feed }: LivePort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/live",
    summary: "tells everything about streams, and every second what has changed, as server-sent events",
    answer: "text/event-stream",
    refusals: [503],
    handle: () =>
      feed.isFull
        ? errorResponse(503, "too many watch already")
        : new Response(feed.open(), {
            headers: { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store" },
          }),
  },
  {
    method: "GET",
    path: "/v3/alerts/list",
    summary: "lists the last alerts and warnings, the newest first",
    query: pageParameters,
    answer: pageSchema(alertSchema),
    refusals: [400],
    handle: (_, { query }) => pageAnswer(pageOf(query, alerts.list()), (alert) => alert),
  },
  {
    method: "GET",
    path: "/v3/ports",
    summary: "tells where streams are published, played and watched",
    answer: portsSchema,
    handle: () => json(ports()),
  },
];
