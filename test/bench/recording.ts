import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type IngestFigures, runIngest } from "./ingest.ts";
import { ourServer } from "./our-server.ts";
import { type Column, type Row, renderTable } from "./table.ts";
import type { Bench } from "./target.ts";

/** Payload of each recorded stream. */
export const recordedKbps = 2650;

/** Many streams that are recorded and that nobody watches: the figures of one run. */
interface RecordingFigures extends IngestFigures {
  /** What recording alone takes of a core for each stream, in per cent: the rest is what the same load takes unrecorded. */
  readonly recordingPerStream: number;
  readonly files: number;
  readonly leastFileBytes: number;
}

/** What recording a stream may take of a core, in per cent. */
const wanted = { flv: 0.5, fmp4: 2, mpegts: undefined } as const;

const formats = ["flv", "fmp4", "mpegts"] as const;

const rows: readonly Row<RecordingFigures>[] = [
  { label: "server CPU per stream, % of a core", values: (f) => [f.cpuPerStream], digits: 2, compared: true },
  { label: "of it for recording, % of a core", values: (f) => [f.recordingPerStream], digits: 2 },
  { label: "core: server / others / stolen, %", values: (f) => f.core, digits: 0 },
  {
    label: "server memory per stream, kB",
    values: (f) => [f.residentPerPublisher / 1e3],
    digits: 0,
    compared: true,
  },
  { label: "files / MB in the smallest", values: (f) => [f.files, f.leastFileBytes / 1e6], digits: 1 },
  { label: "taken of what was due, all / slowest %", values: (f) => f.taken, digits: 1 },
  { label: "packets sent late by, p50 / p99 ms", values: (f) => f.lateMs, digits: 1 },
  { label: "publishers never started / disconnected", values: (f) => [f.absent, f.disconnected], digits: 0 },
];

/** What was recorded so far, file by file. */
const fileSizes = (directory: string): readonly number[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:flv|mp4|ts)$/.test(entry.name))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size);

/** How the recording of many streams is measured. */
export interface RecordingOptions {
  readonly streams: number;
  /** Length of the measured window. */
  readonly seconds: number;
  readonly rounds: number;
  /** The build: an executable, or a main.ts. */
  readonly server: string;
}

const runRound = async (bench: Bench, { streams, seconds, server }: RecordingOptions) => {
  const run = async (name: string, flags: readonly string[]) => {
    console.error(`  ${streams} streams, ${name}`);
    let sizes: readonly number[] = [];
    const target = ourServer(name, server, ["--api=false", "--metrics=false", "--rtsp=false", ...flags]);
    const figures = await runIngest(bench, target, {
      ...{ publishers: streams, seconds, kbps: recordedKbps },
      look: ({ directory }) => {
        sizes = fileSizes(directory);
      },
    });
    return { ...figures, files: sizes.length, leastFileBytes: sizes.length > 0 ? Math.min(...sizes) : 0 };
  };
  const plain = await run("not recorded", []);
  const round = new Map<string, RecordingFigures>();
  for (const format of formats) {
    const figures = await run(format, ["--record", `--record-format=${format}`]);
    round.set(format, { ...figures, recordingPerStream: figures.cpuPerStream - plain.cpuPerStream });
  }
  return round.set("not recorded", { ...plain, recordingPerStream: 0 });
};

/** Records the same streams in every form and not at all, one after the other, and gives a table and a verdict. */
export const runRecording = async (bench: Bench, options: RecordingOptions): Promise<string> => {
  const rounds: ReadonlyMap<string, RecordingFigures>[] = [];
  for (let round = 0; round < options.rounds; round++) rounds.push(await runRound(bench, options));
  const columns: Column<RecordingFigures>[] = [...formats, "not recorded"].map((name) => ({
    name,
    rounds: rounds.flatMap((round) => round.get(name) ?? []),
  }));
  const title = `${options.streams} streams of ${recordedKbps / 1000} Mbit/s, recorded, nobody watching`;
  const verdicts = formats.map((format) => {
    const costs = rounds.map((round) => round.get(format)?.recordingPerStream ?? Number.NaN);
    const bound = wanted[format] === undefined ? "" : `; wanted: less than ${wanted[format]}`;
    return `recording as ${format}, % of a core for each stream, round by round: ${costs.map((cost) => cost.toFixed(2)).join(", ")}${bound}`;
  });
  return `${title}\n${renderTable(rows, columns)}\n\n${verdicts.join("\n")}`;
};
