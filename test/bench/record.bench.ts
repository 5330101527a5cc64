/**
 * What recording costs by form: many streams that are published in real time over RTMP, and that nobody watches, recorded in each form and
 * not at all. Prints one table. `--help` lists the options.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../../src/base/errors.ts";
import { runBench } from "./bench-entry.ts";
import { type RecordingOptions, runRecording } from "./recording.ts";

const usage = `bun test/bench/record.bench.ts [options]
  --streams 100  streams published and recorded at once
  --seconds 10   length of each measured window, rounded up to an even number
  --rounds 3     repeat, alternating the columns, and show medians
  --server PATH  another build of the server: an executable, or a main.ts`;

const readingHelp = `How to read this
  CPU is user and system time of the server process, its threads that write to the disk included, over the measured window; what the kernel
  does later to bring pages to the disk is not in it. What recording costs is that minus the CPU of the round's own run without it.
  Recordings go to the directory for temporary files. The last columns are quotients with the run without recording.
  "others" is other work on the server's core, "stolen" is time the host took away: with more than a few % repeat the run.`;

/** @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option */
const parseOptions = (argv: readonly string[]): RecordingOptions | "help" => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      streams: { type: "string", default: "100" },
      seconds: { type: "string", default: "10" },
      rounds: { type: "string", default: "3" },
      server: { type: "string", default: join(import.meta.dir, "../../src/main.ts") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const number = (name: "streams" | "seconds" | "rounds"): number => {
    if (/^[1-9]\d{0,4}$/.test(values[name])) return Number(values[name]);
    throw new ConfigError(`--${name} ${values[name]}, expected a whole number from 1 to 99999`);
  };
  const seconds = number("seconds");
  return {
    streams: number("streams"),
    seconds: seconds + (seconds % 2),
    rounds: number("rounds"),
    server: values.server,
  };
};

process.exitCode = await runBench({
  name: "record",
  usage,
  parse: parseOptions,
  run: async (bench, options) => {
    console.log(
      `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Bun ${Bun.version}; ${bench.pinning.note}`,
    );
    console.log(`windows of ${options.seconds} s, ${options.rounds} round(s); everything on 127.0.0.1`);
    console.log(`\n${await runRecording(bench, options)}\n\n${readingHelp}`);
  },
});
