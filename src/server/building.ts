import { ServerAccess } from "../access/server-access.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { version } from "../base/version.ts";
import { Commands } from "../commands/commands.ts";
import { LiveConfig } from "../config/server/live-config.ts";
import { findPathConfig } from "../config/server/path-lookup.ts";
import { FlvSessions } from "../flv/io/sessions.ts";
import { startDeliveryThread } from "../hooks/delivery-thread.ts";
import { Hooks } from "../hooks/hooks.ts";
import { hookFlagsOf } from "../hooks/settings/hook-flags.ts";
import { controlApi } from "../http/api/control-api.ts";
import { RecentAlerts } from "../http/live/recent-alerts.ts";
import { profilingResources } from "../http/profiling.ts";
import type { Resource } from "../http/resource.ts";
import { Forwards } from "../relay/forwards.ts";
import { Pulls } from "../relay/pulls.ts";
import { Sessions } from "../rtmp/io/sessions.ts";
import { RtpShares } from "../rtsp/io/rtp-shares.ts";
import { RtspSessions } from "../rtsp/io/sessions.ts";
import { DeliveryDelay } from "../stream/delivery-delay.ts";
import { DropTally } from "../stream/drop-tally.ts";
import { EventHub } from "../stream/event.ts";
import { eventLine } from "../stream/event-line.ts";
import { Registry } from "../stream/registry.ts";
import { atKey } from "./at-key.ts";
import { Certificates } from "./certificates.ts";
import type { Configurable } from "./configurable.ts";
import { controlPorts, pathsOf } from "./control-ports.ts";
import { Dashboard } from "./dashboard.ts";
import { flvOptionsOf } from "./flv-options.ts";
import { HlsPart } from "./hls-part.ts";
import { HookWatch } from "./hook-watch.ts";
import type { House } from "./house.ts";
import { loginScreen } from "./login-screen.ts";
import { MetricsPage } from "./metrics-page.ts";
import { Monitoring } from "./monitoring.ts";
import { Pages, type PagesName } from "./pages.ts";
import { portsOf } from "./ports-of.ts";
import { Records } from "./records.ts";
import { RtmpPorts } from "./rtmp-ports.ts";
import { rtmpWishesOf } from "./rtmp-wishes.ts";
import { RtspPart } from "./rtsp-part.ts";
import { RtspPorts } from "./rtsp-ports.ts";
import { maxRtpPayloadOf, rtspOptionsOf } from "./rtsp-wishes.ts";
import { hookDocumentOf, type LiveRunConfig, type RunConfig } from "./run-config.ts";
import { sessionOptionsOf } from "./session-options.ts";
import { streamRulesOf } from "./stream-rules.ts";
import { watchPages } from "./watch-pages.ts";

/** What a server is built with. */
export interface BuildingParts {
  readonly log: Logger;
  readonly clock: Clock;
  /** What is written to the log follows the configuration, where the log can. */
  readonly configureLog?: (config: RunConfig) => void;
}

/**
 * All rooms of a server, tied together. Nothing listens, and nothing is read from the disk but what the configuration names, before
 * its {@link parts} are configured for the first time.
 */
export class Building implements House {
  readonly live: LiveRunConfig;
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly rtsp: RtspSessions;
  readonly flv: FlvSessions;
  readonly hls: HlsPart;
  readonly access: ServerAccess;
  readonly forwards: Forwards;
  readonly records: Records;
  readonly pulls: Pulls;
  readonly commands: Commands;
  readonly hookRoom: Hooks | undefined;
  readonly hooks: HookWatch;
  readonly monitoring: Monitoring | undefined;
  readonly ports: RtmpPorts;
  readonly rtspPorts: RtspPorts;
  readonly certificates = new Certificates();
  readonly pages: Readonly<Record<PagesName, Pages>>;
  readonly metrics: MetricsPage;
  readonly dashboard: Dashboard;
  readonly delivery = { delay: new DeliveryDelay(), tally: new DropTally() };
  readonly events = new EventHub();
  readonly started: Date;
  readonly clock: Clock;
  readonly log: Logger;
  /** What follows the configuration: those that may refuse one come first. */
  readonly parts: readonly Configurable[];
  #current: RunConfig;

