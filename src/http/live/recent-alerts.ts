import type { LogFields, LogLevel } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";

/** Something that an operator may want to look into. */
export interface AlertObject {
  /** Counts from 1 since the server started. */
  readonly number: number;
  readonly time: string;
  readonly level: "info" | "warn" | "error";
  /** What happened, such as `qualityAlert` or `relayFailed`. */
  readonly kind: string;
  /** Of the stream that it is about; empty for none. */
  readonly path: string;
  readonly message: string;
  /** The rest of what is known, as text. */
  readonly details: Readonly<Record<string, string>>;
}

/** An event of the server, and the line that reports it. */
export interface ReportedEvent {
  readonly kind: string;
  readonly line: { readonly level: LogLevel; readonly message: string; readonly fields: LogFields };
}

/** Older ones are forgotten. */
const keptAlerts = 200;

/** What monitors raise is told whatever its level: that something is over, too. */
const monitored = new Set(["qualityAlert", "performanceAlert", "latencyAlert", "resourceAlert"]);

/** The last alerts: what monitors have raised and cleared, and whatever else is at least a warning. */
export class RecentAlerts {
  readonly #clock: Clock;
  readonly #alerts: { readonly number: number; readonly object: AlertObject; readonly text: string }[] = [];
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps an event that is an alert. */
  note({ kind, line: { level, message, fields } }: ReportedEvent): void {
    if (level === "debug" || (level === "info" && !monitored.has(kind))) return;
    const { stream_key, ...rest } = fields;
    const known = Object.entries(rest).filter(([, value]) => value !== undefined);
    const object: AlertObject = {
      number: ++this.#last,
      time: this.#clock.date().toISOString(),
      level,
      kind,
      path: typeof stream_key === "string" ? stream_key : "",
      message,
      details: Object.fromEntries(known.map(([key, value]) => [key, String(value)])),
    };
    this.#alerts.push({ number: object.number, object, text: JSON.stringify(object) });
    if (this.#alerts.length > keptAlerts) this.#alerts.shift();
  }

  /** All that are kept, the newest first. */
  list(): readonly AlertObject[] {
    return this.#alerts.map(({ object }) => object).reverse();
  }

  /** Those after the one of that number as JSON, the oldest first. */
  after(number: number): { readonly texts: readonly string[]; readonly last: number } {
    const texts: string[] = [];
    for (const alert of this.#alerts) if (alert.number > number) texts.push(alert.text);
    return { texts, last: this.#last };
  }
}
