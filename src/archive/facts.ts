import { extname } from "node:path";
import { toHex } from "../base/bytes.ts";
import { TransportError } from "../base/errors.ts";
import { readMetadata } from "../flv/metadata.ts";
import { FlvReader } from "../flv/reader.ts";
import { tagType } from "../flv/tag.ts";
import { timesOf } from "../mpegts/times.ts";
import { endOf, fragmentsOf, readMovieOf } from "../record/mp4-walk.ts";
import type { ReadableFile } from "../record/random-file.ts";
import type { JoinFacts } from "./joins.ts";

/** What a recorded file tells of itself. */
export interface FileFacts {
  readonly durationMs: number;
  readonly join: JoinFacts;
  /** It says how long it is: it will not change. */
  readonly isFinal: boolean;
  readonly size: number;
  /** How far it was looked at: the next look goes on there. */
  readonly seen: number;
}

/**
 * Looks into a recorded file. `before` is how far it was looked into the last time, and how long it was as far as that.
 * @throws TransportError DISK, or WireError, for one that cannot be played; what reading it rejects with
 */
export const lookInto = (
  file: ReadableFile,
  before?: Pick<FileFacts, "seen" | "durationMs">,
): Promise<FileFacts> => {
  switch (extname(file.path)) {
    case ".mp4":
      return lookIntoMp4(file, before);
    case ".flv":
      return lookIntoFlv(file);
    default:
      return lookIntoTs(file);
  }
};

const unplayable = (what: string): TransportError => new TransportError("DISK", what);

const lookIntoMp4 = async (
  file: ReadableFile,
  before: Pick<FileFacts, "seen" | "durationMs"> | undefined,
): Promise<FileFacts> => {
  const found = await readMovieOf(file.read);
  if (!found) throw unplayable("the file has no header that can be read");
  const { origin, tracks, durationMs } = found.movie;
  const join: JoinFacts = origin
    ? {
        kind: "origin",
        streamId: toHex(origin.streamId),
        number: origin.number,
        startMs: Number(origin.startNs / 1_000n) / 1_000,
      }
    : {
        kind: "tracks",
        signature: tracks.map(({ id, timescale, format }) => `${id} ${timescale} ${format}`).join(", "),
      };
  const common = { join, size: file.size };
  if (durationMs > 0) return { ...common, durationMs, isFinal: true, seen: file.size };
  let seen = Math.max(before?.seen ?? 0, found.end);
  let end = before?.durationMs ?? 0;
  for await (const fragment of fragmentsOf(file.read, { from: seen, size: file.size, tracks })) {
    end = Math.max(end, endOf(fragment.runs, tracks));
    seen = fragment.end;
  }
  return { ...common, durationMs: end, isFinal: false, seen };
};

const flvHeadBytes = 256 * 1024;

const lookIntoFlv = async (file: ReadableFile): Promise<FileFacts> => {
  const reader = new FlvReader();
  reader.receive(await file.read(0, flvHeadBytes));
  const first = reader.next();
  if (!first) throw unplayable("the file has no tag that can be read");
  const values = first.type === tagType.script ? readMetadata(first.payload)?.values : undefined;
  const told = values?.get("duration");
  const signature = `flv ${values?.get("videocodecid")} ${values?.get("audiocodecid")}`;
  const common = { join: { kind: "tracks", signature } as const, size: file.size, seen: file.size };
  if (typeof told === "number" && told > 0) return { ...common, durationMs: told * 1_000, isFinal: true };
  return { ...common, durationMs: await lastFlvTime(file), isFinal: false };
};

/** The time of the last whole tag, which the four bytes behind it lead to; 0 where they do not. */
const lastFlvTime = async (file: ReadableFile): Promise<number> => {
  const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const trailer = await file.read(file.size - 4, 4);
  if (trailer.length < 4) return 0;
  const size = view(trailer).getUint32(0);
  const start = file.size - 4 - size;
  if (start < 0) return 0;
  const head = await file.read(start, 11);
  if (head.length < 11 || view(head).getUint32(0) % 2 ** 24 !== size - 11) return 0;
  return ((head[7] ?? 0) << 24) | (view(head).getUint32(4) >>> 8);
};

const tsEdgeBytes = 1024 * 1024;

const lookIntoTs = async (file: ReadableFile): Promise<FileFacts> => {
  const head = timesOf(await file.read(0, tsEdgeBytes));
  const from = Math.max(0, file.size - tsEdgeBytes);
  const tail = timesOf(await file.read(from - (from % 188), file.size));
  if (!head || !tail) throw unplayable("the file has no packet that can be read");
  const durationMs = Math.max(0, ((tail.last - head.first + 2 ** 33) % 2 ** 33) / 90);
  return {
    durationMs,
    join: { kind: "clock", startMs: head.first / 90 },
    // Nothing in it says that it is over.
    isFinal: false,
    size: file.size,
    seen: file.size,
  };
};
