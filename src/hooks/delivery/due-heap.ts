interface Item<T> {
  readonly due: number;
  readonly value: T;
}

/** Values by the time they are due, the earliest first: a binary heap. What is equally due comes in any order. */
export class DueHeap<T> {
  #items: Item<T>[] = [];

  /** How many are in it. */
  get length(): number {
    return this.#items.length;
  }

  /** When the first is due; undefined where there is none. */
  get next(): number | undefined {
    return this.#items[0]?.due;
  }

  /** Adds a value that is due at `due`. */
  push(due: number, value: T): void {
    const items = this.#items;
    const item = { due, value };
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (!parent || parent.due <= due) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  /** Takes out one that is due at `now` or was before; undefined where none is. */
  takeDue(now: number): T | undefined {
    const items = this.#items;
    const first = items[0];
    if (!first || first.due > now) return undefined;
    const last = items.pop();
    if (last && items.length > 0) this.#sink(last);
    return first.value;
  }

  /** Takes everything out, in any order. */
  takeAll(): T[] {
    return this.#items.splice(0).map(({ value }) => value);
  }

  /** Puts `item` where the first one was, and lets it find its place below. */
  #sink(item: Item<T>): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = items[left + 1];
      let child = items[left];
      if (!child) break;
      let below = left;
      if (right && right.due < child.due) {
        child = right;
        below = left + 1;
      }
      if (child.due >= item.due) break;
      items[at] = child;
      at = below;
    }
    items[at] = item;
  }
}
