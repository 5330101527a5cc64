import { messageOf } from "./base/errors.ts";
import type { Logger } from "./base/log.ts";
import { type Cancel, type Clock, systemClock } from "./base/time.ts";
import { version } from "./base/version.ts";
import { countOf } from "./config/server/changes-between.ts";
import { Building, type BuildingParts } from "./server/building.ts";
import { certificateFiles } from "./server/certificates.ts";
import { reconfigure } from "./server/configurable.ts";
import { FileSights } from "./server/file-sights.ts";
import type { LiveRunConfig, RunConfig } from "./server/run-config.ts";
import type { EventHub, PublishTotals } from "./stream/event.ts";
import type { Registry } from "./stream/registry.ts";

/** A server that is listening. */
export interface RunningServer {
  /** Port of plain RTMP; 0 where it is off. */
  readonly rtmpPort: number;
  /** Port of RTMPS, where it is on. */
  readonly rtmpsPort: number | undefined;
  /** Port of the control API, where it is on. */
  readonly apiPort: number | undefined;
  /** Port of metrics and health pages, where they are on. */
  readonly metricsPort: number | undefined;
  /** Port of profiles, where they are on. */
  readonly pprofPort: number | undefined;
  /** Port of plain RTSP, where it is on. */
  readonly rtspPort: number | undefined;
  /** Port of RTSPS, where it is on. */
  readonly rtspsPort: number | undefined;
  /** Port of the playback of recordings, where it is on. */
  readonly playbackPort: number | undefined;
  /** Port of what is watched over HTTP, where it is on. */
  readonly hlsPort: number | undefined;
  readonly registry: Registry;
  readonly events: EventHub;
  /** What the server goes by. */
  readonly live: LiveRunConfig;
  /** Reads all files again: of the configuration, of hooks and of tokens. Gives false where there is none. */
  reload(): Promise<boolean>;
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

/** Segments that are being uploaded have so long to arrive when the server stops, in milliseconds. */
const uploadDrainMs = 2_000;

/** How often a stop looks whether everybody has left, in milliseconds. */
const stopPollMs = 20;

/**
 * Starts a server. Nothing is left behind when it throws.
 * @throws ConfigError for options that cannot be used; TransportError LISTEN when an address cannot be had
 */
export const startServer = (
  config: RunConfig,
  parts: { log: Logger; clock?: Clock; configureLog?: NonNullable<BuildingParts["configureLog"]> },
): RunningServer => {
  const building = new Building(config, { clock: systemClock, ...parts });
  try {
    for (const part of building.parts) part.configure(config);
  } catch (error) {
    abandon(building);
    throw error;
  }
  return new Server(building);
};

/** Closes what a start that failed has opened. */
const abandon = (building: Building): void => {
  building.live.close();
  building.ports.close();
  building.rtspPorts.close();
  building.pulls.close();
  building.sessions.close();
  building.rtsp.close();
  building.flv.close();
  building.rtspPorts.closeUdp();
  building.hls.close();
  void building.records.close();
  building.metrics.close();
  building.monitoring?.close();
  for (const pages of Object.values(building.pages)) void pages.stop();
  void building.commands.close();
  void building.hookRoom?.close(0);
};

/** The publishes under way, with what they have brought so far. */
function* publishesOf(registry: Registry): Iterable<{ path: string; totals: PublishTotals }> {
  for (const { path, publication } of registry.streams)
    if (publication) yield { path, totals: publication.totals };
}

class Server implements RunningServer {
  readonly registry: Registry;
  readonly events: EventHub;
  readonly live: LiveRunConfig;
  readonly #building: Building;
  readonly #ticks: readonly Cancel[];
  readonly #certificateSights: FileSights;

