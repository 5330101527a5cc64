import { ConfigError } from "./base/errors.ts";
import { parseHostPort } from "./base/host-port.ts";
import type { Logger } from "./base/log.ts";
import { type Cancel, type Clock, systemClock } from "./base/time.ts";
import { version } from "./base/version.ts";
import type { DocumentPath } from "./config/document.ts";
import { startDeliveryThread } from "./hooks/delivery-thread.ts";
import { type HookContext, Hooks } from "./hooks/hooks.ts";
import { hookFlagsOf } from "./hooks/settings/hook-flags.ts";
import { parseSegmentPattern } from "./record/file-name.ts";
import { RecordOutput } from "./record/record-output.ts";
import type { SessionOptions } from "./rtmp/io/session-context.ts";
import { Sessions } from "./rtmp/io/sessions.ts";
import { readCertificate } from "./server/certificate.ts";
import { Monitoring } from "./server/monitoring.ts";
import { type PortWishes, RtmpPorts } from "./server/rtmp-ports.ts";
import { hookDocumentOf, type RunConfig } from "./server/run-config.ts";
import { streamRulesOf } from "./server/stream-rules.ts";
import { openAccess } from "./stream/admission.ts";
import { EventHub, type PublishTotals } from "./stream/event.ts";
import { eventLine } from "./stream/event-line.ts";
import { Registry } from "./stream/registry.ts";

/** A server that is listening. */
export interface RunningServer {
  /** Port of plain RTMP; 0 where it is off. */
  readonly rtmpPort: number;
  /** Port of RTMPS, where it is on. */
  readonly rtmpsPort: number | undefined;
  /** Port of metrics and health pages, where they are on. */
  readonly metricsPort: number | undefined;
  readonly registry: Registry;
  readonly events: EventHub;
  /** Has the hooks that a configuration's `hooks:` asks for now. @throws ConfigError, and then nothing has changed */
  configureHooks(config: RunConfig): void;
  /** Reads the hooks file again. Gives false where there is none. */
  reload(): boolean;
  /** Asks every client to connect again, elsewhere if `url` is given. Gives how many were asked. */
  requestReconnect(url: string | undefined): number;
  /** Stops accepting, tells players, finishes recordings. Gives false where recordings took longer than the configured time. */
  stop(): Promise<boolean>;
}

/** How often streams look for flows that have stopped, where there are hooks to tell, in milliseconds. */
const flowTickMs = 1_000;

/** How often it is noted how far publishes are, for hooks that have to know even after a crash, in milliseconds. */
const progressMs = 5_000;

/** Peers have this part of a stop's time to take their goodbye; the rest is for what comes after. */
const goodbyeShare = 0.8;

/** How often a stop looks whether everybody has left, in milliseconds. */
const stopPollMs = 20;

/** Reads what a key holds; a fault of the operator's gets the place of the key in front. @throws ConfigError */
const readAt = <Value>({ faultAt }: RunConfig, path: DocumentPath, read: () => Value): Value => {
  try {
    return read();
  } catch (error) {
    throw error instanceof ConfigError
      ? new ConfigError(faultAt(path, error.message), { cause: error })
      : error;
  }
};

/** The recorder of `recordAll`. */
const recordsOf = (
  config: RunConfig,
  parts: { events: EventHub; clock: Clock },
): RecordOutput | undefined => {
  const { recordAll, recordDir: directory, segmentDuration: segmentMs, segmentPattern } = config.server;
  const pattern = readAt(config, ["segmentPattern"], () => parseSegmentPattern(segmentPattern));
  if (!recordAll) return undefined;
  return new RecordOutput({ ...parts, directory, segmentMs, pattern, encoder: `rtmp-server ${version}` });
};

/**
 * Starts a server. Nothing is left behind when it throws.
 * @throws ConfigError for options that cannot be used; TransportError LISTEN when an address cannot be had
 */
export const startServer = (config: RunConfig, parts: { log: Logger; clock?: Clock }): RunningServer => {
  const { log, clock = systemClock } = parts;
  const { server } = config;
  const wishes = portWishesOf(config);
  const events = new EventHub();
  const records = recordsOf(config, { events, clock });
  events.listen((event) => {
    const described = eventLine(event);
    if (described) log[described.level](described.message, described.fields);
  });
  const registry = new Registry({
    rules: streamRulesOf(server),
    clock,
    events,
  });
  for (const output of records ? [records] : []) registry.attach(output);
  let monitoring: Monitoring | undefined;
  const hooks = hooksOf(config, { clock, log, events, pulse: (pulse) => monitoring?.takePulse(pulse) });
  if (hooks) events.listen((event) => hooks.dispatcher.take(event));
  const sessions = new Sessions({
    options: sessionOptionsOf(config),
    access: openAccess,
    registry,
    events,
    clock,
    log,
    ...(hooks ? { whenSafe: (proceed: () => void) => hooks.dispatcher.whenSafe(proceed) } : {}),
  });
  const ports = new RtmpPorts(sessions);
  try {
    ports.apply(wishes);
    const connections = (): number => sessions.size;
    monitoring = new Monitoring({ config, hooks, registry, events, connections, clock, log });
  } catch (error) {
    ports.close();
    sessions.close();
    void hooks?.close(0);
    throw error;
  }
  const ticks = hooks
    ? [
        clock.every(flowTickMs, () => registry.tick()),
        clock.every(progressMs, () => hooks.dispatcher.progress(publishesOf(registry))),
      ]
    : [];
  events.emit({ kind: "serverStarted", version });
  return new Server({
    ports,
    sessions,
    registry,
    events,
    records,
    hooks,
    monitoring,
    ticks,
    clock,
    timeoutMs: server.shutdownTimeout,
    drainMs: config.hooks.hookDrainTimeoutMs,
  });
};

