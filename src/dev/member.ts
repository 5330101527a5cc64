import type { Cancel, Clock } from "../base/time.ts";
import { ProcessGroup } from "../process/process-group.ts";
import { readOutput } from "../process/read-output.ts";

/** One program of the set-up. */
export interface MemberOrder {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a line that it wrote says that it is there. */
  readonly isReady: (line: string) => boolean;
}

/** What a member needs of whoever runs it. */
export interface MemberContext {
  readonly clock: Clock;
  /** Gets each line that it writes. */
  readonly wrote: (line: string) => void;
  /** Something that people want to know happened to it. */
  readonly news: (text: string) => void;
  /** It ended before it was there for the first time: there is no set-up without it. */
  readonly failed: () => void;
}

/** It has this long to end what it has under way, a worker's end included, in milliseconds. */
const graceMs = 20_000;

/** Between an end that nobody asked for and the next start, in milliseconds. */
const pauseMs = 2_000;

/** With this exit code it does not like its file: only an edit of that helps. */
const badConfig = 2;

/** What it wrote last is read within this time, in milliseconds. */
const lastWordsMs = 500;

/** A longer line is cut. */
const maxLineChars = 16_384;

/** A program that is kept running until it is stopped, with all it has started, in a group of its own. */
export class Member {
  readonly name: string;
  readonly #order: MemberOrder;
  readonly #context: MemberContext;
  #child: Bun.Subprocess<"ignore", "pipe", "pipe"> | undefined;
  #group: ProcessGroup | undefined;
  #over: Promise<void> = Promise.resolve();
  #hasBeenReady = false;
  #isReady = false;
  #isStopped = false;
  #isRestarting = false;
  #cancelStart: Cancel = () => undefined;

  constructor(order: MemberOrder, context: MemberContext) {
    this.name = order.name;
    this.#order = order;
    this.#context = context;
    this.#start();
  }

  /** Of its leader; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** It has said that it is there, and is. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Sends a signal to it alone. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it and starts it again; one that does not run is started now. */
  async restart(): Promise<void> {
    if (this.#isRestarting || this.#isStopped) return;
    this.#isRestarting = true;
    this.#cancelStart();
    await this.#end();
    this.#isRestarting = false;
    if (!this.#isStopped) this.#start();
  }

  /** Ends it for good. Resolves when nobody is left of it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelStart();
    await this.#end();
  }

  /** Resolves when nobody is left, and all that was written is read. */
  async #end(): Promise<void> {
    if (!this.#child) return;
    await this.#group?.stopAll();
    await this.#over;
  }

  #start(): void {
    const { command, env } = this.#order;
    const child = Bun.spawn([...command], {
      env: { ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // Ctrl-C reaches this process alone, which then ends the others in their order.
      detached: true,
    });
    this.#child = child;
    this.#group = new ProcessGroup(child, { clock: this.#context.clock, graceMs });
    const said = Promise.all([this.#read(child.stdout), this.#read(child.stderr)]);
    // Its last words say why it has ended; what it has left behind may hold its pipes open.
    this.#over = child.exited.then(async (code) => {
      await Promise.race([
        said,
        new Promise<void>((resolve) => void this.#context.clock.after(lastWordsMs, resolve)),
      ]);
      this.#ended(code);
    });
  }

  #ended(code: number): void {
    this.#child = undefined;
    this.#isReady = false;
    if (this.#isStopped || this.#isRestarting) return;
    if (!this.#hasBeenReady) {
      this.#context.failed();
      return;
    }
    const isWaiting = code === badConfig;
    const next = isWaiting ? "waits for an edit of its file" : `starts again in ${pauseMs / 1_000} s`;
    this.#context.news(`ended with exit code ${code}, ${next}`);
    if (!isWaiting) this.#cancelStart = this.#context.clock.after(pauseMs, () => this.#start());
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    const take = (text: string): void => {
      const lines = (rest + text).split("\n");
      rest = (lines.pop() ?? "").substring(0, maxLineChars);
      for (const line of lines) this.#line(line.substring(0, maxLineChars));
    };
    await readOutput(stream, {
      clock: this.#context.clock,
      take: (piece) => take(decoder.decode(piece, { stream: true })),
    });
    take(rest === "" ? "" : "\n");
  }

  #line(line: string): void {
    if (!this.#isReady && this.#order.isReady(line)) {
      this.#isReady = true;
      this.#hasBeenReady = true;
    }
    this.#context.wrote(line);
  }
}
