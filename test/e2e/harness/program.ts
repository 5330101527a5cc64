import { within } from "./deadline.ts";

/** How a program ended. */
export interface Exit {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** No program outlives this, in milliseconds, whatever happens to the tests, unless it is told otherwise. */
const longestRunMs = 110_000;

/**
 * Bun 1.4.5 loses the end of what a program has written to standard error now and then, while sockets keep the process busy: nothing is
 * waited for longer than this once the program has ended, in milliseconds.
 */
const lastWordsMs = 1_000;

/** A running program. Disposing of it kills it where it still runs. */
export class Program implements AsyncDisposable {
  readonly #command: readonly string[];
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #exit: Promise<Exit>;

  /** Starts `command`. `line` gets every line of standard error as it comes. */
  constructor(
    command: readonly string[],
    options: {
      cwd?: string | undefined;
      env?: Readonly<Record<string, string>>;
      line?: (line: string) => void;
      longestMs?: number;
    } = {},
  ) {
    const { cwd, env, line, longestMs = longestRunMs } = options;
    this.#command = command;
    this.#child = Bun.spawn([...command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: longestMs,
      killSignal: "SIGKILL",
      ...(cwd === undefined ? {} : { cwd }),
      ...(env ? { env: { ...process.env, ...env } } : {}),
    });
    this.#exit = this.#collect(line);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.isRunning) process.kill(this.pid, signal);
  }

  /**
   * Waits for the end.
   * @throws Error when it does not come within `withinMs` milliseconds
   */
  exit(withinMs = 30_000): Promise<Exit> {
    return within(this.#exit, { withinMs, what: `end of ${this.#command.join(" ")}` });
  }

  /**
   * Waits for an end with exit code 0 and gives standard output.
   * @throws Error with what the program said, for every other end
   */
  async success(withinMs = 30_000): Promise<string> {
    const { code, signal, out, err } = await this.exit(withinMs);
    if (code !== 0)
      throw new Error(
        `${this.#command.join(" ")}: exit code ${code}, signal ${signal}, expected exit code 0\n${err}`,
      );
    return out;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.#exit;
  }

  async #collect(line: ((line: string) => void) | undefined): Promise<Exit> {
    const out = new Response(this.#child.stdout).text();
    let err = "";
    const said = readLines(this.#child.stderr, {
      text: (more) => {
        err += more;
      },
      line: line ?? (() => undefined),
    });
    await this.#child.exited;
    await Promise.race([said, Bun.sleep(lastWordsMs)]);
    const { exitCode: code, signalCode: signal } = this.#child;
    return { code, signal: signal === null ? null : String(signal), out: await out, err };
  }
}

const readLines = async (
  stream: ReadableStream<Uint8Array>,
  { text, line }: { text: (more: string) => void; line: (line: string) => void },
): Promise<void> => {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const more = decoder.decode(bytes, { stream: true });
    text(more);
    const lines = (rest + more).split("\n");
    rest = lines.pop() ?? "";
    for (const each of lines) line(each);
  }
  if (rest !== "") line(rest);
};

/**
 * Runs `command` to its end and gives standard output.
 * @throws Error when it fails, or takes longer than `withinMs` milliseconds
 */
export const run = async (command: readonly string[], withinMs = 60_000): Promise<string> => {
  await using program = new Program(command);
  return await program.success(withinMs);
};
