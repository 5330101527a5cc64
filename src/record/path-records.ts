import { RefusedError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { printable, type StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import type { EndReason, EventHub } from "../stream/event.ts";
import type { Output, Stream } from "../stream/stream.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { DiskRoom } from "./disk-room.ts";
import { openRecorder } from "./open-recorder.ts";
import type { FindRecordConf, RecordConf, RecordsConf } from "./path-conf.ts";
import { RecordPath } from "./record-path.ts";
import type { Recorder } from "./recorder.ts";

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
  running: { readonly key: string; readonly recorder: Recorder } | undefined;
  /** Recordings that failed one after the other with nothing written. */
  failures: number;
  /** When the next one may begin after a failure; undefined where none is due. */
  retryAt: number | undefined;
}

/** How often failed recordings and disks are looked at, in milliseconds. */
const lookMs = 1_000;

/** A recording that failed begins again after so long, and after longer while that does not help, in milliseconds. */
const retryMs = 2_000;
const maxRetryMs = 10_000;

/** Everything that begins another file where it changes. */
const keyOf = (conf: RecordConf): string =>
  JSON.stringify([
    conf.recordPath,
    conf.recordFormat,
    conf.recordPartDuration,
    conf.recordMaxPartSize,
    conf.recordSegmentDuration,
  ]);

/**
 * Records streams as the configuration of their paths says, and as an operator wishes meanwhile. Both may change while a stream goes on:
 * neither its publisher nor its readers notice. A disk that fails never stops a stream: its recording begins again by itself.
 */
export class PathRecords implements Output {
  readonly #context: PathRecordsContext & { readonly disk: Disk };
  readonly #room: DiskRoom;
  readonly #takes = new Map<StreamPath, Take>();
  /** Those that record, and those that still write what they have. */
  readonly #recorders = new Set<Recorder>();
  #cancelLook: Cancel | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(context: PathRecordsContext) {
    this.#context = { disk: systemDisk, ...context };
    this.#room = new DiskRoom(this.#context);
  }

  /** The configuration has changed: `find` looks in it already. */
  configure({ recordMinFreeDisk }: RecordsConf): void {
    this.#room.configure(recordMinFreeDisk);
    for (const take of this.#takes.values()) this.#settle(take);
  }

  open(stream: Stream): (reason: EndReason) => void {
    const take: Take = {
      stream,
      isConfigured: false,
      wish: undefined,
      running: undefined,
      failures: 0,
      retryAt: undefined,
    };
    this.#takes.set(stream.path, take);
    this.#settle(take);
    return () => {
      this.#stop(take);
      if (this.#takes.get(stream.path) === take) this.#takes.delete(stream.path);
      this.#restIfIdle();
    };
  }

  /**
   * Records a stream that is published from now on, until {@link stopRecording}, the end of the publish, or another word of the
   * configuration. Does nothing where it is recorded already.
   * @throws RefusedError STREAM_NOT_FOUND where nobody publishes it
   */
  startRecording(path: string): void {
    const take = this.#takeOf(path);
    take.wish = true;
    if (take.running?.recorder.hasFailed) this.#stop(take);
    take.retryAt = undefined;
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
    this.#rest();
    for (const take of this.#takes.values()) this.#stop(take);
    await this.idle();
  }

  /** Looks at the disks, and begins recordings again that failed a while ago. To be called by the clock alone. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    try {
      const takes = [...this.#takes.values()];
      const confs = takes.map((take) => (isWanted(take) ? this.#confOf(take) : undefined));
      const folders = confs.flatMap((conf) => (conf ? [new RecordPath(conf.recordPath).root] : []));
      await this.#room.look(folders);
    } finally {
      this.#isLooking = false;
    }
    for (const take of this.#takes.values()) {
      this.#noteFailure(take);
      this.#settle(take);
    }
    this.#restIfIdle();
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
    const hasRoom = conf !== undefined && this.#room.has(new RecordPath(conf.recordPath).root);
    if (!conf || this.#isClosed || !isWanted(take) || !hasRoom) {
      this.#stop(take);
      return;
    }
    this.#cancelLook ??= this.#context.clock.every(lookMs, () => void this.look());
    const isDue = take.retryAt === undefined || take.retryAt <= this.#context.clock.now();
    if (take.running?.key !== keyOf(conf) && isDue) this.#start(take, conf);
  }

  /** A recording that failed is put away, and the next one planned. */
  #noteFailure(take: Take): void {
    const recorder = take.running?.recorder;
    if (!recorder?.hasFailed) return;
    take.failures = recorder.hasWritten ? 0 : take.failures + 1;
    const delay = Math.min(retryMs * 2 ** Math.max(0, take.failures - 1), maxRetryMs);
    this.#stop(take);
    take.retryAt = this.#context.clock.now() + delay;
  }

  #start(take: Take, conf: RecordConf): void {
    this.#stop(take);
    const recorder = openRecorder(take.stream.path, conf, this.#context);
    this.#recorders.add(recorder);
    take.running = { key: keyOf(conf), recorder };
    take.retryAt = undefined;
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

  /** An alert that was raised is to be cleared, whether anybody publishes or not. */
  #restIfIdle(): void {
    if (this.#takes.size === 0 && !this.#room.isShort) this.#rest();
  }

  #rest(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }
}

const isWanted = ({ wish, isConfigured }: Take): boolean => wish ?? isConfigured;
