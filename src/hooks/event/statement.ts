import { splitAddress } from "../../base/host-port.ts";
import { appOf, nameOf, type StreamPath } from "../../base/stream-path.ts";
import type { DomainEvent, Peer } from "../../stream/event.ts";
import type { EventType } from "./catalogue.ts";
import type { HookValue, Severity } from "./hook-event.ts";

/** What an event says, before it is numbered and dated. */
export interface Statement {
  readonly type: EventType;
  /** Empty where no connection is meant. */
  readonly connId?: string;
  readonly path?: StreamPath | undefined;
  readonly sessionId?: string | undefined;
  /** Where the event was given an id before; it gets a new one otherwise. */
  readonly id?: string;
  /** Where it is not the one of the catalogue. */
  readonly severity?: Severity;
  /** Fields without a value are left out. */
  readonly data: Readonly<Record<string, HookValue | undefined>>;
}

/** The domain events of these kinds. */
export type Of<Kind extends DomainEvent["kind"]> = Extract<DomainEvent, { kind: Kind }>;

/** Milliseconds in whole seconds that have passed. */
export const wholeSeconds = (ms: number): number => Math.floor(ms / 1000);

/** The address of a client without its port. */
export const ipOf = (peer: Pick<Peer, "remote">): string => splitAddress(peer.remote).ip;

/** A stream's name in the two parts that receivers know. */
export const naming = (path: StreamPath): { app: string; stream_name: string } => ({
  app: appOf(path),
  stream_name: nameOf(path),
});
