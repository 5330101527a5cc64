import { MetricsRegistry } from "../base/metrics.ts";
import { build } from "../base/version.ts";
import { flvConnObject } from "../http/api/flv-conns.ts";
import { hlsMuxerObject, hlsSessionObject } from "../http/api/hls-objects.ts";
import type { PathObject, RtmpConnObject } from "../http/api/objects.ts";
import type { RegistryPaths } from "../http/api/registry-paths.ts";
import { rtmpConnObject } from "../http/api/rtmp-conn-object.ts";
import { rtspConnObject } from "../http/api/rtsp-conn-object.ts";
import { rtspSessionObject } from "../http/api/rtsp-session-object.ts";
import type { ForwardState } from "../http/collectors/forward-metrics.ts";
import type { LimitState } from "../http/collectors/limit-metrics.ts";
import { ServerMetrics } from "../http/collectors/server-metrics.ts";
import { eventsResource } from "../http/events.ts";
import { healthResources } from "../http/health.ts";
import type { LivePorts } from "../http/live/live-view.ts";
import { metricsResource } from "../http/metrics.ts";
import type { PathForward } from "../http/mtx/blocks.ts";
import { parseMtxFilter } from "../http/mtx/filter.ts";
import { type MtxState, mtxMetrics } from "../http/mtx/mtx-metrics.ts";
import { ProcessMetrics } from "../http/process-metrics.ts";
import type { Resource } from "../http/resource.ts";
import type { SessionView } from "../rtmp/io/session-context.ts";
import type { RtspKind } from "../rtsp/io/sessions.ts";
import type { House } from "./house.ts";
import { writtenDirectories } from "./monitoring.ts";
import { servesRtmp } from "./rtmp-wishes.ts";
import { servesRtsp } from "./rtsp-wishes.ts";

/** Metrics, and the pages beside them: health, events as they happen. */
export class MetricsPage {
  readonly #house: House;
  readonly #paths: RegistryPaths;
  readonly #process: ProcessMetrics;
  readonly #server: ServerMetrics;
  readonly resources: readonly Resource[];

