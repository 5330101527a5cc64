import { join, resolve } from "node:path";
import { Glob } from "bun";
import { fillIn, type PathMatch, PathTemplate, type StreamId } from "./machine/path-template.ts";
import { OutputFile } from "./process/output-file.ts";
import type { OrchestratorConfig } from "./settings/settings.ts";

/** Which of a stream's paths is meant: what its worker reads, or what it publishes. */
export type Side = "source" | "output";

/** Where a stream is pushed to. */
export interface Target {
  /** Names it among those of its stream. */
  readonly name: string;
  /** With credentials. */
  readonly url: string;
  /** Who asked for it. */
  readonly origin: "file" | "api";
}

/** What targets of the file are called: the place of their item, and theirs in it. */
const fileTargetName = (item: number, place: number): string => `f${item}.${place}`;

/** Whether a name is one that targets of the file have. */
export const isFileTargetName = (name: string): boolean => /^f\d+\.\d+$/.test(name);

/** What the configuration means for single streams. */
export class Plan {
  readonly config: OrchestratorConfig;
  readonly ingest: PathTemplate;
  /** Undefined where workers publish nothing. */
  readonly processed: PathTemplate | undefined;
  readonly #forwards: readonly { readonly glob: Glob; readonly to: readonly string[] }[];

  constructor(config: OrchestratorConfig) {
    this.config = config;
    this.ingest = new PathTemplate(config.ingest);
    this.processed = config.processed === "" ? undefined : new PathTemplate(config.processed);
    this.#forwards = config.forward.map(({ streams, to }) => ({ glob: new Glob(streams), to }));
  }

  /** What a path is to us. One that workers publish never counts as one that starts them. */
  place(path: string): { readonly side: Side; readonly match: PathMatch } {
    const output = this.processed?.match(path) ?? { kind: "foreign" };
    if (output.kind !== "foreign") return { side: "output", match: output };
    return { side: "source", match: this.ingest.match(path) };
  }

  /** The path of a side of a stream. */
  pathOf(id: StreamId, side: Side): string {
    return side === "source" ? this.ingest.pathOf(id) : (this.processed?.pathOf(id) ?? "");
  }

  /** The targets that the file gives a stream. */
  targetsOf(id: StreamId): Target[] {
    return this.#forwards.flatMap(({ glob, to }, item) =>
      glob.match(id)
        ? to.map((url, place): Target => ({ name: fileTargetName(item, place), url, origin: "file" }))
        : [],
    );
  }

  /** A target's URL for a stream. */
  urlFor(id: StreamId, { url }: Target): string {
    return fillIn(url, { streamId: id, path: this.processed?.pathOf(id) ?? "" });
  }

  /** What a worker writes. */
  workerOutput(id: StreamId): OutputFile {
    return new OutputFile(join(this.logs, "workers", `${id}.log`), this.config.worker.logSize);
  }

  /** What a forwarder writes. */
  forwarderOutput(id: StreamId, target: string): OutputFile {
    return new OutputFile(join(this.logs, "forwarders", id, `${target}.log`), this.config.worker.logSize);
  }

  /** Where what processes write goes. */
  get logs(): string {
    return resolve(this.config.dataDir, "logs");
  }
}
