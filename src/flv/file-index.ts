import { readAudioHeader } from "./audio-header.ts";
import { fourCcOfCodec } from "./four-cc.ts";
import type { MediaHeader } from "./media-header.ts";
import { type FlvTagType, tagType } from "./tag.ts";
import { readVideoHeader } from "./video-header.ts";

/** A tag worth seeking to. `position` is the offset of its type byte in the file. */
export type IndexEntry = { readonly position: number; readonly timestampMs: number };

/** What the index needs to know of a tag. */
export type IndexedTag = {
  readonly type: FlvTagType;
  /** Milliseconds from the start of the file. */
  readonly timestamp: number;
  /** Offset of the type byte in the file. */
  readonly position: number;
  /** The payload, or its first bytes: 32 are enough for every header that real encoders write. Borrowed. */
  readonly head: Uint8Array;
  readonly payloadLength: number;
};

/** Key frames held at most: a day of one every other second, and many times what the file's own index takes. */
const maxKeyFrames = 65_536;

/** What a file of tags holds, learnt tag by tag: by a recorder as it writes them, by a scan as it finds them. */
export class FlvFileIndex {
  #keyFrames: IndexEntry[] = [];
  #keyFramesSeen = 0;
  #keyFrameStep = 1;
  #videoConfig: IndexEntry | undefined;
  #lastTimestampMs = 0;
  #videoCodecId: number | undefined;
  #audioCodecId: number | undefined;
  #videoBytes = 0;
  #audioBytes = 0;

  /** Takes notice of the next tag of the file. */
  add(tag: IndexedTag): void {
    if (tag.type === tagType.audio) this.#addAudio(tag);
    else if (tag.type === tagType.video) this.#addVideo(tag);
  }

  /** Key frames of track 0 in file order: all of them, or of very many an even selection. */
  get keyFrames(): readonly IndexEntry[] {
    return this.#keyFrames;
  }

  /** The first video sequence header. */
  get videoConfig(): IndexEntry | undefined {
    return this.#videoConfig;
  }

  /** Time of the latest frame, in milliseconds. */
  get lastTimestampMs(): number {
    return this.#lastTimestampMs;
  }

  get hasVideo(): boolean {
    return this.#videoBytes > 0;
  }

  get hasAudio(): boolean {
    return this.#audioBytes > 0;
  }

  /** Codec id or FourCC as onMetaData spells it; undefined while there is no video. */
  get videoCodecId(): number | undefined {
    return this.#videoCodecId;
  }

  /** Sound format or FourCC as onMetaData spells it; undefined while there is no audio. */
  get audioCodecId(): number | undefined {
    return this.#audioCodecId;
  }

  /** Payload bytes of all video tags. */
  get videoBytes(): number {
    return this.#videoBytes;
  }

  /** Payload bytes of all audio tags. */
  get audioBytes(): number {
    return this.#audioBytes;
  }

  #addAudio(tag: IndexedTag): void {
    const header = readAudioHeader(tag.head, tag.payloadLength);
    if (header === undefined) return;
    this.#audioBytes += tag.payloadLength;
    this.#audioCodecId ??= codecIdOf(header, (tag.head[0] ?? 0) >> 4);
    this.#seen(header, tag);
  }

  #addVideo(tag: IndexedTag): void {
    const header = readVideoHeader(tag.head, tag.payloadLength);
    if (header === undefined) return;
    this.#videoBytes += tag.payloadLength;
    this.#videoCodecId ??= codecIdOf(header, (tag.head[0] ?? 0) & 0x0f);
    this.#seen(header, tag);
    if (header.trackId !== 0) return;
    const entry = { position: tag.position, timestampMs: tag.timestamp };
    if (header.role === "key") this.#addKeyFrame(entry);
    else if (header.role === "config") this.#videoConfig ??= entry;
  }

  /** Where there are too many, every other one is kept from then on. */
  #addKeyFrame(entry: IndexEntry): void {
    if (this.#keyFramesSeen++ % this.#keyFrameStep !== 0) return;
    this.#keyFrames.push(entry);
    if (this.#keyFrames.length < maxKeyFrames) return;
    this.#keyFrames = this.#keyFrames.filter((_, index) => index % 2 === 0);
    this.#keyFrameStep *= 2;
  }

  /** Only frames move the time on: encoders are known to send sequence headers with nonsense timestamps. */
  #seen(header: MediaHeader, tag: IndexedTag): void {
    const isFrame = header.role === "key" || header.role === "frame" || header.role === "disposable";
    if (isFrame && tag.timestamp > this.#lastTimestampMs) this.#lastTimestampMs = tag.timestamp;
  }
}

const codecIdOf = (header: MediaHeader, legacyId: number): number | undefined => {
  if (header.isEnhanced) return header.codec === undefined ? undefined : fourCcOfCodec(header.codec);
  // A command frame says nothing about the codec of those that follow.
  return header.codec === undefined && header.role === "other" ? undefined : legacyId;
};
