import type { EndReason, Peer } from "../../stream/event.ts";
import { errorResponse } from "../error-response.ts";
import { json } from "../resource.ts";
import { rtmpConnSchema } from "./objects.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";
import { type RtmpConnView, rtmpConnObject } from "./rtmp-conn-object.ts";
import { parseUuid } from "./uuid.ts";

/** An RTMP session: connections are shown by what it says, and end by {@link close}. */
export interface RtmpConn {
  readonly peer: Peer;
  readonly view: RtmpConnView;
  close(reason: EndReason): void;
}

/** The sessions of one port. */
export interface RtmpConnsPort {
  /** In the order in which they came. */
  readonly sessions: Iterable<RtmpConn>;
}

/** `/v3/rtmpconns/…` or `/v3/rtmpsconns/…`. */
export const rtmpConnRoutes = (
  kind: "rtmpconns" | "rtmpsconns",
  port: RtmpConnsPort,
): readonly ApiRoute[] => {
  // They take their goodbye and are gone a moment later, but are not shown any more.
  const kicked = new WeakSet<RtmpConn>();
  const shown = (): RtmpConn[] => {
    const conns: RtmpConn[] = [];
    for (const conn of port.sessions) if (!kicked.has(conn)) conns.push(conn);
    return conns;
  };
  const find = (given: string): RtmpConn | undefined => {
    const id = parseUuid(given);
    for (const conn of port.sessions) if (conn.peer.id === id && !kicked.has(conn)) return conn;
    return undefined;
  };
  const unknown = (): Response => errorResponse(404, "connection not found");
  const what = kind === "rtmpconns" ? "RTMP" : "RTMPS";
  return [
    {
      method: "GET",
      path: `/v3/${kind}/list`,
      summary: `lists ${what} connections, the oldest first`,
      query: pageParameters,
      answer: pageSchema(rtmpConnSchema),
      refusals: [400],
      handle: (_, { query }) => pageAnswer(pageOf(query, shown()), ({ view }) => rtmpConnObject(view)),
    },
    {
      method: "GET",
      path: `/v3/${kind}/get/{id}`,
      summary: `shows an ${what} connection`,
      answer: rtmpConnSchema,
      refusals: [400, 404],
      handle: (_, { name }) => {
        const conn = find(name);
        return conn ? json(rtmpConnObject(conn.view)) : unknown();
      },
    },
    {
      method: "POST",
      path: `/v3/${kind}/kick/{id}`,
      summary: `disconnects an ${what} client, which may come back`,
      answer: okSchema,
      refusals: [400, 404],
      handle: (_, { name }) => {
        const conn = find(name);
        if (!conn) return unknown();
        kicked.add(conn);
        conn.close("kicked");
        return ok();
      },
    },
  ];
};
