import type { StreamPath } from "../base/stream-path.ts";
import { FlvFileIndex } from "../flv/file-index.ts";
import { encodeFileMetadata, type FileSummary } from "../flv/file-metadata.ts";
import {
  flvFlags,
  flvFlagsOffset,
  flvHeader,
  flvHeaderSize,
  flvTagSize,
  tagTypeOf,
  writeFlvTag,
} from "../flv/tag.ts";
import type { Packet } from "../media/packet.ts";
import { RecordedFile, type RecordedFileContext } from "./recorded-file.ts";
import type { TrackSummary } from "./track-summary.ts";

/** What an FLV file needs of the house around it. */
export interface FlvFileContext extends RecordedFileContext {
  /** Name and version of this program, for the files' metadata. */
  readonly encoder: string;
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

/** While the file grows its header announces both kinds, so that players look for both. */
const anything = { hasAudio: true, hasVideo: true };

/**
 * One FLV file being recorded. Times in it count from its first frame. It can be played while it grows; when it is
 * finished its metadata are written again with duration and key frame index.
 */
export class FlvFile {
  readonly startTime: number;
  readonly #context: FlvFileContext;
  readonly #file: RecordedFile;
  readonly #index = new FlvFileIndex();

  constructor(options: FlvFileOptions, context: FlvFileContext) {
    const { stream, nameOf, startTime, tracks } = options;
    this.#context = context;
    this.startTime = startTime;
    this.#file = new RecordedFile({ stream, nameOf }, context);
    this.#file.append(flvHeader(anything));
    this.#file.append(
      encodeFileMetadata({ durationMs: 0, fileSize: 0, encoder: context.encoder, ...tracks }),
    );
    this.#file.needsMore();
  }

  /** True once nothing more is written, because of an error. */
  get hasFailed(): boolean {
    return this.#file.hasFailed;
  }

  /** Whether a frame is in the file. */
  get hasWritten(): boolean {
    return this.#file.hasWritten;
  }

  /** Resolves when the file is whole or given up, its descriptor closed and its event raised. Never rejects. */
  get finished(): Promise<void> {
    return this.#file.finished;
  }

  /** Appends a packet as a tag; `time` is on the stream's timeline. */
  write(packet: Packet, time: number): void {
    const { payload } = packet;
    const tag = { type: tagTypeOf[packet.kind], timestamp: Math.max(0, time - this.startTime), payload };
    const size = flvTagSize(payload.length);
    const position = this.#file.size;
    const block = this.#file.reserve(size);
    if (!block) return;
    writeFlvTag(block.bytes, block.used - size, tag);
    const { type, timestamp } = tag;
    this.#index.add({ type, timestamp, position, head: payload, payloadLength: payload.length });
  }

  /** Nothing follows: what is known now goes into the header and the metadata, and the file is closed. */
  finish(tracks: TrackSummary): void {
    const flags = Uint8Array.of(flvFlags(this.#index));
    this.#file.finish({
      patches: [
        { position: flvHeaderSize, bytes: encodeFileMetadata(this.#summary(tracks)) },
        { position: flvFlagsOffset, bytes: flags },
      ],
      durationMs: this.#index.lastTimestampMs,
    });
  }

  /** Gives the file up because of `error`; what is in it stays. */
  abort(error: unknown): void {
    this.#file.abort(error);
  }

  #summary(tracks: TrackSummary): FileSummary {
    const { keyFrames, videoConfig, lastTimestampMs, hasVideo, hasAudio } = this.#index;
    const { videoCodecId, audioCodecId, videoBytes, audioBytes } = this.#index;
    return {
      ...tracks,
      durationMs: lastTimestampMs,
      fileSize: this.#file.size,
      encoder: this.#context.encoder,
      ...{ hasVideo, hasAudio, videoCodecId, audioCodecId, videoBytes, audioBytes },
      ...{ keyFrames, videoConfig, lastTimestampMs },
    };
  }
}
