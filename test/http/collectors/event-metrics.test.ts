import { describe, expect, test } from "bun:test";
import { expose } from "../../../src/base/exposition.ts";
import { EventMetrics } from "../../../src/http/collectors/event-metrics.ts";
import { parseExposition, valueIn } from "../../base/exposition.ts";
import { countedEvents } from "./sample-collectors.ts";

const read = (metrics: EventMetrics) => parseExposition(expose(metrics.collect()));

describe("the metrics of events", () => {
  test("count each under its name and labels", () => {
    const metrics = new EventMetrics();
    for (let round = 0; round < 3; round++) for (const event of countedEvents) metrics.take(event);
    const page = read(metrics);
    const series = [...page.values()].flatMap(({ samples }) =>
      samples.map(({ name, labels, value }) => `${name} ${Object.values(labels).join(" ")} ${value}`),
    );
    expect(series.sort()).toEqual([
      "rtmp_connection_failures_total CHUNK_TOO_LARGE publish 3",
      "rtmp_connections_accepted_total rtmp 3",
      "rtmp_connections_accepted_total rtmps 3",
      "rtmp_connections_closed_total client_disconnect 3",
      "rtmp_plays_ended_total stalled 3",
      "rtmp_plays_started_total  3",
      "rtmp_publishes_ended_total client_stop 3",
      "rtmp_publishes_started_total  3",
      "rtmp_recorded_bytes_total  15000",
      "rtmp_recordings_completed_total  3",
      "rtmp_recordings_failed_total  3",
      "rtmp_recordings_started_total  3",
      "rtmp_relay_connections_total rtmp://backup/live 3",
      "rtmp_relay_failures_total rtmp://backup/live 3",
      "rtmp_requests_refused_total play STREAM_NOT_FOUND 3",
      "rtmp_timestamp_leaps_total  3",
    ]);
  });

  test("show what never happened as zero, where it has no labels", () => {
    const page = read(new EventMetrics());
    for (const name of ["rtmp_publishes_started_total", "rtmp_recordings_failed_total"])
      expect(valueIn(page, name)).toBe(0);
  });

  test("hold no name, address or secret of a client", () => {
    const metrics = new EventMetrics();
    for (const event of countedEvents) metrics.take(event);
    expect(expose(metrics.collect())).not.toMatch(/secret|192\.0\.2|live\/a/);
  });

  test("do not grow without bound, whatever labels there are", () => {
    const metrics = new EventMetrics();
    for (let index = 0; index < 1_500; index++)
      metrics.take({ ...countedEvents[10]!, target: `rtmp://${index}/live` } as (typeof countedEvents)[10]);
    const { samples } = read(metrics).get("rtmp_relay_connections_total")!;
    expect(samples).toHaveLength(1_001);
    expect(valueIn(read(metrics), "rtmp_relay_connections_total", { target: "other" })).toBe(500);
  });
});
