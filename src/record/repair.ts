import { closeSync, openSync, readSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { extname } from "node:path";
import { share } from "../base/bytes.ts";
import { encodeFileMetadata, fileMetadataTagSize } from "../flv/file-metadata.ts";
import { readMetadata } from "../flv/metadata.ts";
import { scanFlv } from "../flv/scan.ts";
import { flvFlags, flvFlagsOffset, flvHeaderSize, tagHeaderSize } from "../flv/tag.ts";
import { packetBytes } from "../mpegts/packet-writer.ts";
import { timesOf } from "../mpegts/times.ts";
import { endOf, fragmentsOf, readMovieOf } from "./mp4-walk.ts";
import { RandomFile } from "./random-file.ts";

/** What a file is that was left open, and is finished now. */
export interface RepairedFile {
  readonly durationMs: number;
  readonly bytes: number;
}

/**
 * Finishes a recording that its writer left open, killed or out of room: what is not whole at its end is cut off, and its length is
 * written. One with no frame in it is removed, and gives undefined, as one does that is not there.
 * @throws an error of the operating system; WireError for a file that is none of ours
 */
export const repairFile = async (path: string, encoder: string): Promise<RepairedFile | undefined> => {
  const file = await RandomFile.open(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return undefined;
  let plan: RepairPlan | undefined;
  try {
    plan = await planOf(file, encoder);
  } finally {
    await file.close();
  }
  if (plan === undefined) {
    await rm(path, { force: true });
    return undefined;
  }
  await carryOut(path, plan);
  return { durationMs: Math.round(plan.durationMs), bytes: plan.size };
};

/** What is to be done to a file. */
interface RepairPlan {
  readonly size: number;
  readonly durationMs: number;
  readonly patches: readonly { readonly position: number; readonly bytes: Uint8Array }[];
}

const carryOut = async (path: string, { size, patches }: RepairPlan): Promise<void> => {
  const handle: FileHandle = await open(path, "r+");
  try {
    await handle.truncate(size);
    for (const { position, bytes } of patches) await handle.write(bytes, 0, bytes.length, position);
  } finally {
    await handle.close();
  }
};

const planOf = async (file: RandomFile, encoder: string): Promise<RepairPlan | undefined> => {
  switch (extname(file.path)) {
    case ".mp4":
      return planMp4(file);
    case ".flv":
      return planFlv(file, encoder);
    default:
      return planTs(file);
  }
};

const planMp4 = async (file: RandomFile): Promise<RepairPlan | undefined> => {
  const found = await readMovieOf(file.read);
  if (!found) return undefined;
  const { tracks } = found.movie;
  let size = 0;
  let durationMs = 0;
  for await (const { end, runs } of fragmentsOf(file.read, { from: found.end, size: file.size, tracks })) {
    size = end;
    durationMs = Math.max(durationMs, endOf(runs, tracks));
  }
  if (size === 0) return undefined;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, Math.round(durationMs));
  const { durationOffset: position } = found;
  return { size, durationMs, patches: position === undefined ? [] : [{ position, bytes }] };
};

const tsEdgeBytes = 1024 * 1024;

const planTs = async (file: RandomFile): Promise<RepairPlan | undefined> => {
  const size = file.size - (file.size % packetBytes);
  const from = Math.max(0, size - tsEdgeBytes);
  const head = timesOf(await file.read(0, tsEdgeBytes));
  const tail = timesOf(await file.read(from - (from % packetBytes), tsEdgeBytes + packetBytes));
  if (!head || !tail) return undefined;
  return { size, durationMs: ((tail.last - head.first + 2 ** 33) % 2 ** 33) / 90, patches: [] };
};

/** So much of an FLV file is scanned in one piece: files of an hour are larger, and are read as they are. */
const flvBlockBytes = 4 * 1024 * 1024;

/** Reads all of the file before anything else happens: at the start of the server that is no harm. */
const planFlv = (file: RandomFile, encoder: string): RepairPlan | undefined => {
  const descriptor = openSync(file.path, "r");
  let block: Uint8Array = new Uint8Array(0);
  let blockAt = 0;
  const read = (offset: number, length: number): Uint8Array => {
    if (offset < blockAt || offset + length > blockAt + block.length) {
      const bytes = new Uint8Array(Math.max(flvBlockBytes, length));
      block = bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, offset));
      blockAt = offset;
    }
    return block.subarray(offset - blockAt, offset - blockAt + length);
  };
  try {
    const { end, tags, metadataTagSize, index } = scanFlv(read, file.size);
    if (tags === 0 || !(index.hasAudio || index.hasVideo)) return undefined;
    const durationMs = index.lastTimestampMs;
    if (metadataTagSize !== fileMetadataTagSize) return { size: end, durationMs, patches: [] };
    const head = read(flvHeaderSize, fileMetadataTagSize);
    const told = readMetadata(share(head.subarray(tagHeaderSize, head.length - 4)))?.values;
    const numberOf = (name: string): number | undefined => {
      const value = told?.get(name);
      return typeof value === "number" ? value : undefined;
    };
    const { keyFrames, videoConfig, lastTimestampMs, hasVideo, hasAudio } = index;
    const { videoCodecId, audioCodecId, videoBytes, audioBytes } = index;
    const metadata = encodeFileMetadata({
      durationMs,
      fileSize: end,
      encoder,
      width: numberOf("width"),
      height: numberOf("height"),
      frameRate: numberOf("framerate"),
      audioSampleRate: numberOf("audiosamplerate"),
      audioSampleSize: numberOf("audiosamplesize"),
      audioChannels: numberOf("audiochannels"),
      ...{ hasVideo, hasAudio, videoCodecId, audioCodecId, videoBytes, audioBytes },
      ...{ keyFrames, videoConfig, lastTimestampMs },
    });
    return {
      size: end,
      durationMs,
      patches: [
        { position: flvHeaderSize, bytes: metadata },
        { position: flvFlagsOffset, bytes: Uint8Array.of(flvFlags(index)) },
      ],
    };
  } finally {
    closeSync(descriptor);
  }
};
