import { within } from "./deadline.ts";

/** What to wait for, and how long. */
export interface Wait {
  /** For the error: what was expected. */
  readonly what: string;
  /** Which of the matching items, from 1. */
  readonly nth?: number;
  /** 15 s unless given. */
  readonly withinMs?: number;
}

/** Items in the order they came, from something that goes on: log lines, messages. A test looks back, or waits for what is to come. */
export class Journal<Item> {
  readonly #items: Item[] = [];
  readonly #waiting = new Set<() => void>();
  #end: string | undefined;

  /** Everything so far. */
  get items(): readonly Item[] {
    return this.#items;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }

  /** Nothing more comes: whoever waits fails at once, with this reason. */
  end(reason: string): void {
    this.#end ??= reason;
    this.#wake();
  }

  /**
   * The first (or nth) item that matches, among those that came and those that will come.
   * @throws Error when it does not come in time, or nothing comes any more
   */
  find(matches: (item: Item) => boolean, { what, nth = 1, withinMs = 15_000 }: Wait): Promise<Item> {
    let seen = 0;
    let count = 0;
    let look: () => void = () => undefined;
    const found = new Promise<Item>((resolve, reject) => {
      look = () => {
        for (; seen < this.#items.length; seen++) {
          const item = this.#items[seen] as Item;
          if (!matches(item)) continue;
          count++;
          if (count === nth) return resolve(item);
        }
        if (this.#end !== undefined) reject(new Error(`${what}: does not come any more, ${this.#end}`));
      };
    });
    this.#waiting.add(look);
    look();
    return within(found, { withinMs, what }).finally(() => this.#waiting.delete(look));
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }
}
