import { forFlag } from "./base/errors.ts";
import type { HostPort } from "./base/host-port.ts";
import type { Logger } from "./base/log.ts";
import { type Cancel, type Clock, systemClock } from "./base/time.ts";
import { version } from "./base/version.ts";
import type { Config } from "./config/config.ts";
import { startDeliveryThread } from "./hooks/delivery-thread.ts";
import { type HookContext, Hooks } from "./hooks/hooks.ts";
import { hookFlagsOf } from "./hooks/settings/hook-flags.ts";
import { parseSegmentPattern } from "./record/file-name.ts";
import { RecordOutput } from "./record/record-output.ts";
import { Forwards } from "./relay/forwards.ts";
import { ConnectionIds, Listener, type Tls } from "./rtmp/io/listener.ts";
import type { SessionContext } from "./rtmp/io/session.ts";
import { Monitoring } from "./server/monitoring.ts";
import { readTls } from "./server/tls.ts";
import { openAccess } from "./stream/admission.ts";
import { EventHub, type PublishTotals } from "./stream/event.ts";
import { eventLine } from "./stream/event-line.ts";
import { Registry } from "./stream/registry.ts";
import { defaultStreamOptions, type StreamOptions } from "./stream/stream-options.ts";

/** A server that is listening. */
export interface RunningServer {
  /** Port of plain RTMP. */
  readonly rtmpPort: number;
  /** Port of RTMPS, where it is on. */
  readonly rtmpsPort: number | undefined;
  /** Port of metrics and health pages, where they are on. */
  readonly metricsPort: number | undefined;
  readonly registry: Registry;
  readonly events: EventHub;
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

/** The pushes of `--relay-to`. */
const forwardsOf = (
  config: Config,
  parts: { registry: Registry; events: EventHub; clock: Clock; log: Logger },
): Forwards => {
  const queue = { maxBytes: config.playerQueueBytes, maxMs: config.playerQueueMs };
  const options = { chunkSize: config.chunkSize, queue };
  const forwards = new Forwards({ ...parts, options: () => options, find: () => undefined });
  forFlag("relay-to", () => forwards.configure({ paths: {}, relayTo: config.relayTo }));
  return forwards;
};

/** The recorder of `--record-all`. */
const recordsOf = (config: Config, parts: { events: EventHub; clock: Clock }): RecordOutput | undefined => {
  const pattern = forFlag("segment-pattern", () => parseSegmentPattern(config.segmentPattern));
  if (!config.recordAll) return undefined;
  const { recordDir: directory, segmentMs } = config;
  return new RecordOutput({ ...parts, directory, segmentMs, pattern, encoder: `rtmp-server ${version}` });
};

/**
 * Starts a server. Nothing is left behind when it throws.
 * @throws ConfigError for options that cannot be used; TransportError LISTEN when an address cannot be had
 */
export const startServer = (config: Config, parts: { log: Logger; clock?: Clock }): RunningServer => {
  const { log, clock = systemClock } = parts;
  const tls = readTls(config);
  const events = new EventHub();
  const records = recordsOf(config, { events, clock });
  events.listen((event) => {
    const described = eventLine(event);
    if (described) log[described.level](described.message, described.fields);
  });
  const streamOptions: StreamOptions = {
    ...defaultStreamOptions,
    hasGopCache: config.gopCache,
    isLowLatency: config.lowLatency,
    overridePublisher: config.overridePublisher,
    republishGraceMs: config.republishGraceMs,
    playWaitMs: config.playWaitMs,
  };
  const registry = new Registry({
    rules: { optionsOf: () => streamOptions, maxPublishers: 0 },
    clock,
    events,
  });
  const forwards = forwardsOf(config, { registry, events, clock, log });
  for (const output of [forwards, ...(records ? [records] : [])]) registry.attach(output);
  let monitoring: Monitoring | undefined;
  const hooks = hooksOf(config, { clock, log, events, pulse: (pulse) => monitoring?.takePulse(pulse) });
  if (hooks) events.listen((event) => hooks.dispatcher.take(event));
  const context: SessionContext = {
    options: {
      chunkSize: config.chunkSize,
      playerQueue: { maxBytes: config.playerQueueBytes, maxMs: config.playerQueueMs },
      isLowLatency: config.lowLatency,
      idleTimeoutMs: config.idleTimeoutMs,
      stallTimeoutMs: config.stallTimeoutMs,
    },
    access: openAccess,
    registry,
    events,
    clock,
    log,
    ...(hooks ? { whenSafe: (proceed: () => void) => hooks.dispatcher.whenSafe(proceed) } : {}),
  };
  let listeners: readonly Listener[] = [];
  try {
    listeners = openListeners(config, { tls, context });
    const connections = (): number => listeners.reduce((sum, { sessionCount }) => sum + sessionCount, 0);
    monitoring = new Monitoring({ config, hooks, registry, events, connections, clock, log });
  } catch (error) {
    closeAll(listeners);
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
    listeners,
    registry,
    events,
    records,
    hooks,
    monitoring,
    ticks,
    clock,
    timeoutMs: config.shutdownTimeoutMs,
    drainMs: config.hookDrainTimeoutMs,
  });
};

