import type { StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import type { Track } from "../media/track.ts";
import type { DomainEvent, EventHub } from "../stream/event.ts";
import type { FlowMeters } from "../stream/flow-meter.ts";
import { evaluationMs } from "./alert.ts";
import type { MonitorSettings } from "./monitor-settings.ts";
import { StreamWatch } from "./stream-watch.ts";

/** What the monitor needs of a stream. */
export interface MonitoredStream {
  readonly path: StreamPath;
  /** The publish in progress, undefined where there is none. */
  readonly publication: object | undefined;
  /** Other ones for each publish. */
  readonly meters: FlowMeters;
  /** The tracks it has shown so far. */
  readonly tracks: readonly Track[];
}

/** Where the monitor finds all streams. */
export interface MonitoredStreams {
  readonly streams: Iterable<MonitoredStream>;
  find(path: StreamPath): MonitoredStream | undefined;
}

/** What a {@link QualityMonitor} is made of. */
export interface QualityMonitorOptions {
  readonly settings: MonitorSettings;
  readonly registry: MonitoredStreams;
  readonly events: EventHub;
  readonly clock: Clock;
}

/**
 * Looks at every published stream once a second, and raises changes of bit rate, frame rate and picture size, and alerts where
 * a stream is worse than it should be. A packet costs it nothing: it reads the meters that streams keep anyway.
 */
export class QualityMonitor {
  readonly #options: QualityMonitorOptions;
  readonly #watches = new Map<StreamPath, StreamWatch>();
  #settings: MonitorSettings;
  #cancel: Cancel | undefined;

  constructor(options: QualityMonitorOptions) {
    this.#options = options;
    this.#settings = options.settings;
    options.events.listen((event) => this.#hear(event));
  }

  /** Begins to look, if it does not already. */
  start(): void {
    this.#cancel ??= this.#options.clock.every(evaluationMs, () => this.evaluate());
  }

  /** Stops looking, and forgets what it knows. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#watches.clear();
  }

  /** Puts other settings in force. Streams are watched anew: what was raised is not cleared. */
  apply(settings: MonitorSettings): void {
    this.#settings = settings;
    this.#watches.clear();
  }

  /** Looks at every stream. */
  evaluate(): void {
    const now = this.#options.clock.now();
    for (const stream of this.#options.registry.streams)
      if (stream.publication) this.#watchOf(stream, now).evaluate(now);
  }

  #watchOf(stream: MonitoredStream, now: number): StreamWatch {
    const known = this.#watches.get(stream.path);
    if (known) return known;
    const { path, meters } = stream;
    const watch = new StreamWatch({
      path,
      meters,
      settings: this.#settings,
      events: this.#options.events,
      now,
    });
    for (const track of stream.tracks) watch.note(track, { isChange: false, now });
    this.#watches.set(path, watch);
    return watch;
  }

  #hear(event: DomainEvent): void {
    if (!this.#cancel) return;
    if (event.kind === "publishStopped") this.#watches.delete(event.path);
    else if (event.kind === "trackDetected") {
      const stream = this.#options.registry.find(event.path);
      const now = this.#options.clock.now();
      if (stream) this.#watchOf(stream, now).note(event.track, { isChange: event.isChange, now });
    }
  }
}
