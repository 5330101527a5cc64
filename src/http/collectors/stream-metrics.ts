import type { MetricFamily } from "../../base/exposition.ts";
import { counter, type Entry, gauge } from "../../base/metric-family.ts";
import type { Cancel, Clock } from "../../base/time.ts";
import type { FlowMeters } from "../../stream/flow-meter.ts";
import { RecentFlow, type RecentRates } from "./recent-flow.ts";

/** What is measured of a stream: a `Stream`. */
export interface MeasuredStream {
  readonly path: string;
  readonly publication: { readonly since: Date } | undefined;
  /** Those of the publish; another one has others. */
  readonly meters: FlowMeters;
  readonly playerCount: number;
  readonly bytesOut: number;
  readonly cachedBytes: number;
}

/** How often streams are read, in milliseconds. */
const periodMs = 1_000;

/** Streams that are shown where nothing else is said: each has about a dozen series. */
const defaultMaxStreams = 10_000;

const bytesIn = ({ audio, video }: FlowMeters): number => audio.bytes + video.bytes;

/** One stream at the moment of a scrape. */
interface Reading {
  readonly stream: MeasuredStream;
  readonly labels: { readonly path: string };
  readonly rates: RecentRates | undefined;
}

/**
 * Metrics of every stream, by its path. They are there as long as the stream is: from the first publisher or reader to the last. What
 * is said of a publish is there while there is one.
 */
export class StreamMetrics {
  readonly #streams: () => Iterable<MeasuredStream>;
  readonly #clock: Clock;
  readonly #maxStreams: number;
  readonly #cancel: Cancel;
  /** By the meters, so that a publish does not begin with what its predecessor brought. */
  readonly #flows = new WeakMap<FlowMeters, RecentFlow>();

  /** Reads `streams` once a second until {@link close}; of more than `maxStreams` only the oldest are shown. */
  constructor(options: {
    streams: () => Iterable<MeasuredStream>;
    clock: Clock;
    maxStreams?: number | undefined;
  }) {
    this.#streams = options.streams;
    this.#clock = options.clock;
    this.#maxStreams = options.maxStreams ?? defaultMaxStreams;
    this.#cancel = options.clock.every(periodMs, () => this.#note());
  }

  /** What a publisher brings, over the last five seconds; undefined where nobody publishes, or only just. */
  ratesOf({ publication, meters }: Pick<MeasuredStream, "publication" | "meters">): RecentRates | undefined {
    const flow = publication && this.#flows.get(meters);
    return flow?.rates(this.#clock.now(), bytesIn(meters), meters.video.frames);
  }

  /** A collector for the registry. */
  readonly collect = (): MetricFamily[] => {
    const { readings, omitted, published, waiting } = this.#read();
    return [
      gauge("rtmp_streams", "Streams, by whether they are published or only waited for", [
        [{ state: "published" }, published],
        [{ state: "waiting" }, waiting],
      ]),
      gauge("rtmp_metrics_streams_omitted", "Streams whose metrics are left out because there are too many", [
        [{}, omitted],
      ]),
      ...publishFamilies(readings),
      ...audienceFamilies(readings),
    ];
  };

  /** Stops reading. */
  close(): void {
    this.#cancel();
  }

  #note(): void {
    const now = this.#clock.now();
    let left = this.#maxStreams;
    for (const { publication, meters } of this.#streams()) {
      if (left-- <= 0) return;
      if (!publication) continue;
      let flow = this.#flows.get(meters);
      if (!flow) {
        flow = new RecentFlow();
        this.#flows.set(meters, flow);
      }
      flow.note(now, bytesIn(meters), meters.video.frames);
    }
  }

  #read(): { readings: Reading[]; omitted: number; published: number; waiting: number } {
    const readings: Reading[] = [];
    let omitted = 0;
    let published = 0;
    let waiting = 0;
    for (const stream of this.#streams()) {
      const { path, publication } = stream;
      if (publication) published++;
      else waiting++;
      if (readings.length >= this.#maxStreams) {
        omitted++;
        continue;
      }
      readings.push({ stream, labels: { path }, rates: this.ratesOf(stream) });
    }
    return { readings, omitted, published, waiting };
  }
}

/** One entry for each reading that `read` has a number for. */
const entriesOf = (readings: readonly Reading[], read: (reading: Reading) => number | undefined): Entry[] => {
  const entries: Entry[] = [];
  for (const reading of readings) {
    const value = read(reading);
    if (value !== undefined && !Number.isNaN(value)) entries.push([reading.labels, value]);
  }
  return entries;
};

const publishFamilies = (readings: readonly Reading[]): MetricFamily[] => {
  const live = readings.filter(({ stream }) => stream.publication);
  return [
    gauge(
      "rtmp_stream_bitrate_bps",
      "Payload that the publisher brings, in bits per second over the last five seconds",
      entriesOf(live, ({ rates }) => rates && rates.bytesPerSecond * 8),
    ),
    gauge(
      "rtmp_stream_frame_rate",
      "Pictures that the publisher brings, per second over the last five seconds",
      entriesOf(live, ({ rates, stream }) =>
        stream.meters.video.frames > 0 ? rates?.framesPerSecond : undefined,
      ),
    ),
    gauge(
      "rtmp_stream_gop_seconds",
      "Media between the last two key frames, in seconds",
      entriesOf(live, ({ stream }) => stream.meters.video.gopMs / 1_000),
    ),
    gauge(
      "rtmp_stream_published_timestamp_seconds",
      "When the publish began, as Unix time",
      entriesOf(live, ({ stream }) => stream.publication && stream.publication.since.getTime() / 1_000),
    ),
    counter(
      "rtmp_stream_inbound_bytes_total",
      "Payload of audio and video that the publisher brought, in bytes; starts again with each publish",
      entriesOf(readings, ({ stream }) => bytesIn(stream.meters)),
    ),
    counter(
      "rtmp_stream_inbound_frames_total",
      "Frames that the publisher brought, by flow; starts again with each publish",
      [
        ...flowEntries(readings, "audio", ({ frames }) => frames),
        ...flowEntries(readings, "video", ({ frames }) => frames),
      ],
    ),
    counter(
      "rtmp_stream_timestamp_gaps_total",
      "Steps of more than a second in the publisher's timestamps, by flow; starts again with each publish",
      [
        ...flowEntries(readings, "audio", ({ gaps }) => gaps),
        ...flowEntries(readings, "video", ({ gaps }) => gaps),
      ],
    ),
  ];
};

const flowEntries = (
  readings: readonly Reading[],
  flow: "audio" | "video",
  read: (meter: FlowMeters["audio"]) => number,
): Entry[] => readings.map(({ stream, labels }) => [{ ...labels, flow }, read(stream.meters[flow])]);

const audienceFamilies = (readings: readonly Reading[]): MetricFamily[] => [
  gauge(
    "rtmp_stream_readers",
    "Readers that receive the stream",
    entriesOf(readings, ({ stream }) => stream.playerCount),
  ),
  counter(
    "rtmp_stream_outbound_bytes_total",
    "Payload handed to readers, in bytes, counted once for each; starts again with each publish",
    entriesOf(readings, ({ stream }) => stream.bytesOut),
  ),
  gauge(
    "rtmp_stream_cached_bytes",
    "Payload kept for readers that join, in bytes",
    entriesOf(readings, ({ stream }) => stream.cachedBytes),
  ),
];