/** The hooks of the `--hook-…` flags and of the hooks file. */
const hooksOf = (
  config: Config,
  parts: Pick<HookContext, "clock" | "log" | "events"> & { pulse: NonNullable<HookContext["pulse"]> },
): Hooks | undefined => {
  const { maxBytes, maxEvents: maxRows } = config.hookQueueMax;
  return Hooks.open(
    {
      flags: hookFlagsOf(config),
      file: config.hookConfig,
      store: { directory: config.hookDataDir, maxBytes, maxRows },
      envelope: config.hookEnvelope,
      isDebug: config.hookDebug,
    },
    { ...parts, version, start: startDeliveryThread },
  );
};

/** The publishes under way, with what they have brought so far. */
function* publishesOf(registry: Registry): Iterable<{ path: string; totals: PublishTotals }> {
  for (const { path, publication } of registry.streams)
    if (publication) yield { path, totals: publication.totals };
}

/** Opens every port, or none. */
const openListeners = (
  config: Config,
  parts: { tls: Tls | undefined; context: SessionContext },
): Listener[] => {
  const { tls, context } = parts;
  const ids = new ConnectionIds();
  const wanted: { address: HostPort; tls: Tls | undefined }[] = [{ address: config.listen, tls: undefined }];
  if (config.tlsListen) wanted.push({ address: config.tlsListen, tls });
  const opened: Listener[] = [];
  try {
    for (const each of wanted) opened.push(new Listener({ ...each, ids, context }));
  } catch (error) {
    closeAll(opened);
    throw error;
  }
  return opened;
};

const closeAll = (listeners: readonly Listener[]): void => {
  for (const listener of listeners) {
    listener.stopAccepting();
    listener.close();
  }
};

class Server implements RunningServer {
  readonly registry: Registry;
  readonly events: EventHub;
  readonly #listeners: readonly Listener[];
  readonly #records: RecordOutput | undefined;
  readonly #hooks: Hooks | undefined;
  readonly #monitoring: Monitoring;
  readonly #ticks: readonly Cancel[];
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #drainMs: number;

  constructor(parts: {
    listeners: readonly Listener[];
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
    this.#listeners = parts.listeners;
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
    return this.#listeners[0]?.port ?? 0;
  }

  get rtmpsPort(): number | undefined {
    return this.#listeners[1]?.port;
  }

  get metricsPort(): number | undefined {
    return this.#monitoring.port;
  }

  reload(): boolean {
    if (!this.#hooks?.hasFile) return false;
    void this.#hooks.reload();
    return true;
  }

  requestReconnect(url: string | undefined): number {
    let count = 0;
    for (const listener of this.#listeners) {
      for (const session of listener.sessions) {
        session.requestReconnect(url);
        count++;
      }
    }
    return count;
  }

  async stop(): Promise<boolean> {
    for (const listener of this.#listeners) listener.stopAccepting();
    this.registry.shutdown();
    for (const listener of this.#listeners) listener.close();
    const startedAt = this.#clock.now();
    const recordsDone = this.#records?.close().then(() => true) ?? Promise.resolve(true);
    const timeout = this.#pause(this.#timeoutMs).then(() => false);
    await this.#awaitGoodbyes(startedAt + this.#timeoutMs * goodbyeShare);
    // Whoever has not taken its goodbye by now never will.
    for (const listener of this.#listeners) listener.cut();
    const areFilesWhole = await Promise.race([recordsDone, timeout]);
    for (const cancel of this.#ticks) cancel();
    this.events.emit({ kind: "serverStopped", version });
    await this.#hooks?.close(this.#drainMs);
    await this.#monitoring.close();
    return areFilesWhole;
  }

  async #awaitGoodbyes(deadline: number): Promise<void> {
    while (this.#hasSessions() && this.#clock.now() < deadline) await this.#pause(stopPollMs);
  }

  #hasSessions(): boolean {
    return this.#listeners.some((listener) => listener.sessionCount > 0);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}
