import type { MetricFamily } from "../../base/exposition.ts";
import { counter, type Entry, histogram } from "../../base/metric-family.ts";
import type { DeliveryDelay } from "../../stream/delivery-delay.ts";
import type { DropTally } from "../../stream/drop-tally.ts";

/** How long packets take through the server, and what readers lose who are too slow. */
export const mediaDeliveryMetrics = (parts: { delay: DeliveryDelay; tally: DropTally }): MetricFamily[] => {
  const { bounds, counts, sum } = parts.delay.histogram;
  return [
    histogram(
      "rtmp_delivery_delay_seconds",
      "From the arrival of a publisher's packets to their write to the sockets of all readers, of a sample of them",
      [{ labels: {}, bounds, counts: [...counts], sum }],
    ),
    counter(
      "rtmp_frames_dropped_total",
      "Frames that readers lost because they were too slow, by reason",
      Object.entries(parts.tally.counts).map(([reason, count]): Entry => [{ reason }, count]),
    ),
  ];
};
