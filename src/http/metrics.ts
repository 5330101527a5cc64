import { expositionType } from "../base/exposition.ts";
import type { Resource } from "./resource.ts";

/** Whoever has metrics to show: a `MetricsRegistry`. */
export interface MetricsSource {
  /** All metrics in the text format of Prometheus. */
  scrape(): Promise<string>;
}

/** The metrics under MediaMTX's names that a query asks for. */
export interface MetricsBlocks {
  readonly text: string;
  /** The query asks for a part of them only: then nothing else is shown. */
  readonly isFiltered: boolean;
}

/** What `/metrics` shows. */
export interface MetricsParts {
  readonly own: MetricsSource;
  /** What stands before our own; undefined where there is nothing. */
  readonly blocks?: (query: URLSearchParams) => MetricsBlocks;
}

const unfiltered: MetricsBlocks = { text: "", isFiltered: false };

/** `/metrics`, for Prometheus. */
export const metricsResource = ({ own, blocks }: MetricsParts): Resource => ({
  path: "/metrics",
  methods: {
    GET: async (request) => {
      const { text, isFiltered } = blocks?.(new URL(request.url).searchParams) ?? unfiltered;
      const body = isFiltered ? text : text + (await own.scrape());
      const headers = { "Cache-Control": "no-store" };
      // A text without a letter is of no type.
      if (body === "") return new Response(null, { headers });
      return new Response(body, { headers: { ...headers, "Content-Type": expositionType } });
    },
  },
});
