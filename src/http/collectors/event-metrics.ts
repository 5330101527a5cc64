import type { MetricFamily } from "../../base/exposition.ts";
import { counter } from "../../base/metric-family.ts";
import type { DomainEvent } from "../../stream/event.ts";
import { LabelledCounts } from "./labelled-counts.ts";

/** Counts what happens. Its {@link take} is a listener of the event hub, its {@link collect} a collector of the registry. */
export class EventMetrics {
  readonly #accepted = new LabelledCounts("protocol");
  readonly #closed = new LabelledCounts("reason");
  readonly #failed = new LabelledCounts("code", "phase");
  readonly #refused = new LabelledCounts("action", "code");
  readonly #publishesEnded = new LabelledCounts("reason");
  readonly #playsEnded = new LabelledCounts("reason");
  readonly #relaysStarted = new LabelledCounts("target");
  readonly #relaysFailed = new LabelledCounts("target");
  #publishesStarted = 0;
  #playsStarted = 0;
  #clockLeaps = 0;
  #recordingsStarted = 0;
  #recordingsCompleted = 0;
  #recordingsFailed = 0;
  #recordedBytes = 0;

  /** Counts an event. */
  readonly take = (event: DomainEvent): void => {
    switch (event.kind) {
      case "connectionAccepted":
        this.#accepted.note({ protocol: event.isTls ? "rtmps" : "rtmp" });
        return;
      case "connectionClosed":
        this.#closed.note({ reason: event.reason });
        return;
      case "connectionFailed":
        this.#failed.note({ code: event.code, phase: event.phase });
        return;
      case "requestRefused":
        this.#refused.note({ action: event.action, code: event.code });
        return;
      case "publishStarted":
        this.#publishesStarted++;
        return;
      case "publishStopped":
        this.#publishesEnded.note({ reason: event.reason });
        return;
      case "playStarted":
        this.#playsStarted++;
        return;
      case "playStopped":
        this.#playsEnded.note({ reason: event.reason });
        return;
      case "clockLeaped":
        this.#clockLeaps++;
        return;
      default:
        this.#takeOutput(event);
    }
  };

  #takeOutput(event: DomainEvent): void {
    switch (event.kind) {
      case "relayStarted":
        this.#relaysStarted.note({ target: event.target });
        return;
      case "relayFailed":
        this.#relaysFailed.note({ target: event.target });
        return;
      case "recordingStarted":
        this.#recordingsStarted++;
        return;
      case "recordingCompleted":
        this.#recordingsCompleted++;
        this.#recordedBytes += event.bytes;
        return;
      case "recordingFailed":
        this.#recordingsFailed++;
        return;
      default:
        // Everything else is counted where it happens, or by the hooks.
        return;
    }
  }

  /** A collector for the registry. */
  readonly collect = (): MetricFamily[] => [...this.#clients(), ...this.#outputs()];

  #clients(): MetricFamily[] {
    return [
      counter("rtmp_connections_accepted_total", "Connections accepted, by protocol", this.#accepted.entries),
      counter("rtmp_connections_closed_total", "Connections that ended, by reason", this.#closed.entries),
      counter(
        "rtmp_connection_failures_total",
        "Connections that broke the protocol or a limit, by code and by the phase they were in",
        this.#failed.entries,
      ),
      counter(
        "rtmp_requests_refused_total",
        "Requests to publish or play that were refused, by code",
        this.#refused.entries,
      ),
      counter("rtmp_publishes_started_total", "Publishes that began", [[{}, this.#publishesStarted]]),
      counter("rtmp_publishes_ended_total", "Publishes that ended, by reason", this.#publishesEnded.entries),
      counter("rtmp_plays_started_total", "Plays that began", [[{}, this.#playsStarted]]),
      counter("rtmp_plays_ended_total", "Plays that ended, by reason", this.#playsEnded.entries),
      counter("rtmp_timestamp_leaps_total", "Times a publisher's clock leaped and was brought back", [
        [{}, this.#clockLeaps],
      ]),
    ];
  }

  #outputs(): MetricFamily[] {
    return [
      counter(
        "rtmp_relay_connections_total",
        "Times a publish to another server began, by target: more than one for each publish are reconnects",
        this.#relaysStarted.entries,
      ),
      counter(
        "rtmp_relay_failures_total",
        "Times a target failed in another way than before, by target",
        this.#relaysFailed.entries,
      ),
      counter("rtmp_recordings_started_total", "Recordings that began", [[{}, this.#recordingsStarted]]),
      counter("rtmp_recordings_completed_total", "Recordings that were completed", [
        [{}, this.#recordingsCompleted],
      ]),
      counter("rtmp_recordings_failed_total", "Recordings that failed", [[{}, this.#recordingsFailed]]),
      counter("rtmp_recorded_bytes_total", "Size of all recordings that were completed, in bytes", [
        [{}, this.#recordedBytes],
      ]),
    ];
  }
}
