import { equalBytes } from "../../../src/base/bytes.ts";
import { type FlvTag, tagType } from "../../../src/flv/tag.ts";
import { within } from "./deadline.ts";
import { type Arrival, OwnPlayer, OwnPublisher } from "./own-client.ts";

/** A player that holds every message against the clip, from its first on, and keeps none. */
class Watcher implements Disposable {
  readonly player: OwnPlayer;
  readonly #tags: readonly FlvTag[];
  #count = 0;
  #fault: string | undefined;
  #goal: { readonly count: number; readonly reached: () => void } | undefined;
  #isLeaving = false;

  constructor(url: string, tags: readonly FlvTag[]) {
    this.#tags = tags;
    this.player = new OwnPlayer(url, (arrival) => this.#take(arrival));
    void this.player.ended.then((error) => {
      if (!this.#isLeaving) this.#fault ??= `ended after ${this.#count} messages: ${error?.message}`;
    });
  }

  /** Waits for `count` messages; gives a sentence where what came is not the clip. */
  async faultOf(count: number): Promise<string | undefined> {
    const reached = new Promise<void>((resolve) => {
      this.#goal = { count, reached: resolve };
    });
    if (this.#count < count && !this.#fault)
      await within(reached, { withinMs: 15_000, what: "the rest" }).catch(() => {
        this.#fault ??= `has ${this.#count} messages of ${count}`;
      });
    return this.#fault;
  }

  [Symbol.dispose](): void {
    this.#isLeaving = true;
    this.player[Symbol.dispose]();
  }

  #take({ kind, timestamp, payload }: Arrival): void {
    if (kind === "data") return;
    const tag = this.#tags[this.#count];
    if (!tag || tag.timestamp !== timestamp || !equalBytes(tag.payload, payload))
      this.#fault ??= `message ${this.#count} is ${kind} ${timestamp}, expected that of ${tag?.timestamp}`;
    this.#count++;
    if (this.#goal && this.#count >= this.#goal.count) this.#goal.reached();
  }
}

/** Who comes to a {@link ClipCrowd}. */
export interface ClipCrowdOptions {
  /** The audio and video tags of the clip. */
  readonly tags: readonly FlvTag[];
  readonly urls: readonly string[];
  readonly players: number;
}

/** A clip that is published to several streams at the speed of life, and players of which none may miss anything. */
export class ClipCrowd implements Disposable {
  readonly #tags: readonly FlvTag[];
  readonly #publishers: readonly OwnPublisher[];
  readonly #watchers: readonly Watcher[];
  readonly #faults: string[] = [];
  readonly #startedAt = performance.now();
  readonly #timer: Timer;
  #sent = 0;
  #isLeaving = false;

  private constructor(
    tags: readonly FlvTag[],
    { publishers, watchers }: { publishers: readonly OwnPublisher[]; watchers: readonly Watcher[] },
  ) {
    this.#tags = tags;
    this.#publishers = publishers;
    this.#watchers = watchers;
    for (const [index, { ended }] of publishers.entries())
      void ended.then((error) => {
        if (!this.#isLeaving) this.#faults.push(`publisher ${index} ended: ${error?.message}`);
      });
    this.#timer = setInterval(() => this.#send(), 10);
  }

  /** Connects everybody, the players spread over the streams; the first frame is sent when all are there. */
  static async gather({ tags, urls, players }: ClipCrowdOptions): Promise<ClipCrowd> {
    const publishers = await Promise.all(urls.map((url) => OwnPublisher.connect(url)));
    const watchers = Array.from(
      { length: players },
      (_, index) => new Watcher(urls[index % urls.length] ?? "", tags),
    );
    await Promise.all(watchers.map(({ player }) => player.started));
    return new ClipCrowd(tags, { publishers, watchers });
  }

  /** Sends no more, waits until everything has come, and gives a sentence for each connection or message that was lost. */
  async settle(): Promise<string[]> {
    clearInterval(this.#timer);
    // Sound travels with the picture behind it.
    while (this.#tags[this.#sent - 1]?.type === tagType.audio && this.#sent < this.#tags.length)
      this.#sendNext();
    if (this.#sent === this.#tags.length) this.#faults.push("the clip was over before the test");
    const faults = await Promise.all(this.#watchers.map((watcher) => watcher.faultOf(this.#sent)));
    const ofPlayers = faults.flatMap((fault, index) => (fault ? [`player ${index} ${fault}`] : []));
    return [...this.#faults, ...ofPlayers];
  }

  [Symbol.dispose](): void {
    this.#isLeaving = true;
    clearInterval(this.#timer);
    for (const watcher of this.#watchers) watcher[Symbol.dispose]();
    for (const publisher of this.#publishers) publisher[Symbol.dispose]();
  }

  /** Everything that is due by now, so that late ticks are made up for. */
  #send(): void {
    const due = performance.now() - this.#startedAt;
    while ((this.#tags[this.#sent]?.timestamp ?? Number.POSITIVE_INFINITY) <= due) this.#sendNext();
  }

  #sendNext(): void {
    const tag = this.#tags[this.#sent];
    if (!tag) return;
    const kind = tag.type === tagType.video ? "video" : "audio";
    for (const publisher of this.#publishers) publisher.send(kind, tag.timestamp, tag.payload);
    this.#sent++;
  }
}
