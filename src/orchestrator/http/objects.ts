import { hideSecretsOfQuery, hideStreamKey } from "../../base/hide-secrets.ts";
import type { KeptProcess } from "../kept-process.ts";
import type { PresenceRecord } from "../machine/presence.ts";
import type { Plan } from "../plan.ts";
import type { StoredEvent } from "../store/state-store.ts";
import type { Forwarding, StreamKeeping } from "../stream-keeping.ts";

/** A moment as JSON has it. */
const moment = (ms: number | undefined): string | null =>
  ms === undefined || ms === 0 ? null : new Date(ms).toISOString();

const processWords = {
  none: "idle",
  unready: "starting",
  ready: "running",
  stopping: "stopping",
  waiting: "backoff",
  failed: "failed",
} as const;

const processObject = (process: KeptProcess): object => {
  const { phase, since, until, starts, lastError } = process.record;
  return {
    state: processWords[phase],
    since: moment(since),
    pid: process.pid ?? null,
    startedAt: moment(process.startedAt),
    adopted: process.isAdopted,
    restarts: Math.max(0, starts - 1),
    nextStartAt: moment(until),
    lastError: lastError === "" ? null : lastError,
  };
};

const sideObject = ({ state, source, graceUntil, heardAt }: PresenceRecord): object => ({
  state,
  source:
    source && state !== "absent"
      ? { type: source.type, id: source.id, query: hideSecretsOfQuery(source.query) }
      : null,
  graceUntil: moment(graceUntil),
  heardAt: moment(heardAt),
});

/** A worker as the API shows it. */
export const workerObject = (stream: StreamKeeping, plan: Plan): object => ({
  streamId: stream.id,
  ...processObject(stream.worker),
  log: plan.workerOutput(stream.id).path,
});

/** A forwarder as the API shows it, without credentials. */
export const forwarderObject = (
  stream: StreamKeeping,
  { target, process }: Forwarding,
  plan: Plan,
): object => ({
  streamId: stream.id,
  ...targetObject(stream, target, plan),
  ...processObject(process),
  log: plan.forwarderOutput(stream.id, target.name).path,
});

/** A target as the API shows it, without credentials. */
export const targetObject = (stream: StreamKeeping, target: Forwarding["target"], plan: Plan): object => ({
  target: target.name,
  url: hideStreamKey(plan.urlFor(stream.id, target)),
  origin: target.origin,
});

/** A stream as the API shows it. */
export const streamObject = (stream: StreamKeeping, plan: Plan): object => ({
  id: stream.id,
  state: stream.state,
  path: plan.pathOf(stream.id, "source"),
  ingest: sideObject(stream.source),
  processed: plan.processed ? { path: plan.pathOf(stream.id, "output"), ...sideObject(stream.output) } : null,
  worker: workerObject(stream, plan),
  forwarders: [...stream.forwardings.values()].map((each) => forwarderObject(stream, each, plan)),
});

/** An event as the API shows it. */
export const eventObject = ({ at, query, ...event }: StoredEvent & { readonly number: number }): object => ({
  ...event,
  at: moment(at),
  query: hideSecretsOfQuery(query),
});
