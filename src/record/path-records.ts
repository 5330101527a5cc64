import { ConfigError, RefusedError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { printable, type StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { EndReason, EventHub } from "../stream/event.ts";
import type { Output, Stream } from "../stream/stream.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { type FileNaming, recordingExtension } from "./file-name.ts";
import { FlvRecorder } from "./flv-recorder.ts";
import type { FindRecordConf, RecordConf, RecordsConf } from "./path-conf.ts";
import { RecordPath } from "./record-path.ts";

/** What records of paths need of the house around them. */
export interface PathRecordsContext {
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Looks in the configuration that holds now. */
  readonly find: FindRecordConf;
  /** Name and version of this program, for the files' metadata. */
  readonly encoder: string;
  /** The file system of this machine, unless given. */
  readonly disk?: Disk;
  /** How much may wait for a slow disk before its file is given up, in bytes: 16 MiB unless given. */
  readonly maxWaitingBytes?: number;
}

/** One publish, which may be recorded. */
interface Take {
  readonly stream: Stream;
  /** What the configuration said when the operator's wish was last heard. */
  isConfigured: boolean;
  /** What the operator wants, whatever the configuration says; undefined where they want nothing. */
  wish: boolean | undefined;
  running: { readonly key: string; readonly recorder: FlvRecorder } | undefined;
}

const servedFormat = "flv";

/** Everything that begins another file where it changes. */
const keyOf = ({ recordPath, recordSegmentDuration }: RecordConf): string =>
  JSON.stringify([recordPath, recordSegmentDuration]);

/** Names by a template: while one is taken, the next moment's is tried, so that every name can be read back. */
const namesBy = (template: string): FileNaming => {
  const recordPath = new RecordPath(template);
  return ({ path, date }, number) => {
    const start = date.getTime() * 1_000 + (number - 1) * recordPath.step;
    return recordPath.fileOf({ path, start }, recordingExtension);
  };
};

/**
 * Records streams as the configuration of their paths says, and as an operator wishes meanwhile. Both may change while a stream goes on:
 * neither its publisher nor its readers notice. A disk that fails never stops a stream.
 */
export class PathRecords implements Output {
  readonly #context: PathRecordsContext;
  readonly #takes = new Map<StreamPath, Take>();
  /** Those that record, and those that still write what they have. */
  readonly #recorders = new Set<FlvRecorder>();
  /** Entries whose format is not served, with what was said about them. */
  #complained: ReadonlyMap<string, string> = new Map();
  #isClosed = false;

  constructor(context: PathRecordsContext) {
    this.#context = context;
  }

  /** The configuration has changed: `find` looks in it already. */
  configure({ paths }: RecordsConf): void {
    this.#complain(paths);
    for (const take of this.#takes.values()) this.#settle(take);
  }

  open(stream: Stream): (reason: EndReason) => void {
    const take: Take = { stream, isConfigured: false, wish: undefined, running: undefined };
    this.#takes.set(stream.path, take);
    this.#settle(take);
    return () => {
      this.#stop(take);
      if (this.#takes.get(stream.path) === take) this.#takes.delete(stream.path);
    };
  }

  /**
   * Records a stream that is published from now on, until {@link stopRecording}, the end of the publish, or another word of the
   * configuration. Does nothing where it is recorded already.
   * @throws RefusedError STREAM_NOT_FOUND where nobody publishes it, ConfigError for a format that is not served
   */
  startRecording(path: string): void {
    const take = this.#takeOf(path);
    const conf = this.#confOf(take);
    if (conf && conf.recordFormat !== servedFormat)
      throw new ConfigError(
        `recordFormat of ${printable(path)} is ${conf.recordFormat}, which is not served yet, expected ${servedFormat}`,
      );
    take.wish = true;
    if (take.running?.recorder.hasFailed) this.#stop(take);
    this.#settle(take);
  }

  /**
   * Ends the recording of a stream. It begins again with the next publish where the configuration says so.
   * @throws RefusedError STREAM_NOT_FOUND where nobody publishes it
   */
  stopRecording(path: string): void {
    const take = this.#takeOf(path);
    take.wish = false;
    this.#settle(take);
  }

  /** Whether a stream is being recorded. */
  isRecording(path: string): boolean {
    const running = this.#takes.get(path as StreamPath)?.running;
    return running !== undefined && !running.recorder.hasFailed;
  }

  /** Resolves when every file begun so far is whole or given up; those of streams that go on are waited for too. */
  async idle(): Promise<void> {
    await Promise.all([...this.#recorders].map((recorder) => recorder.idle()));
  }

  /** Ends all recordings and begins no more. Resolves when every file is whole or given up; a disk that hangs delays it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const take of this.#takes.values()) this.#stop(take);
    await this.idle();
  }

  #takeOf(path: string): Take {
    const take = this.#takes.get(path as StreamPath);
    if (!take) throw new RefusedError("STREAM_NOT_FOUND", `stream ${printable(path)} is not published`);
    return take;
  }

  #confOf({ stream }: Take): RecordConf | undefined {
    return this.#context.find(stream.path)?.conf;
  }

  /** Brings what happens in line with what is wanted. */
  #settle(take: Take): void {
    const conf = this.#confOf(take);
    const isConfigured = conf?.record ?? false;
    // The operator overrules what was configured, not what will be.
    if (isConfigured !== take.isConfigured) take.wish = undefined;
    take.isConfigured = isConfigured;
    const isWanted = (take.wish ?? isConfigured) && conf?.recordFormat === servedFormat && !this.#isClosed;
    if (!conf || !isWanted) this.#stop(take);
    else if (take.running?.key !== keyOf(conf)) this.#start(take, conf);
  }

  #start(take: Take, conf: RecordConf): void {
    this.#stop(take);
    const recorder = new FlvRecorder(take.stream.path, {
      disk: systemDisk,
      ...this.#context,
      nameFile: namesBy(conf.recordPath),
      segmentMs: conf.recordSegmentDuration,
    });
    this.#recorders.add(recorder);
    take.running = { key: keyOf(conf), recorder };
    take.stream.attach(recorder);
  }

  #stop(take: Take): void {
    const recorder = take.running?.recorder;
    if (!recorder) return;
    take.running = undefined;
    take.stream.detach(recorder);
    recorder.end();
    void recorder.idle().then(() => this.#recorders.delete(recorder));
  }

  /** Says once of each entry that its format is not served. */
  #complain(paths: RecordsConf["paths"]): void {
    const complaints = new Map<string, string>();
    for (const [name, { record, recordFormat }] of Object.entries(paths))
      if (record && recordFormat !== servedFormat) complaints.set(name, recordFormat);
    for (const [name, format] of complaints)
      if (this.#complained.get(name) !== format)
        this.#context.log.warn(`this server cannot record ${format} yet, nothing is recorded`, {
          path: name,
        });
    this.#complained = complaints;
  }
}
