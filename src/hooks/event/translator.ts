import { unreachable } from "../../base/errors.ts";
import type { StreamPath } from "../../base/stream-path.ts";
import type { Clock } from "../../base/time.ts";
import type { DomainEvent, Peer } from "../../stream/event.ts";
import { definitionOf } from "./catalogue.ts";
import { connectionStatement, failureStatements } from "./connection-statement.ts";
import type { HookEvent, HookValue } from "./hook-event.ts";
import { monitorStatement } from "./monitor-statement.ts";
import { operationStatement } from "./operation-statement.ts";
import { outputStatement } from "./output-statement.ts";
import { recoveredStatement, sessionStatement } from "./session-statement.ts";
import { type Of, type Statement, wholeSeconds } from "./statement.ts";
import { type Bitrates, bitratesOf, streamStatement } from "./stream-statement.ts";

/**
 * Turns what happens inside into the events that leave the server: names, units, numbers and dates of the catalogue. Keeps which
 * publish or play is under way, so that all events of one carry the same session id.
 */
export class Translator {
  readonly #clock: Clock;
  readonly #serverId: string;
  readonly #newId: () => string;
  /** Ids of what is under way. A connection may play the same stream several times. */
  readonly #sessions = new Map<string, string[]>();
  /** What publishers say of their tracks, which comes before the tracks themselves. */
  readonly #bitrates = new Map<StreamPath, Bitrates>();
  #seq = 0;

  constructor(parts: { clock: Clock; serverId: string; newId?: () => string }) {
    this.#clock = parts.clock;
    this.#serverId = parts.serverId;
    this.#newId = parts.newId ?? (() => Bun.randomUUIDv7());
  }

  /** The events that `event` gives, in order; none for what is of no interest outside. */
  translate(event: DomainEvent): HookEvent[] {
    if (event.kind === "connectionFailed") return this.#failure(event);
    const statement = this.#state(event);
    return statement ? [this.#make(statement)] : [];
  }

  #make({ type, connId, path, sessionId, id, severity, data }: Statement): HookEvent {
    const now = this.#clock.date();
    const known = Object.entries(data).filter(
      (entry): entry is [string, HookValue] => entry[1] !== undefined,
    );
    return {
      type,
      timestamp: wholeSeconds(now.getTime()),
      conn_id: connId ?? "",
      stream_key: path ?? "",
      data: Object.fromEntries(known),
      id: id ?? `evt_${this.#newId()}`,
      seq: ++this.#seq,
      severity: severity ?? definitionOf(type)?.severity ?? "info",
      time: now.toISOString(),
      server_id: this.#serverId,
      session_id: sessionId ?? "",
      v: 1,
    };
  }

  /** A fault of the protocol gives two events, the second pointing at the first; one of the network or of time gives one. */
  #failure(event: Of<"connectionFailed">): HookEvent[] {
    const { error, fault } = failureStatements(event);
    const made = this.#make(error);
    if (!fault) return [made];
    return [made, this.#make({ ...fault, data: { ...fault.data, related_event_id: made.id } })];
  }

  #state(event: Exclude<DomainEvent, Of<"connectionFailed">>): Statement | undefined {
    switch (event.kind) {
      case "serverStarted":
      case "serverStopped":
      case "serverRecovered":
      case "hookFailing":
      case "hookRecovered":
      case "hookDisabled":
      case "configReloaded":
      case "configRejected":
        return operationStatement(event);
      case "bitrateChanged":
      case "framerateChanged":
      case "resolutionChanged":
      case "qualityAlert":
      case "performanceAlert":
      case "latencyAlert":
      case "resourceAlert":
        return monitorStatement(event);
      case "connectionAccepted":
      case "handshakeCompleted":
      case "connectionClosed":
        return connectionStatement(event);
      case "publishStarted":
        return { sessionId: this.#begin("publish", event), ...sessionStatement(event) };
      case "publishStopped":
        this.#bitrates.delete(event.path);
        return { sessionId: this.#end("publish", event), ...sessionStatement(event) };
      case "publishRecovered":
        return recoveredStatement(event);
      case "playStarted":
        return { sessionId: this.#begin("play", event), ...sessionStatement(event) };
      case "playStopped":
        return { sessionId: this.#end("play", event), ...sessionStatement(event) };
      case "requestRefused":
        return sessionStatement(event);
      case "relayStarted":
      case "relayStopped":
      case "relayFailed":
      case "recordingStarted":
      case "recordingCompleted":
        return outputStatement(event);
      case "trackDetected":
        return streamStatement(event, this.#bitrates.get(event.path));
      case "metadataReceived":
        this.#bitrates.set(event.path, bitratesOf(event.payload));
        return streamStatement(event);
      case "streamCreated":
      case "streamDeleted":
      case "mediaStarted":
      case "mediaStopped":
      case "subscriberCount":
        return streamStatement(event);
      case "connected":
      case "clockLeaped":
      case "recordingFailed":
      case "streamAvailable":
      case "streamUnavailable":
      case "demandChanged":
        return undefined;
      default:
        return unreachable(event);
    }
  }

  #begin(action: "publish" | "play", { peer, path }: { peer: Peer; path: StreamPath }): string {
    const key = `${action} ${peer.connId} ${path}`;
    const id = `ses_${this.#newId()}`;
    const running = this.#sessions.get(key);
    if (running) running.push(id);
    else this.#sessions.set(key, [id]);
    return id;
  }

  #end(action: "publish" | "play", { peer, path }: { peer: Peer; path: StreamPath }): string | undefined {
    const key = `${action} ${peer.connId} ${path}`;
    const running = this.#sessions.get(key);
    const id = running?.shift();
    if (running?.length === 0) this.#sessions.delete(key);
    return id;
  }
}