  constructor(building: Building) {
    const { registry, events, live, clock, hookRoom } = building;
    this.#building = building;
    this.registry = registry;
    this.events = events;
    this.live = live;
    this.#ticks = hookRoom
      ? [
          clock.every(flowTickMs, () => registry.tick()),
          clock.every(progressMs, () => hookRoom.dispatcher.progress(publishesOf(registry))),
        ]
      : [];
    this.#certificateSights = new FileSights({
      files: () => certificateFiles(building.config()),
      changed: () => this.#renewCertificates(),
      clock,
    });
    this.#follow(live);
    building.records.finishEarlier(building.config());
    events.emit({ kind: "serverStarted", version });
  }

  get rtmpPort(): number {
    return this.#building.ports.port("rtmp") ?? 0;
  }

  get rtmpsPort(): number | undefined {
    return this.#building.ports.port("rtmps");
  }

  get apiPort(): number | undefined {
    return this.#building.pages.api.port;
  }

  get metricsPort(): number | undefined {
    return this.#building.pages.metrics.port;
  }

  get pprofPort(): number | undefined {
    return this.#building.pages.pprof.port;
  }

  get rtspPort(): number | undefined {
    return this.#building.rtspPorts.port("rtsp");
  }

  get rtspsPort(): number | undefined {
    return this.#building.rtspPorts.port("rtsps");
  }

  get playbackPort(): number | undefined {
    return this.#building.pages.playback.port;
  }

  get hlsPort(): number | undefined {
    return this.#building.pages.hls.port;
  }

  async reload(): Promise<boolean> {
    const { access, dashboard, hookRoom, config } = this.#building;
    const hasTokens = config().auth.mode === "file";
    if (hasTokens) {
      access.reloadTokens();
      dashboard.feed.dismiss();
    }
    const hasHooks = hookRoom?.hasFile ?? false;
    if (hasHooks) await hookRoom?.reload();
    return (await this.live.reload()) || hasHooks || hasTokens;
  }

  requestReconnect(url: string | undefined): number {
    let count = 0;
    for (const session of this.#building.sessions.all) {
      session.requestReconnect(url);
      count++;
    }
    return count;
  }

  async stop(): Promise<boolean> {
    const { live, ports, rtspPorts, pulls, sessions, rtsp, flv, records, clock, config } = this.#building;
    const timeoutMs = config().server.shutdownTimeout;
    live.close();
    this.#certificateSights.close();
    ports.close();
    rtspPorts.close();
    pulls.close();
    this.registry.shutdown();
    sessions.close();
    rtsp.close();
    flv.close();
    this.#building.hls.end();
    const startedAt = clock.now();
    const recordsDone = records.finish().then(() => true);
    const timeout = this.#pause(timeoutMs).then(() => false);
    await this.#awaitGoodbyes(startedAt + timeoutMs * goodbyeShare);
    // Whoever has not taken its goodbye by now never will.
    sessions.cut();
    rtsp.cut();
    rtspPorts.closeUdp();
    const areFilesWhole = await Promise.race([recordsDone, timeout]);
    for (const cancel of this.#ticks) cancel();
    this.events.emit({ kind: "serverStopped", version });
    await this.#closeRest();
    return areFilesWhole;
  }

  async #closeRest(): Promise<void> {
    const { hookRoom, commands, monitoring, metrics, dashboard, pages, records, config } = this.#building;
    await Promise.all([
      commands.close(),
      // What has not been uploaded by then is at the next start.
      Promise.race([records.close(), this.#pause(uploadDrainMs)]),
      hookRoom?.close(config().hooks.hookDrainTimeoutMs),
    ]);
    monitoring?.close();
    metrics.close();
    dashboard.feed.dismiss();
    this.#building.hls.close();
    await Promise.all(Object.values(pages).map((each) => each.stop()));
  }

  /** Has all parts go by the configuration as it changes, and tells of it. */
  #follow(live: LiveRunConfig): void {
    const { parts, log, certificates, config } = this.#building;
    const file = live.config.source.name ?? "";
    live.onApply((now, before) => {
      try {
        reconfigure(parts, { now, before, log });
      } finally {
        certificates.settle(config());
        this.#certificateSights.settle();
      }
      const known = new Set(before.warnings);
      for (const warning of now.warnings) if (!known.has(warning)) log.warn(warning);
    });
    live.onReloaded((changes) =>
      this.events.emit({ kind: "configReloaded", file, changes: countOf(changes) }),
    );
    live.onChanged((changes) =>
      log.info("configuration changed through the API", { changes: countOf(changes) }),
    );
    live.onRejected((reason) => this.events.emit({ kind: "configRejected", file, reason }));
  }

  /** Certificates are renewed by writing their files, which changes no key. */
  #renewCertificates(): void {
    const { parts, certificates, config, log } = this.#building;
    try {
      certificates.renew(config());
      reconfigure(parts, { now: config(), before: config(), log });
      log.info("certificates read again");
    } catch (error) {
      log.error("certificates not read again, the old ones stay", { error: messageOf(error) });
    }
  }

  async #awaitGoodbyes(deadline: number): Promise<void> {
    const { sessions, rtsp, clock } = this.#building;
    while (sessions.size + rtsp.size > 0 && clock.now() < deadline) await this.#pause(stopPollMs);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#building.clock.after(ms, resolve);
    });
  }
}