/** The hooks of the `--hook-…` flags and of the hooks file, or the configuration file. */
const hooksOf = (
  config: RunConfig,
  parts: Pick<HookContext, "clock" | "log" | "events"> & { pulse: NonNullable<HookContext["pulse"]> },
): Hooks | undefined => {
  const { hooks } = config;
  const { maxBytes, maxEvents: maxRows } = hooks.hookQueueMax;
  return Hooks.open(
    {
      flags: hookFlagsOf(hooks),
      file: hooks.hookConfig,
      document: hookDocumentOf(config),
      store: { directory: hooks.hookDataDir, maxBytes, maxRows },
      envelope: hooks.hookEnvelope,
      isDebug: hooks.hookDebug,
    },
    { ...parts, version, start: startDeliveryThread },
  );
};

/** The publishes under way, with what they have brought so far. */
function* publishesOf(registry: Registry): Iterable<{ path: string; totals: PublishTotals }> {
  for (const { path, publication } of registry.streams)
    if (publication) yield { path, totals: publication.totals };
}

/** How sessions behave. */
const sessionOptionsOf = ({ server }: RunConfig): SessionOptions => ({
  chunkSize: server.chunkSize,
  playerQueue: { maxBytes: server.playerQueueBytes, maxMs: server.playerQueueMs },
  isLowLatency: server.lowLatency,
  idleTimeoutMs: server.idleTimeout,
  stallTimeoutMs: server.stallTimeout,
  bounds: {
    maxConnections: server.maxConnections,
    maxConnectionsPerAddress: server.maxConnectionsPerAddress,
    maxPerSecond: server.maxHandshakesPerSecond,
  },
});

/** The ports that a configuration asks for. @throws ConfigError for a certificate that cannot be used */
const portWishesOf = (config: RunConfig): PortWishes => {
  const { server } = config;
  const isPlain = server.rtmp && server.rtmpEncryption !== "strict";
  const isSafe = server.rtmp && server.rtmpEncryption !== "no";
  const tls = isSafe ? readCertificate(config, "rtmp") : undefined;
  return {
    rtmp: isPlain ? parseHostPort(server.rtmpAddress) : undefined,
    rtmps: tls && { address: parseHostPort(server.rtmpsAddress), tls },
  };
};

class Server implements RunningServer {
  readonly registry: Registry;
  readonly events: EventHub;
  readonly #ports: RtmpPorts;
  readonly #sessions: Sessions;
  readonly #records: RecordOutput | undefined;
  readonly #hooks: Hooks | undefined;
  readonly #monitoring: Monitoring;
  readonly #ticks: readonly Cancel[];
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #drainMs: number;

  constructor(parts: {
    ports: RtmpPorts;
    sessions: Sessions;
    registry: Registry;
    events: EventHub;
    records: RecordOutput | undefined;
    hooks: Hooks | undefined;
    monitoring: Monitoring;
    ticks: readonly Cancel[];
    clock: Clock;
    timeoutMs: number;
    drainMs: number;
  }) {
    this.#ports = parts.ports;
    this.#sessions = parts.sessions;
    this.registry = parts.registry;
    this.events = parts.events;
    this.#records = parts.records;
    this.#hooks = parts.hooks;
    this.#monitoring = parts.monitoring;
    this.#ticks = parts.ticks;
    this.#clock = parts.clock;
    this.#timeoutMs = parts.timeoutMs;
    this.#drainMs = parts.drainMs;
  }

  get rtmpPort(): number {
    return this.#ports.port("rtmp") ?? 0;
  }

  get rtmpsPort(): number | undefined {
    return this.#ports.port("rtmps");
  }

  get metricsPort(): number | undefined {
    return this.#monitoring.port;
  }

  configureHooks(config: RunConfig): void {
    const document = hookDocumentOf(config);
    if (document) this.#hooks?.configure(document);
  }

  reload(): boolean {
    if (!this.#hooks?.hasFile) return false;
    void this.#hooks.reload();
    return true;
  }

  requestReconnect(url: string | undefined): number {
    let count = 0;
    for (const session of this.#sessions.all) {
      session.requestReconnect(url);
      count++;
    }
    return count;
  }

  async stop(): Promise<boolean> {
    this.#ports.close();
    this.registry.shutdown();
    this.#sessions.close();
    const startedAt = this.#clock.now();
    const recordsDone = this.#records?.close().then(() => true) ?? Promise.resolve(true);
    const timeout = this.#pause(this.#timeoutMs).then(() => false);
    await this.#awaitGoodbyes(startedAt + this.#timeoutMs * goodbyeShare);
    // Whoever has not taken its goodbye by now never will.
    this.#sessions.cut();
    const areFilesWhole = await Promise.race([recordsDone, timeout]);
    for (const cancel of this.#ticks) cancel();
    this.events.emit({ kind: "serverStopped", version });
    await this.#hooks?.close(this.#drainMs);
    await this.#monitoring.close();
    return areFilesWhole;
  }

  async #awaitGoodbyes(deadline: number): Promise<void> {
    while (this.#sessions.size > 0 && this.#clock.now() < deadline) await this.#pause(stopPollMs);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}
