import { randomUUID } from "node:crypto";
import { LinuxProcessTable } from "../../../src/orchestrator/process/process-table.ts";
import { TempDirectory } from "./directory.ts";
import { Journal } from "./journal.ts";
import { type Exit, Program } from "./program.ts";
import { type LogLine, serverCommand } from "./server.ts";
import { until } from "./until.ts";

/** A stream as the API shows it, as far as tests look at it. */
export interface ShownStream {
  readonly id: string;
  readonly state: string;
  readonly ingest: { readonly state: string; readonly source: { readonly id: string } | null };
  readonly worker: ShownProcess;
  readonly forwarders: readonly (ShownProcess & { readonly target: string; readonly url: string })[];
}

/** A process as the API shows it. */
export interface ShownProcess {
  readonly state: string;
  readonly pid: number | null;
  readonly adopted: boolean;
  readonly restarts: number;
  readonly lastError: string | null;
  readonly log: string;
}

const stopMs = 20_000;

/** A state with everything that is started for it. Disposing of it kills whatever of that is left, and removes it. */
export class OrchestratorState implements AsyncDisposable {
  readonly directory = new TempDirectory();
  /** In the environment of all workers. */
  readonly mark = randomUUID();
  readonly #table = new LinuxProcessTable();

  /** Processes of workers that live, with all that they have started. */
  get workers(): readonly number[] {
    return this.#table.withVariable("TEST_MARK", this.mark).map(({ id }) => id.pid);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const { id } of this.#table.withVariable("TEST_MARK", this.mark)) this.#table.kill(id);
    this.directory[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** An orchestrator under test. Disposing of it stops it with SIGTERM, and fails where it does not end with exit code 0. */
export class OrchestratorProgram implements AsyncDisposable {
  readonly #program: Program;
  readonly #lines = new Journal<LogLine>();
  #text = "";
  #port = 0;
  #isExpectedToStop = true;

  private constructor(state: OrchestratorState, { flags, env }: OrchestratorOptions) {
    const own = [
      ...["--address", "127.0.0.1:0", "--data-dir", state.directory.file("data"), "--log-format", "json"],
      ...["--log-level", "debug", "--worker-env", `TEST_MARK=${state.mark}`],
      ...["--forwarder-env", `TEST_MARK=${state.mark}`],
    ];
    this.#program = new Program([...serverCommand, "orchestrate", ...own, ...flags], {
      ...(env && { env }),
      line: (line) => {
        this.#text += `${line}\n`;
        try {
          this.#lines.push(JSON.parse(line));
        } catch {
          // What is no JSON stands in the text.
        }
      },
    });
    this.#program.exit(2 ** 31 - 1).then(
      ({ code, signal }) =>
        this.#lines.end(`it ended with exit code ${code}, signal ${signal}\n${this.#text}`),
      () => undefined,
    );
  }

  /** Starts one on a state, and waits until it listens. */
  static async start(state: OrchestratorState, options: OrchestratorOptions): Promise<OrchestratorProgram> {
    const orchestrator = new OrchestratorProgram(state, options);
    const { addr } = await orchestrator.line({ msg: "orchestrator started" });
    orchestrator.#port = Number(/:(\d+)$/.exec(String(addr))?.[1]);
    return orchestrator;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The whole log as it was written. */
  get logText(): string {
    return this.#text;
  }

  get pid(): number {
    return this.#program.pid;
  }

  /** Waits for the first (or nth) line with all of these fields. */
  line(
    fields: Readonly<Record<string, unknown>>,
    wait: { nth?: number; withinMs?: number } = {},
  ): Promise<LogLine> {
    return this.#lines.find((line) => Object.entries(fields).every(([key, value]) => line[key] === value), {
      ...wait,
      what: `log line ${JSON.stringify(fields)}`,
    });
  }

  /** Lines so far with this message. */
  count(msg: string): number {
    return this.#lines.items.filter((line) => line.msg === msg).length;
  }

  /** Asks the API. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { ...init, proxy: false } as RequestInit);
  }

  /** Sends an event as a hook does. */
  async tell(
    kind: "ready" | "not-ready",
    body: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await this.ask(`/v1/mediamtx/events/${kind}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** All streams, by id. */
  async streams(): Promise<ReadonlyMap<string, ShownStream>> {
    const response = await this.ask("/v1/streams?itemsPerPage=1000");
    const { items } = (await response.json()) as { items: ShownStream[] };
    return new Map(items.map((item) => [item.id, item]));
  }

  /** Waits until a stream is as it should be, and gives it. */
  async stream(
    id: string,
    isEnough: (stream: ShownStream) => boolean,
    withinMs = 20_000,
  ): Promise<ShownStream> {
    try {
      const found = await until(
        async () => (await this.streams()).get(id),
        (stream) => stream !== undefined && isEnough(stream),
        withinMs,
      );
      return found as ShownStream;
    } catch (error) {
      throw new Error(`${String(error)}\n${this.#text.substring(this.#text.length - 4_000)}`, {
        cause: error,
      });
    }
  }

  /** Sends a signal; the test looks at the end itself, with {@link exit}. */
  kill(signal: NodeJS.Signals): void {
    this.#isExpectedToStop = false;
    this.#program.kill(signal);
  }

  exit(withinMs = stopMs): Promise<Exit> {
    return this.#program.exit(withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _program = this.#program;
    if (!this.#isExpectedToStop) return;
    this.#program.kill("SIGTERM");
    const { code, signal } = await this.#program.exit(stopMs);
    if (code !== 0)
      throw new Error(`the orchestrator ended with exit code ${code}, signal ${signal}\n${this.#text}`);
    if (this.#text.includes("defect of the server")) throw new Error(this.#text);
  }
}

/** How to start an orchestrator. */
export interface OrchestratorOptions {
  readonly flags: readonly string[];
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}
