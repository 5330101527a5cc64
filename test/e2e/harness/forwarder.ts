import { Journal } from "./journal.ts";
import { type Exit, Program } from "./program.ts";
import { type LogLine, serverCommand } from "./server.ts";

/** A `rtmp-server forward` under test. Disposing of it kills it where it still runs. */
export class ForwarderProgram implements AsyncDisposable {
  readonly #program: Program;
  readonly #lines = new Journal<LogLine>();

  /** `command` stands for the one of the server; `env` is beside that of this process. */
  constructor(
    env: Readonly<Record<string, string>>,
    command: readonly string[] = [...serverCommand, "forward"],
  ) {
    this.#program = new Program(command, {
      env,
      line: (line) => this.#lines.push(line.startsWith("{") ? JSON.parse(line) : { msg: line }),
    });
    this.#program.exit(2 ** 31 - 1).then(
      ({ code }) => this.#lines.end(`the forwarder ended with exit code ${code}`),
      () => undefined,
    );
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** Waits for a line that says this. */
  async says(msg: string): Promise<LogLine> {
    return await this.#lines.find((line) => line.msg === msg, { what: `forwarder saying "${msg}"` });
  }

  kill(signal: NodeJS.Signals): void {
    this.#program.kill(signal);
  }

  exit(withinMs?: number): Promise<Exit> {
    return this.#program.exit(withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
