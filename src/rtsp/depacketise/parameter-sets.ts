import { copyBytes, equalBytes, type Payload } from "../../base/bytes.ts";

/** More than this of one type is noise: H.264 allows 32 SPS, and real streams have one or two. */
const maxSets = 32;

/** Longer than this is no parameter set, and would not fit into a configuration record. */
const maxSetBytes = 0x4000;

/** The parameter sets of a stream by type and id. Copies are kept: they are small and live long. */
export class ParameterSets {
  readonly #sets = new Map<string, Payload>();

  /** Keeps `nal`, whose id is `id`, in place of the one before it; an identical one changes nothing. True when something changed. */
  put(type: number, id: number, nal: Uint8Array): boolean {
    const key = `${type} ${id}`;
    const known = this.#sets.get(key);
    if (known && equalBytes(known, nal)) return false;
    if (nal.length > maxSetBytes || (!known && this.of(type).length >= maxSets)) return false;
    this.#sets.set(key, copyBytes(nal));
    return true;
  }

  /** The sets of a type in the order in which they came first. */
  of(type: number): Payload[] {
    return [...this.#sets].filter(([key]) => key.startsWith(`${type} `)).map(([, nal]) => nal);
  }
}

/** Parameter sets as SDP has them: base64, commas between them. What is no base64 gives whatever a decoder makes of it. */
export const parseSprop = (value: string | undefined): Uint8Array[] =>
  (value ?? "")
    .split(",")
    .map((part) => new Uint8Array(Buffer.from(part.trim(), "base64")))
    .filter(({ length }) => length > 0);
