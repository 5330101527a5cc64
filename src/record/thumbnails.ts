import { setPriority } from "node:os";
import { RefusedError, TransportError } from "../base/errors.ts";
import { Gate } from "../base/gate.ts";
import { LruMap } from "../base/lru-map.ts";
import { printable, type StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { Packet } from "../media/packet.ts";
import { encodeFragment } from "../mp4/fragment.ts";
import { encodeHeader, mp4TrackOf } from "../mp4/header.ts";
import type { Registry } from "../stream/registry.ts";
import { type KeyFrame, keyFrameOf } from "./key-frame.ts";

/** What pictures are made of. */
export interface ThumbnailsContext {
  /** FFmpeg's file, such as `Bun.which("ffmpeg")` gives; null where there is none. */
  readonly ffmpeg: string | null;
  readonly registry: Registry;
  readonly clock: Clock;
}

/** Widths that a picture may be asked for in, in pixels. */
export const thumbnailWidths = { least: 16, usual: 320, most: 1_920 } as const;

/** FFmpeg takes a tenth of a second for a picture; what takes so much longer hangs, in milliseconds. */
const timeoutMs = 10_000;

/** So long a picture waits for its turn, in milliseconds: with the time that it may take, whoever asks is told within that of a request. */
const patienceMs = 10_000;

/** A picture that is not older is as good as a new one, in milliseconds: people who watch many streams ask for many pictures. */
const freshMs = 2_000;

/** Each may take a core for a moment, and who stands behind so many would wait too long. */
const gateOptions = { maxInside: 2, maxWaiting: 64 } as const;

/** Pictures that are kept for whoever asks again. */
const maxKept = 128;

/** Gentler than anything else on the machine: packets go first. */
const niceness = 10;

interface Picture {
  /** What it is of; the key frame itself need not be kept for it. */
  readonly of: WeakRef<Packet>;
  readonly jpeg: Promise<Uint8Array>;
  /** Undefined while it is being made. */
  madeAt?: number;
}

/**
 * Pictures of streams: a JPEG of the newest key frame, made by FFmpeg when somebody asks for it, and once for all who ask at about the
 * same time. Streams notice nothing of it.
 */
export class Thumbnails {
  readonly #context: ThumbnailsContext;
  readonly #gate = new Gate(gateOptions);
  readonly #pictures = new LruMap<Picture>(maxKept);

  constructor(context: ThumbnailsContext) {
    this.#context = context;
  }

  /**
   * A JPEG of a stream's newest key frame, or of one before it if that was made two seconds ago at most. `width` is one of
   * {@link thumbnailWidths}; where the stream is less wide, so is the picture.
   * @throws RefusedError NO_FFMPEG, STREAM_NOT_FOUND, NO_PICTURE; TransportError REJECTED and TIMEOUT where FFmpeg makes none, OVERFLOW
   * where too many ask
   */
  async pictureOf(path: string, width: number): Promise<Uint8Array> {
    const { ffmpeg, registry } = this.#context;
    if (ffmpeg === null)
      throw new RefusedError("NO_FFMPEG", "no pictures: ffmpeg was not on the server's PATH when it started");
    const stream = registry.find(path as StreamPath);
    if (!stream?.publication)
      throw new RefusedError("STREAM_NOT_FOUND", `nobody publishes stream ${printable(path)}`);
    const { newestKey, publication } = stream;
    if (!newestKey)
      throw new RefusedError("NO_PICTURE", `stream ${printable(path)} has brought no key frame yet`);
    // A stream that ends and comes back is another.
    const key = `${width} ${publication.since.getTime()} ${path}`;
    const known = this.#pictures.get(key);
    if (known && this.#isGood(known, newestKey)) return await known.jpeg;
    const frame = keyFrameOf(stream);
    if (!frame)
      throw new RefusedError(
        "NO_PICTURE",
        `stream ${printable(path)} has a codec that no picture is made of`,
      );
    return await this.#make(key, { of: newestKey, convert: () => convert(frame, { ffmpeg, width }) });
  }

  #isGood({ of, madeAt }: Picture, newestKey: Packet): boolean {
    return madeAt === undefined || of.deref() === newestKey || this.#context.clock.now() - madeAt < freshMs;
  }

  #make(
    key: string,
    { of, convert }: { of: Packet; convert: () => Promise<Uint8Array> },
  ): Promise<Uint8Array> {
    const patience = new AbortController();
    const cancel = this.#context.clock.after(patienceMs, () => patience.abort());
    const jpeg = this.#gate.run(convert, patience.signal).finally(cancel);
    const picture: Picture = { of: new WeakRef(of), jpeg };
    this.#pictures.set(key, picture);
    jpeg.then(
      () => {
        picture.madeAt = this.#context.clock.now();
      },
      () => {
        if (this.#pictures.get(key) === picture) this.#pictures.delete(key);
      },
    );
    return jpeg;
  }
}

const convert = async (
  frame: KeyFrame,
  { ffmpeg, width }: { ffmpeg: string; width: number },
): Promise<Uint8Array> => {
  const child = Bun.spawn(
    [
      ...[ffmpeg, "-v", "error", "-threads", "1"],
      // Whatever a stream holds, it is read from here and from nowhere else.
      ...["-protocol_whitelist", "pipe", "-f", "mov", "-i", "pipe:0", "-frames:v", "1"],
      ...["-vf", `scale=min(${width}\\,iw):-2`, "-f", "mjpeg", "pipe:1"],
    ],
    { stdin: fileOf(frame), stdout: "pipe", stderr: "pipe", timeout: timeoutMs, killSignal: "SIGKILL" },
  );
  calm(child.pid);
  const [jpeg, complaint] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (child.signalCode !== null)
    throw new TransportError("TIMEOUT", `ffmpeg made no picture in ${timeoutMs / 1_000} s`);
  if (child.exitCode !== 0 || jpeg.length === 0)
    throw new TransportError("REJECTED", `ffmpeg made no picture: ${complaint.trim().substring(0, 200)}`);
  return jpeg;
};

const calm = (pid: number): void => {
  try {
    setPriority(pid, niceness);
  } catch {
    // It has ended already, or the system does not let us: it runs as it is.
  }
};

/** One picture as a file. */
const fileOf = ({ track, data }: KeyFrame): Uint8Array => {
  const sample = { compositionOffset: 0, duration: track.timescale, isKey: true, size: data.length };
  const { head } = encodeFragment(1, [{ id: 1, baseTime: 0, samples: [sample] }]);
  return Buffer.concat([encodeHeader([mp4TrackOf(track)]).bytes, head, data]);
};
