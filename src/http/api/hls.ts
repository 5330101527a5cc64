import type { Peer } from "../../stream/event.ts";
import { errorResponse } from "../error-response.ts";
import { json } from "../resource.ts";
import {
  type HlsMuxerView,
  type HlsSessionView,
  hlsMuxerObject,
  hlsMuxerSchema,
  hlsSessionObject,
  hlsSessionSchema,
} from "./hls-objects.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import { peerRoutes } from "./peer-routes.ts";
import type { ApiRoute } from "./route.ts";

/** HLS as the control API sees it. */
export interface HlsPort {
  /** Streams that HLS is made of. Read anew for each request. */
  readonly muxers: Iterable<HlsMuxerView>;
  /** Those who watch, in the order in which they came, the same objects each time. Read anew for each request. */
  readonly sessions: Iterable<{ readonly peer: Peer; readonly view: HlsSessionView }>;
  /** Ends the session with this id. Gives false where it is gone already. */
  kick(id: string): boolean;
}

/** `/v3/hlsmuxers/…` and `/v3/hlssessions/…`. */
export const hlsRoutes = (port: HlsPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/hlsmuxers/list",
    summary: "lists streams that HLS is made of, by name",
    query: pageParameters,
    answer: pageSchema(hlsMuxerSchema),
    refusals: [400],
    handle: (_, { query }) => {
      const muxers = [...port.muxers].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
      return pageAnswer(pageOf(query, muxers), hlsMuxerObject);
    },
  },
  {
    method: "GET",
    path: "/v3/hlsmuxers/get/{name...}",
    summary: "shows a stream that HLS is made of",
    answer: hlsMuxerSchema,
    refusals: [404],
    handle: (_, { name }) => {
      for (const muxer of port.muxers) if (muxer.path === name) return json(hlsMuxerObject(muxer));
      return errorResponse(404, "muxer not found");
    },
  },
  ...peerRoutes({
    kind: "hlssessions",
    protocol: "HLS",
    noun: "session",
    schema: hlsSessionSchema,
    items: () => port.sessions,
    show: ({ view }) => hlsSessionObject(view),
    kick: ({ peer }) => void port.kick(peer.id),
  }),
];
