import { messageOf, unreachable } from "../base/errors.ts";
import type { StreamPath } from "../base/stream-path.ts";
import { type Metadata, readMetadata } from "../flv/metadata.ts";
import type { Packet } from "../media/packet.ts";
import type { Batch } from "../stream/batch.ts";
import { StreamHeaders } from "../stream/headers.ts";
import type { FileNaming } from "./file-name.ts";
import { FlvFile, type FlvFileContext } from "./flv-file.ts";
import type { Recorder } from "./recorder.ts";
import { summariseTracks, type TrackSummary } from "./track-summary.ts";

/** How streams are recorded. */
export interface RecorderContext extends FlvFileContext {
  readonly nameFile: FileNaming;
  /** A file this long ends at the next key frame, in milliseconds; 0 for one file per publish. */
  readonly segmentMs: number;
}

/** Video that has been silent for this long is not waited for when a segment is to end, in milliseconds. */
const videoSilenceMs = 10_000;

/**
 * Records one publish: a file from its first frame to its last, or one segment after the other. Every file begins with
 * what a decoder needs and, if the stream has video, plays from a key frame on. When a file fails nothing more is
 * recorded of this publish; the stream does not notice.
 */
export class FlvRecorder implements Recorder {
  readonly #path: StreamPath;
  readonly #context: RecorderContext;
  readonly #headers = new StreamHeaders();
  #metadata: Metadata | undefined;
  #file: FlvFile | undefined;
  #segment = 0;
  /** Inter frames lack what they refer to. */
  #awaitsKey = true;
  /** Stream time of the latest video frame in the current file. */
  #lastVideoTime: number | undefined;
  #isOver = false;
  #hasFailed = false;
  #hasWritten = false;
  readonly #unfinished = new Set<Promise<void>>();

  constructor(path: StreamPath, context: RecorderContext) {
    this.#path = path;
    this.#context = context;
  }

  get hasFailed(): boolean {
    return this.#hasFailed || this.#file?.hasFailed === true;
  }

  get hasWritten(): boolean {
    return this.#hasWritten || (this.#file?.hasWritten ?? false);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#unfinished);
  }

  start(): void {
    // A file begins with a frame.
  }

  deliver(batch: Batch): void {
    if (this.#isOver || this.#file?.hasFailed) return;
    for (const packet of batch.packets) this.#take(packet);
  }

  interrupt(): void {
    this.#finish();
    this.#headers.clear();
    this.#metadata = undefined;
    this.#segment = 0;
    this.#awaitsKey = true;
  }

  end(): void {
    this.#finish();
    this.#isOver = true;
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#hasFailed = true;
    if (this.#file) this.#file.abort(error);
    else
      this.#context.events.emit({
        kind: "recordingFailed",
        path: this.#path,
        file: "",
        error: messageOf(error),
      });
  }

  #take(packet: Packet): void {
    switch (packet.role) {
      case "metadata":
        this.#takeMetadata(packet);
        break;
      case "config":
        // Some encoders repeat theirs with every key frame.
        if (this.#headers.keepConfig(packet)) this.#file?.write(packet, packet.timestamp);
        break;
      case "other":
        this.#file?.write(packet, packet.timestamp);
        break;
      case "key":
      case "frame":
      case "disposable":
        this.#takeFrame(packet);
        break;
      default:
        unreachable(packet.role);
    }
  }

  #takeMetadata(packet: Packet): void {
    if (packet.kind === "data") {
      // It adds to the metadata of the file: a second onMetaData would take their place in players.
      this.#metadata = readMetadata(packet.payload);
    } else {
      this.#headers.keepMetadata(packet);
      this.#file?.write(packet, packet.timestamp);
    }
  }

  #takeFrame(packet: Packet): void {
    const { kind, role, timestamp } = packet;
    if (kind === "video" && this.#awaitsKey && role !== "key") return;
    if (this.#headers.isNewCodec(packet)) this.#headers.learn(packet);
    if (this.#file && this.#isCut(this.#file, packet)) this.#finish();
    const file = this.#file ?? this.#begin(timestamp);
    if (kind === "video") {
      this.#awaitsKey = false;
      this.#lastVideoTime = timestamp;
    }
    file.write(packet, timestamp);
  }

  /** Whether `packet` begins a new segment: a key frame, or sound where no picture comes. */
  #isCut(file: FlvFile, packet: Packet): boolean {
    const { segmentMs } = this.#context;
    if (segmentMs === 0 || packet.timestamp - file.startTime < segmentMs) return false;
    if (packet.kind === "video") return packet.role === "key" && packet.trackId === 0;
    const last = this.#lastVideoTime;
    return last === undefined || packet.timestamp - last >= Math.max(segmentMs, videoSilenceMs);
  }

  #begin(startTime: number): FlvFile {
    this.#segment++;
    const { nameFile, clock } = this.#context;
    const facts = { path: this.#path, date: clock.date(), segment: this.#segment };
    const file = new FlvFile(
      {
        stream: this.#path,
        nameOf: (number) => nameFile(facts, number),
        startTime,
        tracks: this.#tracks(),
      },
      this.#context,
    );
    this.#file = file;
    this.#unfinished.add(file.finished);
    void file.finished.then(() => this.#unfinished.delete(file.finished));
    for (const header of this.#headers.packets(startTime)) file.write(header, startTime);
    return file;
  }

  #finish(): void {
    this.#hasWritten ||= this.#file?.hasWritten ?? false;
    this.#file?.finish(this.#tracks());
    this.#file = undefined;
    this.#lastVideoTime = undefined;
    // After a cut at a key frame this is settled at once; after one without video its next frame may refer to the old file.
    this.#awaitsKey = true;
  }

  #tracks(): TrackSummary {
    return summariseTracks(this.#headers.tracks, this.#metadata);
  }
}
