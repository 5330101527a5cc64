import type { DomainEvent, Peer, PeerKind } from "../stream/event.ts";
import { begin, type End, type Starter, type Task } from "./task.ts";
import { commonVariables } from "./variables.ts";

/** What the configuration says of connections. */
export interface ConnectionSettings {
  readonly runOnConnect: string;
  readonly runOnConnectRestart: boolean;
  readonly runOnDisconnect: string;
  readonly rtspAddress: string;
}

/** Connections as commands know them. Sessions of HTTP, and what the server connects to by itself, are none. */
const connectionKinds: Readonly<Partial<Record<PeerKind, string>>> = {
  rtmpConn: "rtmpConn",
  rtmpsConn: "rtmpsConn",
  rtspSession: "rtspConn",
  rtspsSession: "rtspsConn",
};

/** The commands of connections: `runOnConnect` while one lasts, `runOnDisconnect` after it. */
export class ConnectionCommands {
  readonly #starter: Starter;
  readonly #config: () => ConnectionSettings;
  /** By `connId`. */
  readonly #open = new Map<string, End>();

  constructor({ starter, config }: { starter: Starter; config: () => ConnectionSettings }) {
    this.#starter = starter;
    this.#config = config;
  }

  /** Takes what happens; all but connections that come and go is of no interest. */
  take(event: DomainEvent): void {
    if (event.kind === "connectionAccepted") this.#begin(event.peer);
    else if (event.kind === "connectionClosed") this.#end(event.peer.connId);
  }

  /** All connections end. */
  close(): void {
    for (const connId of [...this.#open.keys()]) this.#end(connId);
  }

  #begin(peer: Peer): void {
    const config = this.#config();
    const kind = connectionKinds[peer.kind];
    if (kind === undefined || (config.runOnConnect === "" && config.runOnDisconnect === "")) return;
    const task = (name: "runOnConnect" | "runOnDisconnect"): Task => ({
      name,
      line: config[name],
      restarts: name === "runOnConnect" && config.runOnConnectRestart,
      variables: { ...commonVariables(config), MTX_CONN_TYPE: kind, MTX_CONN_ID: peer.id },
      fields: { conn_id: peer.connId },
      secrets: [],
    });
    const end = begin(this.#starter, task("runOnConnect"), task("runOnDisconnect"));
    if (end) this.#open.set(peer.connId, end);
  }

  #end(connId: string): void {
    const end = this.#open.get(connId);
    this.#open.delete(connId);
    end?.();
  }
}
