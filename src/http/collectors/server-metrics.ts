import type { MetricFamily } from "../../base/exposition.ts";
import type { Collector } from "../../base/metrics.ts";
import type { Clock } from "../../base/time.ts";
import type { DeliveryDelay } from "../../stream/delivery-delay.ts";
import type { DropTally } from "../../stream/drop-tally.ts";
import type { DomainEvent } from "../../stream/event.ts";
import { type ConfigReloads, configMetrics } from "./config-metrics.ts";
import { connectionMetrics, type ProtocolConnections } from "./connection-metrics.ts";
import { diskMetrics } from "./disk-metrics.ts";
import { EventMetrics } from "./event-metrics.ts";
import { type ForwardState, forwardMetrics } from "./forward-metrics.ts";
import { type LimitState, limitMetrics } from "./limit-metrics.ts";
import { mediaDeliveryMetrics } from "./media-delivery-metrics.ts";
import type { RecentRates } from "./recent-flow.ts";
import { type MeasuredStream, StreamMetrics } from "./stream-metrics.ts";
import { type UploadState, uploadMetrics } from "./upload-metrics.ts";

/** Where the metrics of the server come from. Each is asked at every scrape; what is undefined has no metrics. */
export interface ServerMetricsPorts {
  readonly clock: Clock;
  readonly streams: () => Iterable<MeasuredStream>;
  /** Streams that are shown at most. */
  readonly maxStreams?: number | undefined;
  /** What the registry notes, and what the queues of all readers count. */
  readonly delivery: { readonly delay: DeliveryDelay; readonly tally: DropTally };
  readonly connections: () => Iterable<ProtocolConnections>;
  readonly forwards?: (() => Iterable<ForwardState>) | undefined;
  readonly config?: (() => ConfigReloads) | undefined;
  /** What access counts, in its own words. */
  readonly access?: (() => MetricFamily[]) | undefined;
  readonly limits?: (() => readonly LimitState[]) | undefined;
  /** What is written to: of recordings, of hooks. */
  readonly directories?: (() => Iterable<string>) | undefined;
  readonly uploads?: (() => UploadState) | undefined;
}

/** All metrics of the server but those of its hooks and its process. */
export class ServerMetrics {
  readonly #streams: StreamMetrics;
  readonly #events = new EventMetrics();
  /** For the registry; one of them that fails takes nothing from the others. */
  readonly collectors: readonly Collector[];

  constructor(ports: ServerMetricsPorts) {
    const { streams, clock, maxStreams, delivery, connections } = ports;
    const { forwards, config, access, limits, directories, uploads } = ports;
    this.#streams = new StreamMetrics({ streams, clock, maxStreams });
    this.collectors = [
      this.#streams.collect,
      this.#events.collect,
      () => connectionMetrics(connections()),
      () => mediaDeliveryMetrics(delivery),
      () => (forwards ? forwardMetrics(forwards()) : []),
      () => (config ? configMetrics(config()) : []),
      () => access?.() ?? [],
      () => (limits ? limitMetrics(limits()) : []),
      () => (directories ? diskMetrics(directories()) : []),
      () => (uploads ? uploadMetrics(uploads()) : []),
    ];
  }

  /** Counts an event: a listener of the event hub. */
  readonly take = (event: DomainEvent): void => this.#events.take(event);

  /** See {@link StreamMetrics.ratesOf}. */
  ratesOf(stream: Pick<MeasuredStream, "publication" | "meters">): RecentRates | undefined {
    return this.#streams.ratesOf(stream);
  }

  /** Stops looking at streams. */
  close(): void {
    this.#streams.close();
  }
}
