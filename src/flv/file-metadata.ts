import { encodeAmf0All } from "../amf/amf0.ts";
import { amfLimits } from "../amf/limits.ts";
import { type AmfEcmaArray, type AmfValue, amfEcmaArray, amfObject } from "../amf/value.ts";
import { share } from "../base/bytes.ts";
import type { IndexEntry } from "./file-index.ts";
import { encodeFlvTag, flvTagSize, tagType } from "./tag.ts";

// The first tag of a recording. Its size is chosen when the file is begun and never changes, so that the tag can be
// written again in place when the file is finished, with a duration and an index of key frames that are known only
// then. A property `spacer` takes up what the others leave free. While the file grows there is no index at all:
// padding of zeros would send players to offset 0.

/** What a recording says of itself. What is undefined is left out of the tag, which players take as unknown. */
export type FileSummary = {
  /** 0 while the recording goes on: players then measure for themselves. */
  readonly durationMs: number;
  /** Bytes of the whole file, 0 while it grows. */
  readonly fileSize: number;
  /** Name and version of the program that wrote the file, at most 64 characters of it are kept. */
  readonly encoder: string;
  /** Web players believe this more than the file header, so it is either right or undefined. */
  readonly hasVideo?: boolean | undefined;
  readonly hasAudio?: boolean | undefined;
  /** Codec id of the tags, or the FourCC as a number. */
  readonly videoCodecId?: number | undefined;
  readonly audioCodecId?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly frameRate?: number | undefined;
  /** Hz. */
  readonly audioSampleRate?: number | undefined;
  /** Bits. */
  readonly audioSampleSize?: number | undefined;
  readonly audioChannels?: number | undefined;
  /** Payload bytes of all tags of the kind, from which the data rate follows. */
  readonly videoBytes?: number | undefined;
  readonly audioBytes?: number | undefined;
  readonly lastTimestampMs?: number | undefined;
  /** The video sequence header. It becomes entry 0 of the index, which web players skip on that assumption. */
  readonly videoConfig?: IndexEntry | undefined;
  /** All key frames in file order; those the tag has no room for are thinned out evenly. */
  readonly keyFrames?: readonly IndexEntry[] | undefined;
};

/** Whole size of the tag for a new file: room for about 1,100 key frames, over half an hour with one every 2 s. */
export const fileMetadataTagSize = 20 * 1024;

/** The smallest size that holds the fields of any summary, though next to no index. */
export const minFileMetadataTagSize = 1024;

const maxEncoderCharacters = 64;

/** FFmpeg reads no string of 256 bytes or more, and gives up the whole tag when it meets one. */
const maxSpacerString = 250;

const bytesPerIndexEntry = 2 * 9;

/** A thousand key frames are two thousand values: more than metadata from the wire may have. */
const fileLimits = { ...amfLimits, maxNodes: 0x100000 };

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** Bits per millisecond are kilobits per second. */
const kilobitsPerSecond = (bytes: number | undefined, durationMs: number): number | undefined =>
  bytes === undefined || durationMs <= 0 ? undefined : (bytes * 8) / durationMs;

