import { EventStreamReader } from "../model/event-stream.ts";
import { LiveStreams } from "../model/live-streams.ts";
import type { LiveMessage } from "../model/objects.ts";
import { type Api, isForbidden } from "./api.ts";

/** Whether what is shown is what is so. */
export type FeedState = "connecting" | "live" | "lost" | "forbidden";

/** How long nothing may come before the connection counts as lost, in milliseconds: the server tells something every second. */
const silenceMs = 10_000;

/** Waits before the next try, in milliseconds; the last one again and again. */
const retryMs = [500, 1_000, 2_000, 5_000];

/**
 * Follows `/v3/live`, for as long as the page is open. `EventSource` would send no header to prove who asks, so the answer is read as it comes.
 */
export class LiveFeed {
  readonly streams = new LiveStreams();
  readonly #api: Api;
  readonly #changed: () => void;
  readonly #begun: () => void;
  #state: FeedState = "connecting";
  #failures = 0;
  #end: AbortController | undefined;
  #retry: number | undefined;

  /** `changed` is called whenever something is other than before, `begun` when the server has begun to tell, or tells everything anew. */
  constructor(api: Api, { changed, begun }: { changed: () => void; begun: () => void }) {
    this.#api = api;
    this.#changed = changed;
    this.#begun = begun;
  }

  /** Whether it follows, or tries to. */
  get isStarted(): boolean {
    return this.#end !== undefined;
  }

  /** See {@link FeedState}. */
  get state(): FeedState {
    return this.#state;
  }

  /** Begins, or begins anew as somebody else. */
  start(): void {
    this.stop();
    this.#failures = 0;
    this.#enter("connecting");
    void this.#follow();
  }

  /** Follows nothing any more. */
  stop(): void {
    clearTimeout(this.#retry);
    this.#end?.abort();
    this.#end = undefined;
  }

  async #follow(): Promise<void> {
    const end = new AbortController();
    this.#end = end;
    try {
      await this.#read(end);
      // It ended in good order: the server has another configuration, or goes.
      this.#failures = 0;
    } catch (error) {
      if (this.#end !== end) return;
      if (isForbidden(error)) {
        this.#enter("forbidden");
        return;
      }
    }
    if (this.#end !== end) return;
    if (this.#failures > 0) this.#enter("lost");
    const waitMs = retryMs[Math.min(this.#failures++, retryMs.length - 1)];
    this.#retry = setTimeout(() => void this.#follow(), waitMs);
  }

  async #read(end: AbortController): Promise<void> {
    const response = await this.#api.fetch("/v3/live", { signal: end.signal });
    const texts = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const reader = new EventStreamReader();
    let silence = setTimeout(() => end.abort(), silenceMs);
    try {
      for (;;) {
        const { value, done } = (await texts?.read()) ?? { done: true, value: undefined };
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => end.abort(), silenceMs);
        for (const data of reader.take(value)) this.#take(JSON.parse(data) as LiveMessage);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #take(message: LiveMessage): void {
    this.#failures = 0;
    this.#state = "live";
    this.streams.apply(message, Date.now());
    if (message.isWhole) this.#begun();
    this.#changed();
  }

  #enter(state: FeedState): void {
    this.#state = state;
    this.#changed();
  }
}
