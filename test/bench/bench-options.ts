import { parseArgs } from "node:util";
import { ConfigError } from "../../src/base/errors.ts";

/** What one run of the relay benchmark was asked for. */
export interface BenchOptions {
  /** Sizes of the fan-out, in players; empty: no fan-out. */
  readonly players: readonly number[];
  /** Streams published at once with nobody watching; 0: no ingest. */
  readonly publishers: number;
  /** Streams recorded at once, in one form after the other; 0: no recording. */
  readonly recorded: number;
  /** Length of each measured window; even, so that it holds whole groups of pictures. */
  readonly seconds: number;
  /** How often each case runs; medians are shown. */
  readonly rounds: number;
  /** Most bytes of a TCP segment between server and load; 65535: what the loopback interface has. */
  readonly segmentBytes: number;
  readonly only: "ours" | "nginx" | undefined;
  /** Another build of this server: an executable, or its main.ts. */
  readonly server: string | undefined;
}

/** How to call the benchmark. */
export const usage = `bun test/bench/relay.bench.ts [options]
  --players 100,1000,3000  sizes of the fan-out; 0: none
  --publishers 600         streams published at once with nobody watching; 0: none
  --recorded 100           streams recorded at once, in one form after the other; 0: none
  --seconds 10             length of each measured window, rounded up to an even number
  --rounds 1               repeat, alternating the servers, and show medians
  --only ours|nginx        leave the other one out
  --server PATH            compare another build too: an executable, or a main.ts
  --segment-bytes 16384    most bytes of a TCP segment; 65535: what the loopback interface has
  --quick                  100 players, 60 publishers, 20 recorded, 4 seconds, unless given`;

const wholeNumber = (name: string, text: string): number => {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new ConfigError(`--${name} ${text}, expected a whole number from 0 to 999999`);
};

const atLeastOne = (name: string, text: string): number => {
  const value = wholeNumber(name, text);
  if (value === 0) throw new ConfigError(`--${name} 0, expected 1 or more`);
  return value;
};

const segmentBytesOf = (text: string): number => {
  const value = wholeNumber("segment-bytes", text);
  if (value >= 536 && value <= 65535) return value;
  throw new ConfigError(`--segment-bytes ${text}, expected 536 to 65535`);
};

const onlyOf = (text: string | undefined): BenchOptions["only"] => {
  if (text === undefined || text === "ours" || text === "nginx") return text;
  throw new ConfigError(`--only ${text}, expected ours or nginx`);
};

/**
 * Reads the command line.
 * @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option
 */
export const parseBenchOptions = (argv: readonly string[]): BenchOptions | "help" => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      players: { type: "string" },
      publishers: { type: "string" },
      recorded: { type: "string" },
      seconds: { type: "string" },
      rounds: { type: "string", default: "1" },
      "segment-bytes": { type: "string", default: "16384" },
      only: { type: "string" },
      server: { type: "string" },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const players = values.players ?? (values.quick ? "100" : "100,1000,3000");
  const publishers = values.publishers ?? (values.quick ? "60" : "600");
  const recorded = values.recorded ?? (values.quick ? "20" : "100");
  const seconds = atLeastOne("seconds", values.seconds ?? (values.quick ? "4" : "10"));
  return {
    players: players
      .split(",")
      .map((size) => wholeNumber("players", size))
      .filter((size) => size > 0),
    publishers: wholeNumber("publishers", publishers),
    recorded: wholeNumber("recorded", recorded),
    seconds: seconds + (seconds % 2),
    rounds: atLeastOne("rounds", values.rounds),
    segmentBytes: segmentBytesOf(values["segment-bytes"]),
    only: onlyOf(values.only),
    server: values.server,
  };
};
