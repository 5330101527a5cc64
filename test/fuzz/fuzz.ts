/**
 * Feeds everything that reads bytes from strangers with mutated inputs: `npm run fuzz -- --seconds 60 --target NAME --seed N`.
 * Without a target each gets its time, one after the other. An input that breaks an invariant is written to the corpus, where
 * `bun test` replays it for ever after. Exit code 0: nothing found.
 */
import { parseArgs } from "node:util";
import { check, Finding } from "./check.ts";
import { corpusOf, keep } from "./corpus.ts";
import { mediaTargets } from "./media-targets.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { rtmpTargets } from "./rtmp-targets.ts";
import { rtspTargets } from "./rtsp-targets.ts";
import type { Target } from "./target.ts";

const targets: readonly Target[] = [...rtmpTargets, ...mediaTargets, ...rtspTargets];

/** Inputs that reached something new, beside seeds and corpus. */
const maxPool = 2_000;

/** Of these, the most that `--keep` writes to a corpus. */
const maxKept = 12;

/** Resident memory that no run may pass, in bytes. */
const maxResidentBytes = 1024 ** 3;

interface Run {
  readonly seconds: number;
  readonly seed: number;
  /** Write inputs that reach something new to the corpus. */
  readonly isKeeping: boolean;
}

/** Fuzzes one target and gives the number of findings. */
const fuzz = (target: Target, { seconds, seed, isKeeping }: Run): number => {
  const random = new Random(seed);
  const pool = [...target.seeds(), ...corpusOf(target).map(({ bytes }) => bytes)];
  const reached = new Set<string>();
  const found = new Set<string>();
  let kept = 0;
  const attempt = (bytes: Uint8Array): boolean => {
    try {
      const outcome = check(target, bytes, random);
      const isNew = !reached.has(outcome.reached);
      reached.add(outcome.reached);
      return isNew;
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      // One fault shows in many inputs: the first of each place is enough.
      const where = error.message.replace(/\d+/g, "#").split("\n", 4).join("\n");
      if (!found.has(where))
        console.error(`${target.name}: ${error.message}\n  kept as ${keep(target, error.kind, bytes)}`);
      found.add(where);
      return false;
    }
  };
  for (const bytes of pool) attempt(bytes);
  const started = performance.now();
  const until = started + seconds * 1000;
  let executions = 0;
  while (performance.now() < until && found.size < 20) {
    const input = mutate(random.pick(pool), random.pick(pool), random);
    executions++;
    if (attempt(input) && pool.length < maxPool) {
      pool.push(input);
      if (isKeeping && input.length <= 1024 && kept++ < maxKept) keep(target, "reach", input);
    }
    if (executions % 4096 === 0 && process.memoryUsage.rss() > maxResidentBytes) {
      console.error(`${target.name}: more than ${maxResidentBytes} bytes resident`);
      return found.size + 1;
    }
  }
  const perSecond = Math.round((executions * 1000) / (performance.now() - started));
  const line = `${executions} executions, ${perSecond}/s, ${reached.size} outcomes, ${found.size} findings`;
  console.log(`${target.name.padEnd(18)} ${line}`);
  return found.size;
};

const main = (): number => {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "10" },
      target: { type: "string" },
      seed: { type: "string" },
      keep: { type: "boolean", default: false },
    },
  });
  const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
  if (chosen.length === 0) {
    console.error(
      `no target ${values.target}, expected one of ${targets.map(({ name }) => name).join(", ")}`,
    );
    return 2;
  }
  const seed = Number(values.seed ?? Date.now() % 2 ** 32);
  const seconds = Number(values.seconds);
  if (!Number.isFinite(seed) || !(seconds > 0)) {
    console.error("expected --seconds above zero and a number for --seed");
    return 2;
  }
  console.log(`seed ${seed}, ${seconds} s per target`);
  let findings = 0;
  for (const target of chosen) findings += fuzz(target, { seconds, seed, isKeeping: values.keep });
  return findings === 0 ? 0 : 1;
};

process.exit(main());
