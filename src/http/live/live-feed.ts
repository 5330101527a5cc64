import { encodeUtf8 } from "../../base/bytes.ts";
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Cancel, Clock } from "../../base/time.ts";
import { type LivePorts, LiveView } from "./live-view.ts";
import { Watcher } from "./watcher.ts";

/** What a {@link LiveFeed} is made of. */
export interface LiveFeedOptions extends LivePorts {
  readonly clock: Clock;
  readonly log: Logger;
}

/** How often watchers hear, in milliseconds. It keeps their connections from being taken for idle, too. */
const periodMs = 1_000;

/** Watchers that there may be at once: each costs what it takes to send a message. */
const maxWatchers = 64;

/**
 * What happens in the server, told to everybody who watches, once a second, as server-sent events. A message is made once, however many there
 * are; without any nothing is looked at. Whoever is too slow is told everything anew, rather than late.
 */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #view: LiveView;
  readonly #watchers = new Set<Watcher>();
  #cancel: Cancel | undefined;
  /** Resolves when the first look since somebody came is over. */
  #firstLook: Promise<void> | undefined;
  /** The look that goes on. */
  #looking: Promise<void> | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#view = new LiveView(options);
  }

  /** Whether nobody more may come. */
  get isFull(): boolean {
    return this.#watchers.size >= maxWatchers;
  }

  /** Everything as it is, and then what changes. Whoever reads it leaves by cancelling. */
  open(): ReadableStream<Uint8Array> {
    const watcher = new Watcher(() => eventOf(this.#view.whole(this.#options.clock.date())));
    this.#watchers.add(watcher);
    this.#begin();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          await this.#firstLook;
          const message = await watcher.take();
          if (message) controller.enqueue(message);
          else controller.close();
        },
        cancel: () => this.#leave(watcher),
      },
      // Nothing is taken ahead: what waits, waits where it is counted.
      { highWaterMark: 0 },
    );
  }

  /** Ends all connections of those who watch: whether they may is to be asked anew when they come back. */
  dismiss(): void {
    for (const watcher of this.#watchers) {
      watcher.end();
      this.#leave(watcher);
    }
  }

  #begin(): void {
    if (this.#cancel) return;
    this.#cancel = this.#options.clock.every(periodMs, () => void this.#look());
    this.#firstLook = this.#look();
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
    if (!this.#looking) this.#view.clear();
  }

  /** A look that takes longer than a second delays the next one. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce();
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    try {
      const { clock } = this.#options;
      const message = eventOf(await this.#view.look(clock.now(), clock.date()));
      for (const watcher of this.#watchers) watcher.offer(message);
    } catch (error) {
      this.#options.log.error("what happens cannot be shown, this is a defect of the server", {
        error: messageOf(error),
      });
    } finally {
      this.#looking = undefined;
      if (!this.#cancel) this.#view.clear();
    }
  }
}

const eventOf = (json: string): Uint8Array => encodeUtf8(`data: ${json}\n\n`);
