/**
 * What readers by RTSP cost a relay next to players by RTMP: one stream, published by RTMP, to many of the one, of the other, and of both.
 * Prints one table. `--help` lists the options.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../../src/base/errors.ts";
import { runBench } from "./bench-entry.ts";
import { type Audience, type FanOutFigures, fanOutKbps, fanOutRows, runFanOut } from "./fan-out.ts";
import { ourServer } from "./our-server.ts";
import { type Column, type Row, renderTable } from "./table.ts";
import { type Bench, freePort } from "./target.ts";

const usage = `bun test/bench/rtsp.bench.ts [options]
  --players 500  players, and as many readers
  --seconds 10   length of each measured window, rounded up to an even number
  --rounds 3     repeat, alternating the columns, and show medians
  --both         another column with both audiences at once
  --server PATH  another build of the server: an executable, or a main.ts`;

const readingHelp = `How to read this
  The server is one process with RTSP on in every column. Readers have their media interleaved on the RTSP connection (TCP).
  CPU is user and system time over the measured window, after everybody joined; 1 GB is 1e9 bytes, counted where they were received,
  headers of the protocol included. The last columns are quotients with RTMP: above 1.00 the first one is dearer.
  "both" has its delays and losses from the RTMP players, which join second.
  Every reader checks its packets (framing, RTP version, sequence numbers) until it has joined, the probes to the end.`;

/** A reader by RTSP may cost so many times what a player by RTMP costs. */
const wantedQuotient = 1.3;

const rows: readonly Row<FanOutFigures>[] = [
  ...fanOutRows,
  { label: "RTP packets lost", values: (f) => [f.packetsLost], digits: 0 },
];

type Columns = "both" | "RTSP" | "RTMP";

interface Options {
  readonly players: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly columns: readonly Columns[];
  readonly server: string;
}

/** @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option */
const parseOptions = (argv: readonly string[]): Options | "help" => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      players: { type: "string", default: "500" },
      seconds: { type: "string", default: "10" },
      rounds: { type: "string", default: "3" },
      both: { type: "boolean", default: false },
      server: { type: "string", default: join(import.meta.dir, "../../src/main.ts") },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const number = (name: "players" | "seconds" | "rounds"): number => {
    if (/^[1-9]\d{0,4}$/.test(values[name])) return Number(values[name]);
    throw new ConfigError(`--${name} ${values[name]}, expected a whole number from 1 to 99999`);
  };
  const seconds = number("seconds");
  return {
    players: number("players"),
    seconds: seconds + (seconds % 2),
    rounds: number("rounds"),
    columns: values.both ? ["both", "RTSP", "RTMP"] : ["RTSP", "RTMP"],
    server: values.server,
  };
};

const runColumn = (bench: Bench, column: Columns, options: Options): Promise<FanOutFigures> => {
  const { players, seconds, server } = options;
  const port = freePort();
  const rtsp = ["--rtsp", "--rtsp-address", `127.0.0.1:${port}`, "--rtsp-transports", "tcp"];
  const target = ourServer(column, server, [...rtsp, "--api=false", "--metrics=false"]);
  const readers: Audience = { role: "rtsp-readers", port };
  return runFanOut(bench, target, {
    players,
    seconds,
    ...(column === "RTSP" && { audience: readers }),
    ...(column === "both" && { beside: readers }),
  });
};

const verdictOf = (columns: readonly Column<FanOutFigures>[]): string => {
  const costs = (name: Columns): readonly number[] =>
    columns.find((column) => column.name === name)?.rounds.map(({ cpuPerGigabyte }) => cpuPerGigabyte) ?? [];
  const rtmp = costs("RTMP");
  const quotients = costs("RTSP").map((cost, round) => cost / (rtmp[round] ?? Number.NaN));
  const shown = quotients.map((quotient) => quotient.toFixed(2)).join(", ");
  return `CPU per GB, RTSP : RTMP, round by round: ${shown}; wanted: ${wantedQuotient} at most`;
};

const runAll = async (bench: Bench, options: Options): Promise<void> => {
  const { players, seconds, rounds } = options;
  const figures = new Map<Columns, FanOutFigures[]>(options.columns.map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, results] of figures) {
      console.error(`  ${name}, round ${round} of ${rounds}`);
      results.push(await runColumn(bench, name, options));
    }
  }
  const columns: Column<FanOutFigures>[] = [...figures].map(([name, results]) => ({ name, rounds: results }));
  console.log(
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Bun ${Bun.version}; ${bench.pinning.note}`,
  );
  console.log(`windows of ${seconds} s, ${rounds} round(s); everything on 127.0.0.1`);
  console.log(
    `\nOne ${fanOutKbps / 1000} Mbit/s stream to ${players} of each audience\n${renderTable(rows, columns)}`,
  );
  console.log(`\n${verdictOf(columns)}\n\n${readingHelp}`);
};

process.exitCode = await runBench({ name: "rtsp", usage, parse: parseOptions, run: runAll });
