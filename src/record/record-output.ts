import type { Clock } from "../base/time.ts";
import type { EndReason, EventHub } from "../stream/event.ts";
import type { Output, Stream } from "../stream/stream.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { defaultNamePattern, type NamePattern, namesIn } from "./file-name.ts";
import { FlvRecorder, type RecorderContext } from "./flv-recorder.ts";

/** What to record, and where. */
export interface RecordOptions {
  /** Where the files go; made when the first one is. */
  readonly directory: string;
  /** A new file begins at the first key frame after this long, in milliseconds; 0 for one file per publish. */
  readonly segmentMs: number;
  /** Names of segments: see `parseSegmentPattern`. Without segments files have their usual name. */
  readonly pattern: NamePattern;
  /** Name and version of this program, for the files' metadata. */
  readonly encoder: string;
  readonly clock: Clock;
  readonly events: EventHub;
  /** The file system of this machine, unless given. */
  readonly disk?: Disk;
  /** How much may wait for a slow disk before its file is given up, in bytes: 16 MiB unless given. */
  readonly maxWaitingBytes?: number;
}

/** Records every publish as FLV. A disk that fails never stops a stream. */
export class RecordOutput implements Output {
  readonly #context: RecorderContext;
  /** Those that record, and those that still write what they have. */
  readonly #recorders = new Set<FlvRecorder>();
  #isClosed = false;

  constructor(options: RecordOptions) {
    const pattern = options.segmentMs > 0 ? options.pattern : defaultNamePattern;
    this.#context = { disk: systemDisk, ...options, nameFile: namesIn(options.directory, pattern) };
  }

  open(stream: Stream): ((reason: EndReason) => void) | undefined {
    if (this.#isClosed) return undefined;
    const recorder = new FlvRecorder(stream.path, this.#context);
    this.#recorders.add(recorder);
    stream.attach(recorder);
    return () => {
      recorder.end();
      void recorder.idle().then(() => this.#recorders.delete(recorder));
    };
  }

  /** Resolves when every file begun so far is whole or given up; those of streams that go on are waited for too. */
  async idle(): Promise<void> {
    await Promise.all([...this.#recorders].map((recorder) => recorder.idle()));
  }

  /** Ends all recordings and begins no more. Resolves when every file is whole or given up; a disk that hangs delays it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const recorder of this.#recorders) recorder.end();
    await this.idle();
  }
}
