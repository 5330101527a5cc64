import type { Peer } from "../../stream/event.ts";
import { peerRoutes } from "./peer-routes.ts";
import type { ApiRoute } from "./route.ts";
import { rtspSessionSchema } from "./rtsp-objects.ts";
import { type RtspSessionView, rtspSessionObject } from "./rtsp-session-object.ts";

/** An RTSP session, which is shown by what it says. */
export interface RtspSession {
  readonly peer: Peer;
  readonly view: RtspSessionView;
}

/** The sessions of one port. */
export interface RtspSessionsPort {
  /** In the order in which they came, the same objects each time. It is read anew for each request. */
  readonly sessions: Iterable<RtspSession>;
  /** Ends the session with this id, which is one of {@link sessions}. Gives false where it is gone already. */
  kick(id: string): boolean;
}

/** `/v3/rtspsessions/…` or `/v3/rtspssessions/…`. */
export const rtspSessionRoutes = (
  kind: "rtspsessions" | "rtspssessions",
  port: RtspSessionsPort,
): readonly ApiRoute[] =>
  peerRoutes<RtspSession>({
    kind,
    protocol: kind === "rtspsessions" ? "RTSP" : "RTSPS",
    noun: "session",
    schema: rtspSessionSchema,
    items: () => port.sessions,
    show: ({ view }) => rtspSessionObject(view),
    kick: ({ peer }) => void port.kick(peer.id),
  });
