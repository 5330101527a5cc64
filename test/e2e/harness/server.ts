import { join, resolve } from "node:path";
import { TempDirectory } from "./directory.ts";
import { Journal } from "./journal.ts";
import { type Exit, Program } from "./program.ts";

/** One line of the server's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** The build under test: an executable, or undefined where the source runs on Bun. */
export const builtBinary = process.env.RTMP_SERVER_BINARY
  ? resolve(process.env.RTMP_SERVER_BINARY)
  : undefined;

/** The command line of the server under test, without flags. */
export const serverCommand: readonly string[] = builtBinary
  ? [builtBinary]
  : [process.execPath, join(import.meta.dir, "../../../src/main.ts")];

/** Flags without which servers of tests that run beside each other want the same ports. */
export const onlyRtmp: readonly string[] = ["--api=false", "--metrics=false", "--rtsp=false", "--hls=false"];

/** How to start a server. */
export interface ServerOptions {
  readonly flags?: readonly string[];
  /** The port to listen on; 0, the system's choice, unless given. */
  readonly port?: number;
  /** Instead of {@link serverCommand}. */
  readonly command?: readonly string[];
  /** The longest it may run, in milliseconds; some two minutes unless given. */
  readonly longestMs?: number;
  /** Address and level of the log are those of a configuration file, so that the file can change them. */
  readonly isFromFile?: boolean;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

const startMs = 15_000;
const stopMs = 15_000;

/** Longer than this and it is cut, in characters, when a failure quotes a log. */
const quotedLog = 4_000;

/**
 * A server under test. Disposing of it stops it with SIGTERM, and fails where it does not end with exit code 0 or has logged a
 * defect of its own.
 */
export class Server implements AsyncDisposable {
  readonly #directory = new TempDirectory();
  readonly #program: Program;
  readonly #lines = new Journal<LogLine>();
  #text = "";
  #port = 0;
  #isExpectedToStop = true;

  private constructor(options: ServerOptions) {
    const { flags = [], port = 0, command = serverCommand, env = {}, longestMs, isFromFile } = options;
    // A test may ask for pages itself.
    const isAsked = (flag: string): boolean =>
      flags.some((typed) => new RegExp(`^${flag.replace("=false", "")}(?:-address)?(?:=|$)`).test(typed));
    const without = onlyRtmp.filter((flag) => !isAsked(flag));
    const own = isFromFile ? [] : ["--listen", `127.0.0.1:${port}`, "--log-level", "debug"];
    this.#program = new Program([...command, "--log-format", "json", ...own, ...without, ...flags], {
      cwd: this.#directory.path,
      env,
      ...(longestMs === undefined ? {} : { longestMs }),
      line: (line) => this.#line(line),
    });
    this.#program.exit(2 ** 31 - 1).then(
      ({ code, signal }) => this.#lines.end(`the server ended with exit code ${code}, signal ${signal}`),
      () => undefined,
    );
  }

  /** Starts a server and waits until it listens. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(options);
    try {
      const { addr } = await server.line({ msg: "RTMP server listening" }, { withinMs: startMs });
      server.#port = Number(/:(\d+)$/.exec(String(addr))?.[1]);
      return server;
    } catch (error) {
      await server.#program[Symbol.asyncDispose]();
      throw new Error(`the server does not start:\n${server.#text}`, { cause: error });
    }
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** The port of plain RTMP. */
  get port(): number {
    return this.#port;
  }

  /** The whole log as it was written. */
  get logText(): string {
    return this.#text;
  }

  /** Every line so far. */
  get lines(): readonly LogLine[] {
    return this.#lines.items;
  }

  /** The URL of a stream. */
  url(path: string): string {
    return `rtmp://127.0.0.1:${this.#port}/${path}`;
  }

  /** Where pages are served, as the log says: without a slash at the end. */
  async pages(
    what:
      | "control API"
      | "metrics and health pages"
      | "profiles"
      | "playback of recordings"
      | "HLS and FLV over HTTP",
    scheme = "http",
  ): Promise<string> {
    const { addr } = await this.line({ msg: what });
    return `${scheme}://127.0.0.1:${/:(\d+)$/.exec(String(addr))?.[1]}`;
  }

  /** The URL of a stream by RTSP, where the server was asked for it. */
  async rtspUrl(path: string): Promise<string> {
    const { addr } = await this.line({ msg: "RTSP" });
    return `rtsp://127.0.0.1:${/:(\d+)$/.exec(String(addr))?.[1]}/${path}`;
  }

  /** Lines so far that have all of these fields. */
  matching(fields: Readonly<Record<string, unknown>>): readonly LogLine[] {
    return this.lines.filter((line) => hasFields(line, fields));
  }

  /** Waits for the first (or nth) line with all of these fields. */
  line(
    fields: Readonly<Record<string, unknown>>,
    wait: { nth?: number; withinMs?: number } = {},
  ): Promise<LogLine> {
    return this.#lines
      .find((line) => hasFields(line, fields), { ...wait, what: `log line ${JSON.stringify(fields)}` })
      .catch((error: unknown) => {
        throw new Error(`${String(error)}\n${this.#tail}`, {
          cause: error,
        });
      });
  }

  /** Sends a signal; the test looks at the end itself, with {@link exit}. */
  kill(signal: NodeJS.Signals): void {
    this.#isExpectedToStop = false;
    this.#program.kill(signal);
  }

  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.#program.kill(signal);
  }

  exit(withinMs = stopMs): Promise<Exit> {
    return this.#program.exit(withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _program = this.#program;
    using _directory = this.#directory;
    let end: Exit | undefined;
    if (this.#isExpectedToStop) {
      this.#program.kill("SIGTERM");
      end = await this.#program.exit(stopMs);
    }
    const defect = this.lines.find((line) => line.msg.includes("defect of the server"));
    const fault = defect
      ? `the server logged ${JSON.stringify(defect)}`
      : end && end.code !== 0
        ? `the server ended with exit code ${end.code}, signal ${end.signal}, expected 0`
        : undefined;
    if (fault === undefined) return;
    // Where the test has failed too the runner shows neither error of the two.
    console.error(`${fault}\n${this.#tail}`);
    throw new Error(fault);
  }

  /** The end of the log. */
  get #tail(): string {
    return this.#text.substring(this.#text.length - quotedLog);
  }

  #line(line: string): void {
    this.#text += `${line}\n`;
    try {
      this.#lines.push(JSON.parse(line));
    } catch {
      // What is no JSON stands in the text: a stack, or the one line of a refused command line.
    }
  }
}

const hasFields = (line: LogLine, fields: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(fields).every(([key, value]) =>
    value instanceof RegExp ? value.test(String(line[key])) : line[key] === value,
  );
