import { expositionType } from "../base/exposition.ts";
import type { Resource } from "./resource.ts";

/** Whoever has metrics to show: a `MetricsRegistry`. */
export interface MetricsSource {
  /** All metrics in the text format of Prometheus. */
  scrape(): Promise<string>;
}

/** `/metrics`, for Prometheus. */
export const metricsResource = (source: MetricsSource): Resource => ({
  path: "/metrics",
  methods: {
    GET: async () =>
      new Response(await source.scrape(), {
        headers: { "Content-Type": expositionType, "Cache-Control": "no-store" },
      }),
  },
});
