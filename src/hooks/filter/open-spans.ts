import type { HookEvent } from "../event/hook-event.ts";
import { Recent } from "./recent.ts";

/** Starts that are remembered: more than a server has connections. */
const maxOpen = 65_536;

const bySession = ({ session_id }: HookEvent): string => session_id;
const byStream = ({ stream_key }: HookEvent): string => stream_key;

/** What ends what, and what both events have in common. */
const spans: readonly { start: string; end: string; keyOf: (event: HookEvent) => string }[] = [
  { start: "connection_accept", end: "connection_close", keyOf: ({ conn_id }) => conn_id },
  { start: "stream_create", end: "stream_delete", keyOf: byStream },
  { start: "publish_start", end: "publish_stop", keyOf: bySession },
  { start: "play_start", end: "play_stop", keyOf: bySession },
  {
    start: "relay_start",
    end: "relay_stop",
    keyOf: ({ stream_key, data }) => `${stream_key} ${data.target}`,
  },
  {
    start: "recording_segment_create",
    end: "recording_segment_complete",
    keyOf: ({ stream_key, data }) => `${stream_key} ${data.segment_path}`,
  },
];

const starts = new Map(spans.map((span) => [span.start, span]));
const ends = new Map(spans.map((span) => [span.end, span]));

/** Remembers which starts a hook was told of, so that it can be told of their ends. */
export class OpenSpans {
  readonly #open = new Recent<true>(maxOpen);

  /** How many starts are remembered. */
  get size(): number {
    return this.#open.size;
  }

  /** Notes an event that the hook gets, where it also `wants` the type of its end. */
  began(event: HookEvent, wants: (type: string) => boolean): void {
    const span = starts.get(event.type);
    if (span && wants(span.end)) this.#open.set(`${span.start} ${span.keyOf(event)}`, true);
  }

  /**
   * True for an event that ends what the hook was told of; that is forgotten with it. True too for an end that is made up for after a
   * crash: who was told of its start is not known any more.
   */
  ended(event: HookEvent): boolean {
    const span = ends.get(event.type);
    if (!span) return false;
    return this.#open.delete(`${span.start} ${span.keyOf(event)}`) || event.data.recovered === true;
  }
}
