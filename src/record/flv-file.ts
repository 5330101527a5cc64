import { messageOf, TransportError } from "../base/errors.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import { FlvFileIndex } from "../flv/file-index.ts";
import { encodeFileMetadata, type FileSummary, fileMetadataTagSize } from "../flv/file-metadata.ts";
import {
  type FlvTagType,
  flvFlags,
  flvFlagsOffset,
  flvHeader,
  flvHeaderSize,
  flvTagSize,
  tagType,
  writeFlvTag,
} from "../flv/tag.ts";
import type { Packet, PacketKind } from "../media/packet.ts";
import type { EventHub } from "../stream/event.ts";
import { createFree, type Disk } from "./disk.ts";
import { DiskWriter } from "./disk-writer.ts";
import type { TrackSummary } from "./track-summary.ts";

/** What a recorded file needs of the house around it. */
export interface FlvFileContext {
  /** Name and version of this program, for the files' metadata. */
  readonly encoder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly events: EventHub;
  /** How much may wait for a slow disk, in bytes; undefined for the usual. */
  readonly maxWaitingBytes?: number | undefined;
}

/** A file that is about to be recorded. */
export interface FlvFileOptions {
  readonly stream: StreamPath;
  /** Gives its path; the number counts names that are taken. @throws RefusedError BAD_STREAM_NAME */
  readonly nameOf: (number: number) => string;
  /** Stream time of the first frame: zero in the file. */
  readonly startTime: number;
  readonly tracks: TrackSummary;
}

const typeOf: Readonly<Record<PacketKind, FlvTagType>> = {
  audio: tagType.audio,
  video: tagType.video,
  data: tagType.script,
};

/** While the file grows its header announces both kinds, so that players look for both. */
const anything = { hasAudio: true, hasVideo: true };

/** A file shorter than this holds no frame. */
const emptyFileSize = flvHeaderSize + fileMetadataTagSize;

/**
 * One FLV file being recorded. Times in it count from its first frame. It can be played while it grows; when it is
 * finished its metadata are written again with duration and key frame index. Raises recordingStarted when it is there,
 * and then recordingCompleted, or recordingFailed in place of either.
 */
export class FlvFile {
  readonly startTime: number;
  readonly #stream: StreamPath;
  readonly #context: FlvFileContext;
  readonly #writer: DiskWriter;
  readonly #index = new FlvFileIndex();
  readonly #finished: Promise<void>;
  /** Where the file is, or was to be. */
  #path = "";
  #isCreated = false;
  #hasFailed = false;
  #position = 0;

  constructor(options: FlvFileOptions, context: FlvFileContext) {
    const { stream, nameOf, startTime, tracks } = options;
    this.#stream = stream;
    this.#context = context;
    this.startTime = startTime;
    const metadata = encodeFileMetadata({ durationMs: 0, fileSize: 0, encoder: context.encoder, ...tracks });
    this.#writer = new DiskWriter(this.#create(nameOf), context);
    this.#finished = this.#report();
    this.#append(flvHeader(anything));
    this.#append(metadata);
  }

  /** True once nothing more is written, because of an error. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Resolves when the file is whole or given up, its descriptor closed and its event raised. Never rejects. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  /** Appends a packet as a tag; `time` is on the stream's timeline. */
  write(packet: Packet, time: number): void {
    const { payload } = packet;
    const tag = { type: typeOf[packet.kind], timestamp: Math.max(0, time - this.startTime), payload };
    const size = flvTagSize(payload.length);
    const block = this.#writer.reserve(size);
    if (!block) return;
    writeFlvTag(block.bytes, block.used - size, tag);
    const { type, timestamp } = tag;
    this.#index.add({
      type,
      timestamp,
      position: this.#position,
      head: payload,
      payloadLength: payload.length,
    });
    this.#position += size;
  }

  /** Nothing follows: what is known now goes into the header and the metadata, and the file is closed. */
  finish(tracks: TrackSummary): void {
    const flags = Uint8Array.of(flvFlags(this.#index));
    this.#writer.end([
      { position: flvHeaderSize, bytes: encodeFileMetadata(this.#summary(tracks)) },
      { position: flvFlagsOffset, bytes: flags },
    ]);
  }

  /** Gives the file up because of `error`; what is in it stays. */
  abort(error: unknown): void {
    this.#writer.abort(error instanceof Error ? error : new Error(messageOf(error)));
  }

  #append(bytes: Uint8Array): void {
    const block = this.#writer.reserve(bytes.length);
    block?.bytes.set(bytes, block.used - bytes.length);
    this.#position += bytes.length;
  }

  #summary(tracks: TrackSummary): FileSummary {
    const { keyFrames, videoConfig, lastTimestampMs, hasVideo, hasAudio } = this.#index;
    const { videoCodecId, audioCodecId, videoBytes, audioBytes } = this.#index;
    return {
      ...tracks,
      durationMs: lastTimestampMs,
      fileSize: this.#position,
      encoder: this.#context.encoder,
      ...{ hasVideo, hasAudio, videoCodecId, audioCodecId, videoBytes, audioBytes },
      ...{ keyFrames, videoConfig, lastTimestampMs },
    };
  }

  async #create(nameOf: (number: number) => string) {
    const { disk, events } = this.#context;
    const { path, file } = await createFree(disk, (number) => {
      this.#path = nameOf(number);
      return this.#path;
    });
    this.#path = path;
    this.#isCreated = true;
    if (!this.#hasFailed) events.emit({ kind: "recordingStarted", path: this.#stream, file: path });
    return file;
  }

  async #report(): Promise<void> {
    const { disk, events } = this.#context;
    try {
      await this.#writer.done;
      if (!(await disk.exists(this.#path)))
        throw new TransportError("DISK", "the file was moved or removed while it grew");
      const about = { path: this.#stream, file: this.#path };
      const durationMs = this.#index.lastTimestampMs;
      events.emit({ kind: "recordingCompleted", ...about, durationMs, bytes: this.#position });
    } catch (error) {
      this.#hasFailed = true;
      const about = { path: this.#stream, file: this.#path };
      events.emit({ kind: "recordingFailed", ...about, error: messageOf(error) });
      await this.#writer.closed;
      await this.#removeEmpty();
    }
  }

  /** A file without a frame tells nobody anything. */
  async #removeEmpty(): Promise<void> {
    if (!this.#isCreated || this.#writer.writtenBytes > emptyFileSize) return;
    // The failure that left it behind was told; this one adds nothing.
    await this.#context.disk.remove(this.#path).catch(() => undefined);
  }
}
