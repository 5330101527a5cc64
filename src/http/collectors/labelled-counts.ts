import type { Labels } from "../../base/exposition.ts";
import type { Entry } from "../../base/metric-family.ts";

/** Label sets that are counted one by one; all further ones are counted together. */
const maxLabelSets = 1_000;

/** Counts by the values of some labels. What strangers could make ever more values of stays bounded. */
export class LabelledCounts<Label extends string> {
  readonly #names: readonly Label[];
  readonly #counts = new Map<string, { readonly labels: Labels; value: number }>();

  constructor(...names: Label[]) {
    this.#names = names;
  }

  /** Counts one more. */
  note(labels: Readonly<Record<Label, string>>): void {
    const key = this.#names.map((name) => labels[name]).join("\n");
    const known = this.#counts.get(key);
    if (known) known.value++;
    else if (this.#counts.size < maxLabelSets) this.#counts.set(key, { labels: { ...labels }, value: 1 });
    else this.#noteOther();
  }

  /** The counts so far. */
  get entries(): Entry[] {
    return [...this.#counts.values()].map(({ labels, value }) => [labels, value]);
  }

  #noteOther(): void {
    const known = this.#counts.get("other");
    if (known) known.value++;
    else
      this.#counts.set("other", {
        labels: Object.fromEntries(this.#names.map((name) => [name, "other"])),
        value: 1,
      });
  }
}
