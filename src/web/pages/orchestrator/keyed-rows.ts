/** An element that shows a thing, and is told when that has changed. */
export interface Row<Thing> {
  readonly element: HTMLElement;
  update(thing: Thing): void;
}

/**
 * The children of an element, one for each thing, in the order of these. A thing that stays keeps its element, so that whoever is about to press a
 * button in it does not lose it.
 */
export class KeyedRows<Thing> {
  readonly #parent: HTMLElement;
  readonly #make: (thing: Thing) => Row<Thing>;
  readonly #keyOf: (thing: Thing) => string;
  readonly #rows = new Map<string, Row<Thing>>();

  constructor(
    parent: HTMLElement,
    { make, keyOf }: { make: (thing: Thing) => Row<Thing>; keyOf: (thing: Thing) => string },
  ) {
    this.#parent = parent;
    this.#make = make;
    this.#keyOf = keyOf;
  }

  /** Shows these things, and no others. */
  show(things: readonly Thing[]): void {
    const gone = new Set(this.#rows.keys());
    let before: Element | null = null;
    for (const thing of things) {
      const key = this.#keyOf(thing);
      gone.delete(key);
      let row = this.#rows.get(key);
      if (!row) {
        row = this.#make(thing);
        this.#rows.set(key, row);
      }
      row.update(thing);
      const place: Element | null = before ? before.nextElementSibling : this.#parent.firstElementChild;
      if (place !== row.element) this.#parent.insertBefore(row.element, place);
      before = row.element;
    }
    for (const key of gone) {
      this.#rows.get(key)?.element.remove();
      this.#rows.delete(key);
    }
  }
}

/** Makes an element with a text and a class. */
export const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { text = "", className = "" }: { text?: string; className?: string } = {},
): HTMLElementTagNameMap[Name] => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className !== "") made.className = className;
  return made;
};

/** Changes the text of an element, where it is another. */
export const setText = (place: HTMLElement, text: string): void => {
  if (place.textContent !== text) place.textContent = text;
};
