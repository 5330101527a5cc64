import { copyBytes, equalBytes, type Payload } from "../../base/bytes.ts";

/** More than this of one type is noise: H.264 allows 32 SPS, and real streams have one or two. */
const maxSets = 32;

/** Longer than this is no parameter set, and would not fit into a configuration record. */
const maxSetBytes = 0x4000;

type ParameterSet = { readonly type: number; readonly id: number; readonly nal: Payload };

/** The parameter sets of a stream by type and id. Copies are kept: they are small and live long. */
export class ParameterSets {
  #sets: ParameterSet[] = [];

  /**
   * Keeps `nal`, whose id is `id`, in place of the one before it; an identical one changes nothing. One of a new id goes in front of the
   * others, so that a stream which changes its format under another id is described by what it has now. True when something changed.
   */
  put(type: number, id: number, nal: Uint8Array): boolean {
    const at = this.#sets.findIndex((set) => set.type === type && set.id === id);
    const known = this.#sets[at];
    if (nal.length > maxSetBytes || (known && equalBytes(known.nal, nal))) return false;
    if (!known && this.of(type).length >= maxSets) return false;
    const set = { type, id, nal: copyBytes(nal) };
    this.#sets = known ? this.#sets.with(at, set) : [set, ...this.#sets];
    return true;
  }

  /** The sets of a type. */
  of(type: number): Payload[] {
    return this.#sets.filter((set) => set.type === type).map(({ nal }) => nal);
  }
}

/** Parameter sets as SDP has them: base64, commas between them. What is no base64 gives whatever a decoder makes of it. */
export const parseSprop = (value: string | undefined): Uint8Array[] =>
  (value ?? "")
    .split(",")
    .map((part) => new Uint8Array(Buffer.from(part.trim(), "base64")))
    .filter(({ length }) => length > 0);
