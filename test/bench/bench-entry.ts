import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, messageOf } from "../../src/base/errors.ts";
import { compileLoad } from "./load.ts";
import { choosePinning } from "./pinning.ts";
import type { Bench } from "./target.ts";

/** A benchmark that is started from the command line and loads a server with programs of its own. */
export interface BenchProgram<Options> {
  readonly name: string;
  readonly usage: string;
  /** @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option */
  readonly parse: (argv: readonly string[]) => Options | "help";
  readonly run: (bench: Bench, options: Options) => Promise<void>;
}

/** Runs a benchmark to its end, its children with it, and gives the exit code. */
export const runBench = async <Options>(program: BenchProgram<Options>): Promise<number> => {
  const { name, usage, parse, run } = program;
  const abort = new AbortController();
  const directory = mkdtempSync(join(tmpdir(), `${name}-bench-load-`));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
  try {
    const options = parse(process.argv.slice(2));
    if (options === "help") {
      console.log(usage);
      return 0;
    }
    if (process.platform !== "linux")
      throw new ConfigError(`runs on Linux only (epoll, /proc), not ${process.platform}`);
    const pinning = choosePinning();
    const loadProgram = compileLoad(directory);
    await run({ loadProgram, pinning, segmentBytes: 16_384, signal: abort.signal }, options);
    return 0;
  } catch (error) {
    console.error(`${name}.bench: ${messageOf(error)}`);
    return error instanceof ConfigError || error instanceof TypeError ? 2 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
