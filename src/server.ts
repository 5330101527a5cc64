import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError, forFlag, messageOf } from "./base/errors.ts";
import type { HostPort } from "./base/host-port.ts";
import type { Logger } from "./base/log.ts";
import { type Cancel, type Clock, systemClock } from "./base/time.ts";
import { version } from "./base/version.ts";
import type { Config } from "./config/config.ts";
import { assembleHooks } from "./hooks/assembly.ts";
import type { HookDispatcher } from "./hooks/dispatcher.ts";
import { parseSegmentPattern } from "./record/file-name.ts";
import { RecordOutput } from "./record/record-output.ts";
import { PushOutput } from "./relay/push.ts";
import { parsePushTarget } from "./relay/target.ts";
import { ConnectionIds, Listener, type Tls } from "./rtmp/io/listener.ts";
import type { SessionContext } from "./rtmp/io/session.ts";
import { EventHub } from "./stream/event.ts";
import { eventLine } from "./stream/event-line.ts";
import { Registry } from "./stream/registry.ts";
import type { Output } from "./stream/stream.ts";

/** A server that is listening. */
export interface RunningServer {
  /** Port of plain RTMP. */
  readonly rtmpPort: number;
  /** Port of RTMPS, where it is on. */
  readonly rtmpsPort: number | undefined;
  readonly registry: Registry;
  readonly events: EventHub;
  /** Asks every client to connect again, elsewhere if `url` is given. Gives how many were asked. */
  requestReconnect(url: string | undefined): number;
  /** Stops accepting, tells players, finishes recordings. Gives false where recordings took longer than the configured time. */
  stop(): Promise<boolean>;
}

/** How often streams look for flows that have stopped, where there are hooks to tell, in milliseconds. */
const flowTickMs = 1_000;

/** Peers have this part of a stop's time to take their goodbye; the rest is for what comes after. */
const goodbyeShare = 0.8;

/** How often a stop looks whether everybody has left, in milliseconds. */
const stopPollMs = 20;

/** Reads a PEM file, and has `parse` look whether it holds what it should. */
const readPem = <Value>(
  { flag, file, what }: { flag: string; file: string; what: string },
  parse: (text: string) => Value,
): { text: string; value: Value } => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`--${flag}: cannot read ${JSON.stringify(file)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return { text, value: parse(text) };
  } catch (error) {
    throw new ConfigError(`--${flag}: ${JSON.stringify(file)} holds no ${what}, expected one in PEM`, {
      cause: error,
    });
  }
};

const readTls = ({ tlsCert, tlsKey }: Config): Tls | undefined => {
  if (!tlsCert || !tlsKey) return undefined;
  const cert = readPem({ flag: "tls-cert", file: tlsCert, what: "certificate" }, (text) => {
    return new X509Certificate(text);
  });
  const key = readPem({ flag: "tls-key", file: tlsKey, what: "private key" }, createPrivateKey);
  if (!cert.value.checkPrivateKey(key.value)) {
    throw new ConfigError(
      `--tls-key: the key in ${JSON.stringify(tlsKey)} belongs to another certificate than that in ${JSON.stringify(tlsCert)}`,
    );
  }
  return { cert: cert.text, key: key.text };
};

/** The pushes of `--relay-to`. */
const pushesOf = (config: Config, parts: { events: EventHub; clock: Clock }): Output[] => {
  const queue = { maxBytes: config.playerQueueBytes, maxMs: config.playerQueueMs };
  const targets = forFlag("relay-to", () => config.relayTo.map(parsePushTarget));
  return targets.map((target) => new PushOutput(target, { ...parts, chunkSize: config.chunkSize, queue }));
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
  const pushes = pushesOf(config, { events, clock });
  const records = recordsOf(config, { events, clock });
  const hooks = hooksOf(config, { clock, log });
  events.listen((event) => {
    const described = eventLine(event);
    if (described) log[described.level](described.message, described.fields);
  });
  if (hooks) events.listen((event) => hooks.take(event));
  const registry = new Registry({
    options: {
      hasGopCache: config.gopCache,
      isLowLatency: config.lowLatency,
      overridePublisher: config.overridePublisher,
      republishGraceMs: config.republishGraceMs,
      playWaitMs: config.playWaitMs,
    },
    clock,
    events,
  });
  for (const output of [...pushes, ...(records ? [records] : [])]) registry.attach(output);
  const context: SessionContext = {
    options: {
      chunkSize: config.chunkSize,
      playerQueue: { maxBytes: config.playerQueueBytes, maxMs: config.playerQueueMs },
      isLowLatency: config.lowLatency,
      idleTimeoutMs: config.idleTimeoutMs,
      stallTimeoutMs: config.stallTimeoutMs,
    },
    registry,
    events,
    clock,
    log,
  };
  const listeners = openListeners(config, { tls, context });
  const cancelTick = hooks ? clock.every(flowTickMs, () => registry.tick()) : undefined;
  events.emit({ kind: "serverStarted", version });
  return new Server({
    listeners,
    registry,
    events,
    records,
    hooks,
    cancelTick,
    clock,
    timeoutMs: config.shutdownTimeoutMs,
  });
};

/** The hooks of the `--hook-…` flags. */
const hooksOf = (config: Config, parts: { clock: Clock; log: Logger }): HookDispatcher | undefined =>
  assembleHooks(
    {
      scripts: config.hookScripts,
      webhooks: config.hookWebhooks,
      stdioFormat: config.hookStdioFormat,
      stdioPrefix: config.hookStdioPrefix,
      stdioStream: config.hookStdioStream,
      timeoutMs: config.hookTimeoutMs,
      concurrency: config.hookConcurrency,
    },
    parts,
  );

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
    for (const listener of opened) {
      listener.stopAccepting();
      listener.close();
    }
    throw error;
  }
  return opened;
};

class Server implements RunningServer {
  readonly registry: Registry;
  readonly events: EventHub;
  readonly #listeners: readonly Listener[];
  readonly #records: RecordOutput | undefined;
  readonly #hooks: HookDispatcher | undefined;
  readonly #cancelTick: Cancel | undefined;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(parts: {
    listeners: readonly Listener[];
    registry: Registry;
    events: EventHub;
    records: RecordOutput | undefined;
    hooks: HookDispatcher | undefined;
    cancelTick: Cancel | undefined;
    clock: Clock;
    timeoutMs: number;
  }) {
    this.#listeners = parts.listeners;
    this.registry = parts.registry;
    this.events = parts.events;
    this.#records = parts.records;
    this.#hooks = parts.hooks;
    this.#cancelTick = parts.cancelTick;
    this.#clock = parts.clock;
    this.#timeoutMs = parts.timeoutMs;
  }

  get rtmpPort(): number {
    return this.#listeners[0]?.port ?? 0;
  }

  get rtmpsPort(): number | undefined {
    return this.#listeners[1]?.port;
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
    this.#cancelTick?.();
    this.events.emit({ kind: "serverStopped", version });
    await this.#hooks?.close(Math.max(0, startedAt + this.#timeoutMs - this.#clock.now()));
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
