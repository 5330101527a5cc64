import { TransportError } from "../base/errors.ts";
import type { StreamPath } from "../base/stream-path.ts";
import { encodeFragment } from "../mp4/fragment.ts";
import { encodeHeader, mp4TrackOf } from "../mp4/header.ts";
import type { EndReason } from "../stream/event.ts";
import type { Output, Stream } from "../stream/stream.ts";
import { type KeyFrame, KeyFrameKeeper } from "./key-frame-keeper.ts";

/** How pictures are made. */
export interface ThumbnailOptions {
  /** FFmpeg's file, such as `Bun.which("ffmpeg")` gives; null where there is none. */
  readonly ffmpeg: string | null;
  /** Width of a picture in pixels; its height follows. */
  readonly width?: number;
}

/** Whoever asks for a picture waits so long at most, in milliseconds. */
const timeoutMs = 10_000;

/** Pictures that are made at the same time: each may take a core for a moment. */
const maxAtOnce = 2;

const usualWidth = 320;

interface Made {
  readonly frame: Uint8Array;
  readonly jpeg: Promise<Uint8Array>;
}

/** Pictures of streams: a JPEG of the newest key frame, made by FFmpeg when somebody asks for it. Without FFmpeg there are none. */
export class Thumbnails implements Output {
  readonly #options: ThumbnailOptions;
  readonly #keepers = new Map<StreamPath, KeyFrameKeeper>();
  readonly #made = new WeakMap<KeyFrameKeeper, Made>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: ThumbnailOptions) {
    this.#options = options;
  }

  open(stream: Stream): ((reason: EndReason) => void) | undefined {
    if (this.#options.ffmpeg === null) return undefined;
    const keeper = new KeyFrameKeeper();
    this.#keepers.set(stream.path, keeper);
    stream.attach(keeper);
    return () => {
      if (this.#keepers.get(stream.path) === keeper) this.#keepers.delete(stream.path);
    };
  }

  /**
   * A JPEG of a stream's newest key frame; undefined where there is none to show. Whoever asks again before the next key frame gets
   * the same picture. @throws TransportError REJECTED, TIMEOUT where FFmpeg cannot make one
   */
  async pictureOf(path: string): Promise<Uint8Array | undefined> {
    const keeper = this.#keepers.get(path as StreamPath);
    const frame = keeper?.newest;
    if (!keeper || !frame) return undefined;
    const made = this.#made.get(keeper);
    if (made?.frame.buffer === frame.data.buffer && made.frame.byteOffset === frame.data.byteOffset)
      return await made.jpeg;
    const jpeg = this.#make(frame);
    this.#made.set(keeper, { frame: frame.data, jpeg });
    jpeg.catch(() => {
      if (this.#made.get(keeper)?.jpeg === jpeg) this.#made.delete(keeper);
    });
    return await jpeg;
  }

  async #make(frame: KeyFrame): Promise<Uint8Array> {
    if (this.#running >= maxAtOnce)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    else this.#running++;
    try {
      return await this.#convert(fileOf(frame));
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  async #convert(file: Uint8Array): Promise<Uint8Array> {
    const { ffmpeg, width = usualWidth } = this.#options;
    const child = Bun.spawn(
      [
        ...[ffmpeg ?? "ffmpeg", "-v", "error", "-threads", "1", "-i", "pipe:0", "-frames:v", "1"],
        ...["-vf", `scale=${width}:-2`, "-f", "mjpeg", "pipe:1"],
      ],
      { stdin: file, stdout: "pipe", stderr: "pipe", timeout: timeoutMs, killSignal: "SIGKILL" },
    );
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
  }
}

/** One picture as a file. */
const fileOf = ({ track, data }: KeyFrame): Uint8Array => {
  const sample = { compositionOffset: 0, duration: track.timescale, isKey: true, size: data.length };
  const { head } = encodeFragment(1, [{ id: 1, baseTime: 0, samples: [sample] }]);
  return Buffer.concat([encodeHeader([mp4TrackOf(track)]).bytes, head, data]);
};
