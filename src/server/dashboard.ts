import type { PortsObject, WebPortObject } from "../http/api/own-objects.ts";
import { LiveFeed } from "../http/live/live-feed.ts";
import type { LivePorts } from "../http/live/live-view.ts";
import type { RecentAlerts } from "../http/live/recent-alerts.ts";
import type { Resource } from "../http/resource.ts";
import { WebPage } from "../http/web-page.ts";
import { bundle } from "../web/bundle.ts";
import type { Configurable } from "./configurable.ts";
import type { House } from "./house.ts";
import { ProcessLoad } from "./process-load.ts";
import type { RunConfig } from "./run-config.ts";

/** What a {@link Dashboard} needs beside its house. */
export interface DashboardParts {
  readonly alerts: RecentAlerts;
  readonly ratesOf: LivePorts["ratesOf"];
  readonly ports: () => PortsObject;
}

/** The page that shows the server and operates it, and what tells it what happens. */
export class Dashboard implements Configurable {
  readonly name = "dashboard";
  readonly alerts: RecentAlerts;
  readonly feed: LiveFeed;
  /** Where the server is found. */
  readonly ports: () => PortsObject;
  /** The page. What it shows it asks the control API for, as whoever looks at it may. */
  readonly resources: readonly Resource[];
  /** What watchers go by: who may watch, and where things are. */
  #basis: unknown;

  constructor(house: House, { alerts, ratesOf, ports }: DashboardParts) {
    const { registry, records, sessions, rtsp, flv, hls, clock, log } = house;
    this.ports = ports;
    this.alerts = alerts;
    const load = new ProcessLoad(clock);
    this.feed = new LiveFeed({
      streams: () => registry.streams,
      ratesOf,
      isRecording: (path) => records.paths.isRecording(path),
      load: () => ({
        connections: sessions.size + rtsp.size + flv.size + hls.sessions.size,
        ...load.read(),
      }),
      alertsAfter: (number) => alerts.after(number),
      clock,
      log,
    });
    const page = new WebPage({ files: () => bundle("dashboard"), policy: () => policyFor(ports()) });
    const document = (request: Request) => page.document(request);
    this.resources = [
      page.resource,
      { path: "/", methods: { GET: document, HEAD: document }, isUnguarded: true },
    ];
  }

  /** Whoever watches comes back, and is asked anew who they are, where other people may, or ports are others. */
  configure({ server }: RunConfig): void {
    const rules = Object.entries(server).filter(([key]) => key.startsWith("auth"));
    const basis = { rules, ports: this.ports() };
    if (!Bun.deepEquals(basis, this.#basis)) this.feed.dismiss();
    this.#basis = basis;
  }
}

/** Everything from here, but for players and recordings, which have ports of their own under the same name. Nobody may put it in a frame. */
const policyFor = ({ hls, playback }: PortsObject): string => {
  const at = (port: WebPortObject | null): string => (port ? `*:${port.port}` : "'none'");
  return [
    "default-src 'self'",
    "img-src 'self' blob: data:",
    `frame-src ${at(hls)}`,
    `media-src ${at(playback)}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
};
