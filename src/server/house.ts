import type { ServerAccess } from "../access/server-access.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { FlvSessions } from "../flv/io/sessions.ts";
import type { LivePort } from "../http/api/live.ts";
import type { Forwards } from "../relay/forwards.ts";
import type { Sessions } from "../rtmp/io/sessions.ts";
import type { RtspSessions } from "../rtsp/io/sessions.ts";
import type { DeliveryDelay } from "../stream/delivery-delay.ts";
import type { DropTally } from "../stream/drop-tally.ts";
import type { EventHub } from "../stream/event.ts";
import type { Registry } from "../stream/registry.ts";
import type { HlsPart } from "./hls-part.ts";
import type { HookWatch } from "./hook-watch.ts";
import type { Records } from "./records.ts";
import type { LiveRunConfig, RunConfig } from "./run-config.ts";

/** The parts of a running server, for the pages that show them. */
export interface House {
  /** What is in force, or about to be. */
  readonly config: () => RunConfig;
  readonly live: LiveRunConfig;
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly rtsp: RtspSessions;
  readonly flv: FlvSessions;
  readonly hls: HlsPart;
  readonly access: ServerAccess;
  readonly forwards: Forwards;
  readonly records: Records;
  readonly hooks: HookWatch;
  /** What is told to those who look at the server all the time. */
  readonly dashboard: LivePort;
  /** What is measured on the way of packets. */
  readonly delivery: { readonly delay: DeliveryDelay; readonly tally: DropTally };
  readonly events: EventHub;
  readonly started: Date;
  readonly clock: Clock;
  readonly log: Logger;
}
