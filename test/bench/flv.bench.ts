/**
 * What readers of FLV over HTTP and over WebSockets cost a relay next to players by RTMP: one stream, published by RTMP, to many of each.
 * Prints one table. `--help` lists the options.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../../src/base/errors.ts";
import { runBench } from "./bench-entry.ts";
import { type Audience, type FanOutFigures, fanOutKbps, fanOutRows, runFanOut } from "./fan-out.ts";
import { ourServer } from "./our-server.ts";
import { type Column, renderTable } from "./table.ts";
import { type Bench, freePort } from "./target.ts";

const usage = `bun test/bench/flv.bench.ts [options]
  --players 1000  players, and as many readers
  --seconds 10    length of each measured window, rounded up to an even number
  --rounds 3      repeat, alternating the columns, and show medians
  --server PATH   another build of the server: an executable, or a main.ts`;

const readingHelp = `How to read this
  The server is one process, the same in every column.
  CPU is user and system time over the measured window, after everybody joined; 1 GB is 1e9 bytes, counted where they were received,
  headers of the protocol included. The last columns are quotients with RTMP: above 1.00 the first one is dearer.
  Every reader checks what it gets until it has joined, the probes to the end.`;

/** A reader by FLV over HTTP may cost so many times what a player by RTMP costs. */
const wantedQuotient = 1.2;

/** The first are compared with the last. */
const columnNames = ["HTTP-FLV", "WS-FLV", "RTMP"] as const;

type ColumnName = (typeof columnNames)[number];

const roles: Readonly<Record<Exclude<ColumnName, "RTMP">, Audience["role"]>> = {
  "HTTP-FLV": "http-flv-readers",
  "WS-FLV": "ws-flv-readers",
};

interface Options {
  readonly players: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly server: string;
}

/** @throws ConfigError on a value out of range; TypeError (of node:util) on an unknown option */
const parseOptions = (argv: readonly string[]): Options | "help" => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      players: { type: "string", default: "1000" },
      seconds: { type: "string", default: "10" },
      rounds: { type: "string", default: "3" },
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
    server: values.server,
  };
};

const runColumn = (bench: Bench, column: ColumnName, options: Options): Promise<FanOutFigures> => {
  const { players, seconds, server } = options;
  const port = freePort();
  const flags = ["--hls-address", `127.0.0.1:${port}`, "--rtsp=false", "--api=false", "--metrics=false"];
  const audience = column === "RTMP" ? {} : { audience: { role: roles[column], port } };
  return runFanOut(bench, ourServer(column, server, flags), { players, seconds, ...audience });
};

const verdictOf = (columns: readonly Column<FanOutFigures>[]): string => {
  const costs = (name: ColumnName): readonly number[] =>
    columns.find((column) => column.name === name)?.rounds.map(({ cpuPerGigabyte }) => cpuPerGigabyte) ?? [];
  const rtmp = costs("RTMP");
  const quotientsOf = (name: ColumnName): string =>
    costs(name)
      .map((cost, round) => (cost / (rtmp[round] ?? Number.NaN)).toFixed(2))
      .join(", ");
  return `CPU per GB, round by round, HTTP-FLV : RTMP: ${quotientsOf("HTTP-FLV")}; wanted: ${wantedQuotient} at most
CPU per GB, round by round, WS-FLV : RTMP: ${quotientsOf("WS-FLV")}`;
};

const runAll = async (bench: Bench, options: Options): Promise<void> => {
  const { players, seconds, rounds } = options;
  const figures = new Map<ColumnName, FanOutFigures[]>(columnNames.map((name) => [name, []]));
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
    `\nOne ${fanOutKbps / 1000} Mbit/s stream to ${players} of each audience\n${renderTable(fanOutRows, columns)}`,
  );
  console.log(`\n${verdictOf(columns)}\n\n${readingHelp}`);
};

process.exitCode = await runBench({ name: "flv", usage, parse: parseOptions, run: runAll });
