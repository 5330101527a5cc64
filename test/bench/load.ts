import { join } from "node:path";
import type { Bench } from "./target.ts";

const sources = [
  "load.c",
  "wire.c",
  "chunk-parser.c",
  "frames.c",
  "players.c",
  "rtmp-player.c",
  "rtsp-reader.c",
  "flv-reader.c",
  "publishers.c",
];

/**
 * Compiles the load generator into `directory` and gives the path of the program.
 * @throws Error when there is no C compiler, or it fails
 */
export const compileLoad = (directory: string): string => {
  const compiler = process.env.CC ?? Bun.which("cc") ?? Bun.which("gcc") ?? Bun.which("clang");
  if (!compiler) {
    throw new Error(
      "no C compiler found, the load generator needs one (Debian: apt-get install gcc libc6-dev)",
    );
  }
  const program = join(directory, "load");
  const files = sources.map((source) => join(import.meta.dir, source));
  const result = Bun.spawnSync([compiler, "-O2", "-Wall", "-D_GNU_SOURCE", "-o", program, ...files, "-lm"]);
  if (!result.success) throw new Error(`${compiler} failed:\n${result.stderr.toString()}`);
  return program;
};

/** What the load generator reports, by name. Absent where it had nothing to say. */
export class LoadReport {
  readonly #values: ReadonlyMap<string, number>;

  constructor(line: Readonly<Record<string, unknown>>) {
    const numbers = Object.entries(line).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    );
    this.#values = new Map(numbers);
  }

  /** The figure called `name`; NaN when there was nothing to measure. */
  figure(name: string): number {
    return this.#values.get(name) ?? Number.NaN;
  }
}

/** What a load generator does: publish by RTMP, or read by RTMP, by RTSP with media on the connection, or by FLV over HTTP or WebSockets. */
export type LoadRole = "publishers" | "players" | "rtsp-readers" | "http-flv-readers" | "ws-flv-readers";

/** Which load to put on which port. */
export interface LoadOptions {
  readonly port: number;
  readonly count: number;
  /** Length of the window it measures. */
  readonly seconds: number;
  /** Name of the stream to play, or what the names of published streams begin with. */
  readonly name: string;
  readonly kbps: number;
}

/** Connections opened per second, at most. */
const highestRate = 500;
/** Connecting takes this long at least: one group of pictures, so that joins meet every moment of it. */
const connectSeconds = 2;
/** A load generator ends after its work and this much, whatever happens. */
const marginSeconds = 60;

/** A running program that reports in lines of JSON. Dispose of it to end its connections. */
export class ProgramLoad implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #lines: AsyncGenerator<Record<string, unknown>>;

  constructor(bench: Bench, command: readonly string[]) {
    this.#child = Bun.spawn([...bench.pinning.load, ...command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      signal: bench.signal,
    });
    this.#lines = readLines(this.#child.stdout);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Waits for the next report of this kind: `open` and `closed` say when the measured window begins and ends.
   * @throws Error when the generator ends without one
   */
  async report(kind: "open" | "closed" | "result"): Promise<LoadReport> {
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      if (next.value.kind === kind) return new LoadReport(next.value);
    }
    const said = await new Response(this.#child.stderr).text();
    throw new Error(`the load generator ended before its ${kind} report: ${said.trim()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.exited;
  }
}

/** The load generator that publishes and reads. */
export class Load extends ProgramLoad {
  constructor(bench: Bench, role: LoadRole, options: LoadOptions) {
    const rate = Math.max(1, Math.min(highestRate, Math.ceil(options.count / connectSeconds)));
    const limit = options.seconds + Math.ceil(options.count / rate) + marginSeconds;
    const probes = Math.max(4, Math.min(20, Math.floor(options.count / 25)));
    const settings = { ...options, rate, limit, probes, segment: bench.segmentBytes };
    const flags = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
    super(bench, [bench.loadProgram, role, ...flags]);
  }
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}