  /** @throws ConfigError for hooks, users and tokens that cannot be used */
  constructor(config: RunConfig, { log, clock, configureLog }: BuildingParts) {
    this.#current = config;
    this.log = log;
    this.clock = clock;
    this.started = clock.date();
    const { events } = this;
    const alerts = new RecentAlerts(clock);
    events.listen((event) => {
      const described = eventLine(event);
      if (!described) return;
      log[described.level](described.message, described.fields);
      alerts.note({ kind: event.kind, line: described });
    });
    const find = (name: string) => findPathConfig(this.#current.server, name);
    const common = { events, clock, log, find };
    const rules = streamRulesOf(config.server);
    this.registry = new Registry({ rules, clock, events, delay: this.delivery.delay });
    const tokens = config.auth.mode === "none" ? undefined : config.auth;
    this.access = new ServerAccess({ config: config.server, tokens, clock, log });
    this.hookRoom = this.#openHooks();
    this.hooks = new HookWatch(this.hookRoom);
    this.sessions = this.#makeSessions();
    const { registry } = this;
    this.pulls = new Pulls({ ...common, registry });
    this.forwards = new Forwards({ ...common, registry, options: () => this.#linkOptions });
    this.records = new Records({ ...common, registry, ...this.#safety });
    this.commands = new Commands({ config: () => this.#current.server, find, clock, log });
    const { limits } = this.sessions;
    this.hls = new HlsPart({ registry, events, limits, clock, log, config: () => this.#current });
    for (const output of [this.forwards, ...this.records.outputs, this.hls.muxers]) registry.attach(output);
    const { hookRoom } = this;
    if (hookRoom) events.listen((event) => hookRoom.dispatcher.take(event));
    events.listen((event) => this.commands.take(event));
    this.monitoring = this.#monitor();
    this.ports = new RtmpPorts(this.sessions);
    this.rtspPorts = new RtspPorts(() => this.rtsp);
    this.rtsp = this.#makeRtsp();
    this.flv = this.#makeFlv();
    this.live = new LiveConfig(config, { clock });
    const paths = pathsOf(this);
    this.metrics = new MetricsPage(this, paths);
    const { ratesOf } = this.metrics;
    this.dashboard = new Dashboard(this, { alerts, ratesOf, ports: () => portsOf(this) });
    this.pages = {
      api: this.#makePages("api", () => [
        ...controlApi(controlPorts(this, paths)),
        ...this.dashboard.resources,
      ]),
      metrics: this.#makePages("metrics", () => this.metrics.resources),
      pprof: this.#makePages("pprof", () => profilingResources(clock)),
      playback: this.#makePages("playback", () => this.records.playback),
      hls: this.#makePages("hls", () => watchPages(this)),
    };
    this.parts = this.#configurables(configureLog);
  }

  /** What is in force, or about to be. */
  readonly config = (): RunConfig => this.#current;

  get #linkOptions() {
    const { chunkSize, playerQueue: queue } = sessionOptionsOf(this.#current, this.delivery.tally);
    return { chunkSize, queue };
  }

  #configurables(configureLog: BuildingParts["configureLog"]): readonly Configurable[] {
    const part = (name: string, configure: Configurable["configure"]): Configurable => ({ name, configure });
    return [
      part("configuration", (config) => {
        this.#current = config;
      }),
      part("access", ({ server }) => this.access.use(server)),
      part("RTMP ports", (config) => this.ports.apply(rtmpWishesOf(config, this.certificates))),
      new RtspPart({ ports: this.rtspPorts, certificates: this.certificates, log: this.log }),
      ...Object.values(this.pages),
      this.records.refusing,
      this.hls,
      part("FLV over HTTP", ({ server }) => {
        if (!server.hls) this.flv.closeAll("unconfigured");
      }),
      part("forwards", (config) => atKey(config, "relayTo", () => this.forwards.configure(config.server))),
      part("hooks", (config) => this.#configureHooks(config)),
      part("streams", ({ server }) => this.registry.configure(streamRulesOf(server))),
      this.records.following,
      part("sources", ({ server }) => this.pulls.configure(server)),
      part("commands", ({ server }) => this.commands.configure(server)),
      part("log", (config) => configureLog?.(config)),
      this.dashboard,
    ];
  }

  /** Where there are hooks, nobody is told of what they have not taken down yet. */
  get #safety(): { whenSafe?: (proceed: () => void) => void } {
    const { hookRoom } = this;
    return hookRoom ? { whenSafe: (proceed) => hookRoom.dispatcher.whenSafe(proceed) } : {};
  }

  #makeSessions(): Sessions {
    const { registry, events, access, clock, log, delivery } = this;
    const current = (): RunConfig => this.#current;
    return new Sessions({
      get options() {
        return sessionOptionsOf(current(), delivery.tally);
      },
      access,
      screen: loginScreen({
        access,
        isChallenging: () => this.#current.server.rtmpAuthChallenge,
        clock,
      }),
      registry,
      events,
      clock,
      log,
      ...this.#safety,
    });
  }

  #makeRtsp(): RtspSessions {
    const { registry, events, access, clock, log, delivery, sessions, rtspPorts } = this;
    const current = (): RunConfig => this.#current;
    return new RtspSessions({
      get options() {
        return rtspOptionsOf(current(), delivery.tally);
      },
      ...{ access, passwords: access, limits: sessions.limits, registry, events, clock, log },
      shares: new RtpShares({ clock, maxPayload: () => maxRtpPayloadOf(current()) }),
      udp: () => rtspPorts.udp,
      ...this.#safety,
    });
  }

  #makeFlv(): FlvSessions {
    const { registry, events, clock, log, delivery, sessions } = this;
    const current = (): RunConfig => this.#current;
    return new FlvSessions({
      get options() {
        return flvOptionsOf(current(), delivery.tally);
      },
      ...{ limits: sessions.limits, registry, events, clock, log },
    });
  }

  #makePages(name: PagesName, resources: () => readonly Resource[]): Pages {
    const { access, certificates, clock, log } = this;
    return new Pages({ name, resources, access, certificates, clock, log });
  }

  /** The hooks of the `--hook-…` flags and of the hooks file, or the configuration file. */
  #openHooks(): Hooks | undefined {
    const { clock, log, events } = this;
    const { hooks } = this.#current;
    const { maxBytes, maxEvents: maxRows } = hooks.hookQueueMax;
    return Hooks.open(
      {
        flags: hookFlagsOf(hooks),
        file: hooks.hookConfig,
        document: hookDocumentOf(this.#current),
        store: { directory: hooks.hookDataDir, maxBytes, maxRows },
        envelope: hooks.hookEnvelope,
        isDebug: hooks.hookDebug,
      },
      {
        clock,
        log,
        events,
        version,
        start: startDeliveryThread,
        pulse: (pulse) => this.monitoring?.takePulse(pulse),
      },
    );
  }

  #configureHooks(config: RunConfig): void {
    const document = hookDocumentOf(config);
    if (!document || !this.hookRoom || this.hookRoom.hasFile) return;
    this.hookRoom.configure(document);
  }

  #monitor(): Monitoring | undefined {
    const { hookRoom: hooks, registry, events, clock } = this;
    const connections = (): number => this.sessions.size;
    return hooks && new Monitoring({ config: this.#current, hooks, registry, events, connections, clock });
  }
}
