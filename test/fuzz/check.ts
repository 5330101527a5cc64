import { copyBytes } from "../../src/base/bytes.ts";
import { splitAt } from "../base/split.ts";
import type { Random } from "./random.ts";
import type { Outcome, Target } from "./target.ts";

/** No input of 16 KiB may take longer than this, in milliseconds. */
const maxMs = 100;

/** A broken invariant. */
export class Finding extends Error {
  readonly kind: "crash" | "slow";

  constructor(kind: "crash" | "slow", message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

const cuts = (random: Random): number[] => {
  const near = random.below(4_000);
  return Array.from({ length: 1 + random.below(5) }, () => near + random.below(1 << random.below(13)));
};

/** Times a read. The least of three runs counts, because others use the machine too. */
const timed = (target: Target, bytes: Uint8Array): Outcome => {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const pieces = [copyBytes(bytes)];
    const before = performance.now();
    const outcome = target.read(pieces);
    least = Math.min(least, performance.now() - before);
    if (least <= maxMs) return outcome;
  }
  throw new Finding(
    "slow",
    `${Math.round(least)} ms for ${bytes.length} bytes, expected at most ${maxMs} ms`,
  );
};

/**
 * Reads one input and checks every invariant of its target.
 * @throws Finding where one does not hold
 */
export const check = (target: Target, bytes: Uint8Array, random: Random): Outcome => {
  try {
    const outcome = timed(target, bytes);
    if (!target.isSequential) return outcome;
    const places = cuts(random);
    const split = target.read(splitAt(bytes, places));
    if (split.detail === outcome.detail) return outcome;
    throw new Finding(
      "crash",
      `another outcome when cut at ${places.join(", ")}:\n${split.detail}\nexpected\n${outcome.detail}`,
    );
  } catch (error) {
    if (error instanceof Finding) throw error;
    throw new Finding("crash", error instanceof Error ? (error.stack ?? error.message) : String(error), {
      cause: error,
    });
  }
};
