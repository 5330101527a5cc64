import { ConfigError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { printable } from "../../base/stream-path.ts";
import type { Clock } from "../../base/time.ts";
import { pageAnswer, pageOf } from "../../http/api/page.ts";
import { type MetricsSource, metricsResource } from "../../http/metrics.ts";
import { type Handler, json, type Resource } from "../../http/resource.ts";
import { WebPage } from "../../http/web-page.ts";
import { bundle } from "../../web/bundle.ts";
import type { Orchestrator } from "../orchestrator.ts";
import type { Plan } from "../plan.ts";
import { Entrance } from "./entrance.ts";
import { EventSignature } from "./event-signature.ts";
import { eventResources } from "./events.ts";
import { eventObject, forwarderObject, streamObject, workerObject } from "./objects.ts";
import { streamResource } from "./stream-resource.ts";

/** What the pages of an orchestrator show. */
export interface ResourcesOptions {
  readonly orchestrator: Orchestrator;
  readonly plan: Plan;
  readonly metrics: MetricsSource;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Events that are shown at once. */
const maxEvents = 1_000;

/** Everything from here, and nothing in a frame of another page. */
const policy = [
  "default-src 'self'",
  "img-src data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** All that an orchestrator serves over HTTP. @throws ConfigError for a secret that cannot be used */
export const orchestratorResources = (options: ResourcesOptions): readonly Resource[] => {
  const { orchestrator, plan, metrics, clock, log } = options;
  const { secret, token } = plan.config;
  const entrance = new Entrance(token);
  const signature = secret === "" ? undefined : new EventSignature(secret);
  const readable = (path: string, handle: Handler): Resource => ({
    path,
    methods: { GET: entrance.reading(handle) },
  });
  const page = new WebPage({ files: () => bundle("orchestrator"), policy });
  const document = entrance.reading((request) => page.document(request));
  const metricsHandler = metricsResource({ own: metrics }).methods.GET;
  return [
    ...eventResources({ take: (event) => orchestrator.event(event), signature, clock, log }),
    readable("/v1/streams", (_, { query }) =>
      pageAnswer(pageOf(query, orchestrator.streams), (stream) => streamObject(stream, plan)),
    ),
    readable("/v1/workers", (_, { query }) => {
      const withWorker = orchestrator.streams.filter(({ worker }) => worker.record.phase !== "none");
      return pageAnswer(pageOf(query, withWorker), (stream) => workerObject(stream, plan));
    }),
    readable("/v1/forwarders", (_, { query }) => {
      const all = orchestrator.streams.flatMap((stream) =>
        [...stream.forwardings.values()].map((forwarding) => ({ stream, forwarding })),
      );
      return pageAnswer(pageOf(query, all), ({ stream, forwarding }) =>
        forwarderObject(stream, forwarding, plan),
      );
    }),
    readable("/v1/events", (_, { query }) => {
      const limit = Math.min(maxEvents, numberOf(query, "limit", 100));
      const before = query.has("before") ? numberOf(query, "before", 0) : undefined;
      return json({ items: orchestrator.events(limit, before).map(eventObject) });
    }),
    readable("/v1/server", () => json(serverObject(orchestrator))),
    streamResource({ orchestrator, plan, entrance, log }),
    { path: "/", methods: { GET: document, HEAD: document } },
    page.resource,
    { path: "/healthz", methods: forProbes(() => json({ status: "ok" })) },
    { path: "/readyz", methods: forProbes(() => readiness(orchestrator)) },
    ...(metricsHandler ? [readable("/metrics", metricsHandler)] : []),
  ];
};

const forProbes = (handle: Handler): Resource["methods"] => ({ GET: handle, HEAD: handle });

/** Who cannot keep an event cannot take it. That the media server does not answer is no reason: events are what it sends. */
const readiness = ({ canKeep }: Orchestrator): Response =>
  canKeep
    ? json({ status: "ready" })
    : json({ status: "not_ready", reasons: ["the state cannot be written"] }, 503);

const serverObject = ({ server }: Orchestrator): object => ({
  asked: server !== undefined,
  reachable: server?.isReachable ?? null,
  answeredAt: server?.answeredAt === undefined ? null : new Date(server.answeredAt).toISOString(),
  error: server?.error ? server.error : null,
});

const numberOf = (query: URLSearchParams, name: string, fallback: number): number => {
  const given = query.get(name) ?? "";
  if (given === "") return fallback;
  if (!/^\d{1,15}$/.test(given))
    throw new ConfigError(`${name} ${printable(given)}, expected a whole number`);
  return Number(given);
};