  constructor(house: House, paths: RegistryPaths) {
    this.#house = house;
    this.#paths = paths;
    const { clock, log, hooks, events, registry, delivery, access } = house;
    this.#process = new ProcessMetrics({ clock, build });
    this.#server = new ServerMetrics({
      clock,
      streams: () => registry.streams,
      delivery,
      connections: () => this.#connections(),
      forwards: () => forwardStates(house),
      config: () => configReloads(house),
      access: () => access.families(),
      limits: () => limits(house),
      directories: () => writtenDirectories(house.config()),
      uploads: () => house.records.uploads,
    });
    events.listen(this.#server.take);
    const metrics = new MetricsRegistry({ clock, log });
    for (const collector of this.#server.collectors) metrics.collect(collector);
    metrics.collect(this.#process.collect);
    metrics.collect(() => hooks.collect());
    this.resources = [
      metricsResource({
        own: metrics,
        blocks: (query) => {
          const filter = parseMtxFilter(query);
          return { text: mtxMetrics(this.#state(), filter), isFiltered: filter.isActive };
        },
      }),
      eventsResource({ listen: hooks.listen, clock }),
      ...healthResources({ unreadiness: () => hooks.unreadiness(), hooks: () => hooks.status(), clock }),
    ];
  }

  /** What the publisher of a stream brings, over the last five seconds. */
  readonly ratesOf: LivePorts["ratesOf"] = (stream) => this.#server.ratesOf(stream);

  /** Measures nothing any more. */
  close(): void {
    this.#process.close();
    this.#server.close();
  }

  #state(): MtxState {
    const { plain, safe } = servesRtmp(this.#house.config());
    const conns = (kind: "rtmpConn" | "rtmpsConn"): RtmpConnObject[] =>
      [...this.#views(kind)].map((view) => rtmpConnObject(view));
    return {
      paths: this.#paths.names().flatMap((name): PathObject[] => {
        const found = this.#paths.find(name);
        return found ? [found] : [];
      }),
      forwards: [...this.#house.forwards.all()].flatMap(({ path, destinations }): PathForward[] =>
        destinations.map((destination) => ({ ...destination, path })),
      ),
      rtmpConns: plain ? conns("rtmpConn") : undefined,
      rtmpsConns: safe ? conns("rtmpsConn") : undefined,
      ...this.#hlsState(),
      ...this.#rtspState(),
      flvConns: [...this.#house.flv.all].map(({ view }) => flvConnObject(view)),
    };
  }

  #hlsState() {
    const port = this.#house.hls.port;
    return {
      hlsSessions: port && [...port.sessions].map(({ view }) => hlsSessionObject(view)),
      hlsMuxers: port && [...port.muxers].map(hlsMuxerObject),
    };
  }

  #rtspState() {
    const { config, rtsp } = this.#house;
    const { plain, safe } = servesRtsp(config());
    const conns = (kind: RtspKind) => [...rtsp.connections(kind)].map(({ view }) => rtspConnObject(view));
    const sessions = (kind: RtspKind) => [...rtsp.sessions(kind)].map(({ view }) => rtspSessionObject(view));
    return {
      rtspConns: plain ? conns("rtspSession") : undefined,
      rtspSessions: plain ? sessions("rtspSession") : undefined,
      rtspsConns: safe ? conns("rtspsSession") : undefined,
      rtspsSessions: safe ? sessions("rtspsSession") : undefined,
    };
  }

  *#views(kind: "rtmpConn" | "rtmpsConn"): Iterable<SessionView> {
    for (const { view } of this.#house.sessions.ofKind(kind)) yield view;
  }

  #connections() {
    const { config, rtsp, flv, hls } = this.#house;
    const { plain, safe } = servesRtmp(config());
    const rtspOn = servesRtsp(config());
    const sessions = (kind: RtspKind) => [...rtsp.sessions(kind)].map(({ view }) => view);
    return [
      ...(plain ? [{ protocol: "rtmp", connections: this.#views("rtmpConn") }] : []),
      ...(safe ? [{ protocol: "rtmps", connections: this.#views("rtmpsConn") }] : []),
      ...(rtspOn.plain ? [{ protocol: "rtsp", connections: sessions("rtspSession") }] : []),
      ...(rtspOn.safe ? [{ protocol: "rtsps", connections: sessions("rtspsSession") }] : []),
      ...(config().server.hls
        ? [
            { protocol: "flv", connections: [...flv.all].map(({ view }) => view) },
            { protocol: "hls", connections: [...hls.sessions].map(() => ({ state: "read" as const })) },
          ]
        : []),
    ];
  }
}

function* forwardStates({ registry, forwards }: House): Iterable<ForwardState> {
  for (const { path } of registry.streams)
    for (const { conf, state } of [...forwards.list(path), ...forwards.relays(path)])
      yield { target: conf.dest, state };
}

const configReloads = ({ live }: House) => {
  const { done, rejected, lastAt, lastError } = live.reloads;
  return { done, rejected, lastAt, isLastDone: lastError === "" };
};

const limits = ({ config, sessions, rtsp, flv, hls, registry }: House): LimitState[] => {
  const { maxConnections, maxConnectionsPerAddress, maxHandshakesPerSecond, maxPublishers } = config().server;
  let publishers = 0;
  for (const { publication } of registry.streams) if (publication) publishers++;
  const { total, perAddress, perSecond } = sessions.refusals;
  return [
    {
      limit: "connections",
      configured: maxConnections,
      used: sessions.size + rtsp.size + flv.size + hls.sessions.size,
      refused: total,
    },
    { limit: "connections_per_address", configured: maxConnectionsPerAddress, refused: perAddress },
    { limit: "handshakes_per_second", configured: maxHandshakesPerSecond, refused: perSecond },
    { limit: "publishers", configured: maxPublishers, used: publishers, refused: registry.refusedPublishers },
  ];
};