const fieldsOf = (summary: FileSummary, index: readonly IndexEntry[]): AmfEcmaArray => {
  const { durationMs } = summary;
  const lastKeyFrame = summary.keyFrames?.at(-1)?.timestampMs;
  const fields: { [key: string]: AmfValue } = {
    duration: durationMs / 1000,
    filesize: summary.fileSize,
    width: summary.width,
    height: summary.height,
    framerate: summary.frameRate,
    videocodecid: summary.videoCodecId,
    videodatarate: kilobitsPerSecond(summary.videoBytes, durationMs),
    audiocodecid: summary.audioCodecId,
    audiodatarate: kilobitsPerSecond(summary.audioBytes, durationMs),
    audiosamplerate: summary.audioSampleRate,
    audiosamplesize: summary.audioSampleSize,
    audiochannels: summary.audioChannels,
    stereo: summary.audioChannels === undefined ? undefined : summary.audioChannels > 1,
    hasVideo: summary.hasVideo,
    hasAudio: summary.hasAudio,
    hasKeyframes: index.length > 0,
    canSeekToEnd: lastKeyFrame !== undefined && lastKeyFrame === summary.lastTimestampMs,
    lasttimestamp: seconds(summary.lastTimestampMs),
    lastkeyframetimestamp: seconds(lastKeyFrame),
    encoder: summary.encoder.substring(0, maxEncoderCharacters),
  };
  for (const [key, value] of Object.entries(fields)) if (value === undefined) delete fields[key];
  if (index.length > 0) {
    fields.keyframes = amfObject({
      filepositions: index.map((entry) => entry.position),
      times: index.map((entry) => entry.timestampMs / 1000),
    });
  }
  return amfEcmaArray(fields);
};

/** Strings of blanks that take exactly `size` bytes as elements of an array: 0, or 3 and more. */
const spacerOf = (size: number): string[] => {
  const count = Math.ceil(size / (3 + maxSpacerString));
  const strings: string[] = [];
  for (let left = size; left > 0; ) {
    const taken = Math.ceil(left / (count - strings.length));
    strings.push(" ".repeat(taken - 3));
    left -= taken;
  }
  return strings;
};

const encodeWith = (fields: AmfEcmaArray, spacer: readonly string[]): Uint8Array => {
  fields.set("spacer", [...spacer]);
  return encodeAmf0All(["onMetaData", fields], fileLimits);
};

/** `count` of the entries, spread evenly, the first and the last among them. */
const thinOut = (entries: readonly IndexEntry[], count: number): readonly IndexEntry[] => {
  if (entries.length <= count) return entries;
  const kept: IndexEntry[] = [];
  for (let i = 0; i < count; i++) {
    const entry = entries[Math.round((i * (entries.length - 1)) / (count - 1))];
    if (entry !== undefined) kept.push(entry);
  }
  return kept;
};

/**
 * The index for `room` entries: the sequence header, then key frames. FFmpeg wants two entries at least, the first
 * two of them true; with fewer there is none.
 */
const indexOf = (summary: FileSummary, room: number): readonly IndexEntry[] => {
  const head = summary.videoConfig === undefined ? [] : [summary.videoConfig];
  const keyFrames = summary.keyFrames ?? [];
  if (keyFrames.length === 0 || head.length + keyFrames.length < 2 || room < 3) return [];
  return [...head, ...thinOut(keyFrames, room - head.length)];
};

/**
 * The onMetaData tag of a recording, `tagSize` bytes of it whatever the summary says (PreviousTagSize included), at
 * timestamp 0. Write it behind the file header when the file is begun, and over itself when it is finished.
 * @throws RangeError for a size under {@link minFileMetadataTagSize}
 */
export const encodeFileMetadata = (
  summary: FileSummary,
  tagSize: number = fileMetadataTagSize,
): Uint8Array => {
  if (tagSize < minFileMetadataTagSize) {
    throw new RangeError(`metadata tag of ${tagSize} bytes, expected at least ${minFileMetadataTagSize}`);
  }
  const payloadSize = tagSize - flvTagSize(0);
  // An index of one entry shows what the names in it cost.
  const probe = [{ position: 0, timestampMs: 0 }];
  const taken = encodeWith(fieldsOf(summary, probe), []).length - bytesPerIndexEntry;
  // The spacer can fill any gap but one of 1 or 2 bytes.
  const room = Math.floor((payloadSize - taken - 3) / bytesPerIndexEntry);
  const fields = fieldsOf(summary, indexOf(summary, room));
  const gap = payloadSize - encodeWith(fields, []).length;
  return encodeFlvTag({
    type: tagType.script,
    timestamp: 0,
    payload: share(encodeWith(fields, spacerOf(gap))),
  });
};
