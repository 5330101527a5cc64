/** A place in a {@link LinkedQueue}: what `push` gave, and `remove` takes. */
export interface Place<T> {
  readonly value: T;
  /** @internal */
  before: Place<T> | undefined;
  /** @internal */
  after: Place<T> | undefined;
}

/**
 * First in, first out, where what stands in the middle can leave as cheaply as the first. (A `Set` keeps an order too, but finding
 * its first value costs the more the more values have left: 10 µs at 10,000.)
 */
export class LinkedQueue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #length = 0;

  /** How many stand here. */
  get length(): number {
    return this.#length;
  }

  /** The one that has stood here longest; undefined where there is none. */
  get first(): T | undefined {
    return this.#first?.value;
  }

  /** The one that came last; undefined where there is none. */
  get last(): T | undefined {
    return this.#last?.value;
  }

  /** All of them, from the first to the last. Who looks may take out the one it was given, and no other, before it asks for the next. */
  *[Symbol.iterator](): Iterator<T> {
    let place = this.#first;
    while (place) {
      const next = place.after;
      yield place.value;
      place = next;
    }
  }

  /** Adds `value` behind all others, and gives its place. */
  push(value: T): Place<T> {
    const place: Place<T> = { value, before: this.#last, after: undefined };
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    this.#length++;
    return place;
  }

  /** Takes the value at `place` out. The place must be of this queue, and not removed yet. */
  remove(place: Place<T>): void {
    if (place.before) place.before.after = place.after;
    else this.#first = place.after;
    if (place.after) place.after.before = place.before;
    else this.#last = place.before;
    place.before = undefined;
    place.after = undefined;
    this.#length--;
  }
}
