import type { Peer } from "../../src/stream/event.ts";

/** A client by RTMP. */
export const peerOf = (connId: string, remote: string): Peer => ({
  connId,
  remote,
  kind: "rtmpConn",
  id: `6f1b2c3d-0000-4000-8000-${connId.replace(/\D/g, "").padStart(12, "0")}`,
});
