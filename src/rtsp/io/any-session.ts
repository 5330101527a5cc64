import type { PublishSession } from "./publish-session.ts";
import type { ReadSession } from "./read-session.ts";

/** A session of either kind. */
export type AnySession = ReadSession | PublishSession;
