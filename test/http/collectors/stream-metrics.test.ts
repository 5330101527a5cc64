import { describe, expect, test } from "bun:test";
import { expose } from "../../../src/base/exposition.ts";
import { type MeasuredStream, StreamMetrics } from "../../../src/http/collectors/stream-metrics.ts";
import { FlowMeter } from "../../../src/stream/flow-meter.ts";
import { parseExposition, valueIn } from "../../base/exposition.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { House, opening, send, Viewer } from "../../stream/house.ts";
import { streamOf } from "./sample-collectors.ts";

const read = (metrics: StreamMetrics) => parseExposition(expose(metrics.collect()));

const of = (path: string) => ({ path });

/** Brings `fps` pictures a second of `size` bytes, for some seconds. */
const flow = (
  clock: FakeClock,
  meter: FlowMeter,
  { fps, size, seconds }: { fps: number; size: number; seconds: number },
) => {
  for (let frame = 0; frame < fps * seconds; frame++) {
    clock.advance(1_000 / fps);
    meter.add({ size, timestamp: clock.now(), trackId: 0, role: "frame" }, clock.now());
  }
};

describe("the metrics of streams", () => {
  test("tell what came in the last five seconds, and nothing older", () => {
    const clock = new FakeClock();
    const video = new FlowMeter();
    const stream = streamOf("live/a", { meters: { audio: new FlowMeter(), video } });
    const metrics = new StreamMetrics({ streams: () => [stream], clock });
    const rates = () => {
      const page = read(metrics);
      const bitrate = valueIn(page, "rtmp_stream_bitrate_bps", of("live/a"));
      // The frame at either end may fall in or out.
      return {
        tenths: Math.round(bitrate! / 1e5),
        fps: Math.round(valueIn(page, "rtmp_stream_frame_rate", of("live/a"))!),
      };
    };
    flow(clock, video, { fps: 50, size: 10_000, seconds: 20 });
    expect(rates()).toEqual({ tenths: 40, fps: 50 });
    flow(clock, video, { fps: 25, size: 1_000, seconds: 6 });
    expect(rates()).toEqual({ tenths: 2, fps: 25 });
    clock.advance(7_000);
    expect(valueIn(read(metrics), "rtmp_stream_bitrate_bps", of("live/a"))).toBe(0);
    metrics.close();
    expect(clock.timers).toBe(0);
  });

  test("say nothing of a rate before there is enough to tell, and nothing of the publish before", () => {
    const clock = new FakeClock();
    const stream = streamOf("live/a") as { meters: MeasuredStream["meters"] } & MeasuredStream;
    const metrics = new StreamMetrics({ streams: () => [stream], clock });
    const bitrate = () => valueIn(read(metrics), "rtmp_stream_bitrate_bps", of("live/a"));
    expect(bitrate()).toBeUndefined();
    (stream.meters.video as FlowMeter).bytes = 5_000_000;
    clock.advance(1_400);
    expect(bitrate()).toBeUndefined();
    clock.advance(100);
    expect(bitrate()).toBe(0);
    Object.assign(stream, { meters: { audio: new FlowMeter(), video: new FlowMeter() } });
    expect(bitrate()).toBeUndefined();
    clock.advance(2_000);
    expect(bitrate()).toBe(0);
  });

  test("tell of frames, groups of pictures, gaps, readers and bytes, as a real stream has them", () => {
    const house = new House();
    const metrics = new StreamMetrics({ streams: () => house.registry.streams, clock: house.clock });
    const publication = house.publish();
    house.registry.subscribe(house.path, new Viewer());
    send(publication, ...opening(), { role: "key", time: 500 }, { time: 2_000 });
    const page = read(metrics);
    const value = (name: string, labels = {}) => valueIn(page, name, { path: "live/a", ...labels });
    expect({
      gop: value("rtmp_stream_gop_seconds"),
      pictures: value("rtmp_stream_inbound_frames_total", { flow: "video" }),
      sound: value("rtmp_stream_inbound_frames_total", { flow: "audio" }),
      gaps: value("rtmp_stream_timestamp_gaps_total", { flow: "video" }),
      readers: value("rtmp_stream_readers"),
      bytesIn: value("rtmp_stream_inbound_bytes_total"),
      bytesOut: value("rtmp_stream_outbound_bytes_total"),
      cached: value("rtmp_stream_cached_bytes"),
      since: value("rtmp_stream_published_timestamp_seconds"),
    }).toEqual({
      gop: 0.5,
      pictures: 4,
      sound: 1,
      gaps: 1,
      readers: 1,
      bytesIn: 50,
      bytesOut: 80,
      cached: 20,
      since: (Date.UTC(2026, 0, 1) + 1_000) / 1_000,
    });
  });

  test("are gone with the stream, and those of the publish with the publish", () => {
    const house = new House({ keepsReaders: true });
    const metrics = new StreamMetrics({ streams: () => house.registry.streams, clock: house.clock });
    const publication = house.publish();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    send(publication, ...opening());
    house.clock.advance(2_000);
    expect(read(metrics).has("rtmp_stream_bitrate_bps")).toBe(true);
    publication.end("client_stop");
    expect(valueIn(read(metrics), "rtmp_streams", { state: "waiting" })).toBe(1);
    expect(read(metrics).has("rtmp_stream_bitrate_bps")).toBe(false);
    expect(valueIn(read(metrics), "rtmp_stream_readers", of("live/a"))).toBe(1);
    house.registry.find(house.path)?.unsubscribe(viewer);
    expect([...read(metrics).keys()]).toEqual(["rtmp_metrics_streams_omitted", "rtmp_streams"]);
  });

  test("are those of so many streams at most", () => {
    const clock = new FakeClock();
    const streams = Array.from({ length: 30 }, (_, index) => streamOf(`live/${index}`));
    const metrics = new StreamMetrics({ streams: () => streams, clock, maxStreams: 10 });
    clock.advance(3_000);
    const page = read(metrics);
    expect(page.get("rtmp_stream_readers")?.samples).toHaveLength(10);
    expect(page.get("rtmp_stream_bitrate_bps")?.samples).toHaveLength(10);
    expect(valueIn(page, "rtmp_metrics_streams_omitted")).toBe(20);
    expect(valueIn(page, "rtmp_streams", { state: "published" })).toBe(30);
  });
});
