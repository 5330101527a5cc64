import type { Logger } from "../../base/log.ts";
import type { Attempt, Hook, HookOutcome } from "../delivery/hook.ts";
import { environmentOf, quoteForShell } from "../event/environment.ts";
import type { HookEvent } from "../event/hook-event.ts";
import { LineWriter, type Outlet, standardOutlet } from "./line-writer.ts";

/** How events are written: an object per line, or a block of `KEY=value` lines that a shell can read. */
export const stdioFormats = ["json", "env"] as const;
/** One of them. */
export type StdioFormat = (typeof stdioFormats)[number];

/** Where events are written. */
export const stdioStreams = ["stdout", "stderr", "both"] as const;
/** One of them. */
export type StdioStream = (typeof stdioStreams)[number];

/** What tells events from log lines where both are on one stream. */
const eventPrefix = "RTMP_EVENT: ";

/** What {@link StdioHook} needs to know. */
export interface StdioHookOptions {
  readonly format: StdioFormat;
  /** Standard output when left out. */
  readonly stream?: StdioStream;
  /** Stands before each line of JSON. With `both` it is for standard error only, where nothing means `RTMP_EVENT: `. */
  readonly prefix?: string;
  /** Which events may be dropped first when nobody reads. */
  readonly isTelemetry: (event: HookEvent) => boolean;
  readonly log: Logger;
  /** The two streams; those of this process when left out. */
  readonly outletOf?: (name: "stdout" | "stderr") => Outlet;
}

interface Output {
  readonly writer: LineWriter;
  readonly prefix: string;
}

/**
 * Writes every event to standard output, standard error or both, in the order of the calls. An event that nobody reads is
 * counted as dropped and is not a failure: see {@link LineWriter}.
 */
export class StdioHook implements Hook {
  readonly id = "stdio";
  readonly type = "stdio";
  readonly #format: StdioFormat;
  readonly #isTelemetry: (event: HookEvent) => boolean;
  readonly #outputs: readonly Output[];

  constructor(options: StdioHookOptions) {
    this.#format = options.format;
    this.#isTelemetry = options.isTelemetry;
    this.#outputs = outputsOf(options);
  }

  /** Events that nobody will read, each stream counted for itself. */
  get dropped(): number {
    return this.#outputs.reduce((sum, { writer }) => sum + writer.dropped, 0);
  }

  /** Writes the event, at once: it does not wait for a reader. */
  execute({ event, body }: Attempt): Promise<HookOutcome> {
    const isTelemetry = this.#isTelemetry(event);
    const text = this.#format === "json" ? `${body}\n` : envBlockOf(event);
    for (const { writer, prefix } of this.#outputs) writer.write(prefix + text, { isTelemetry });
    return Promise.resolve({ kind: "done" });
  }

  /** Resolves once all is read, which may be never: bound it in time. */
  async drained(): Promise<void> {
    await Promise.all(this.#outputs.map(({ writer }) => writer.drained()));
  }
}

const outputsOf = (options: StdioHookOptions): readonly Output[] => {
  const { format, stream = "stdout", prefix = "", log, outletOf = standardOutlet } = options;
  const output = (name: "stdout" | "stderr", before: string): Output => ({
    writer: new LineWriter(outletOf(name), { name, log }),
    // A line of KEY=value with a prefix would no longer be one.
    prefix: format === "json" ? before : "",
  });
  if (stream !== "both") return [output(stream, prefix)];
  return [output("stdout", ""), output("stderr", prefix || eventPrefix)];
};

/**
 * A comment with the type, the event's variables sorted by name with values quoted for a shell, an empty line. The values
 * hold no line ends.
 */
const envBlockOf = (event: HookEvent): string => {
  const variables = environmentOf(event);
  const lines = Object.keys(variables)
    .sort()
    .map((name) => `${name}=${quoteForShell(variables[name] ?? "")}`);
  return `# RTMP Event: ${variables.RTMP_EVENT_TYPE}\n${lines.join("\n")}\n\n`;
};
