import { framecrc, type PacketLine, parsePackets } from "./packets.ts";
import { Program, run } from "./program.ts";

const quiet = ["ffmpeg", "-nostdin", "-v", "error"];

/** FFmpeg publishing a file at the speed of life. `loops` repeats it without end. */
export const publish = (file: string, url: string, { loops = false }: { loops?: boolean } = {}): Program =>
  new Program([
    ...quiet,
    "-re",
    ...(loops ? ["-stream_loop", "-1"] : []),
    ...["-i", file, "-c", "copy", "-f", "flv", url],
  ]);

/** FFmpeg playing a stream into a list of its packets. */
export class FfmpegPlayer implements AsyncDisposable {
  readonly #program: Program;

  /** `options` stand in front of the URL. */
  constructor(url: string, options: readonly string[] = []) {
    this.#program = new Program([...quiet, ...options, "-i", url, ...framecrc]);
  }

  get isRunning(): boolean {
    return this.#program.isRunning;
  }

  kill(signal: NodeJS.Signals): void {
    this.#program.kill(signal);
  }

  /** Waits for the end and gives what was received. @throws Error where FFmpeg ends with an error, or not in time */
  async packets(withinMs = 30_000): Promise<PacketLine[]> {
    return parsePackets(await this.#program.success(withinMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

/** What ffprobe says of a file. */
export interface Probe {
  /** Names of the codecs, in order. */
  readonly codecs: readonly string[];
  readonly durationMs: number;
}

/** Asks ffprobe. */
export const probe = async (file: string): Promise<Probe> => {
  const command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", file];
  const answer = JSON.parse(await run(command)) as {
    streams: { codec_name: string }[];
    format: { duration?: string };
  };
  return {
    codecs: answer.streams.map((stream) => stream.codec_name).sort(),
    durationMs: Math.round(Number(answer.format.duration) * 1000),
  };
};

/**
 * Decodes a file to nowhere, from `seek` seconds on, and gives what FFmpeg complained about: nothing for a sound file.
 * With `ownTimes` it keeps the file's milliseconds; else it rounds to whole frames, and complains where the picture
 * begins half a frame after the sound.
 */
export const complaints = async (
  file: string,
  { seek, ownTimes = false }: { seek?: number; ownTimes?: boolean } = {},
): Promise<string> => {
  const from = seek === undefined ? [] : ["-ss", String(seek)];
  const times = ownTimes ? ["-enc_time_base", "-1"] : [];
  await using program = new Program([...quiet, ...from, "-i", file, ...times, "-f", "null", "-"]);
  const { code, err } = await program.exit(60_000);
  return code === 0 ? err : `${err}exit code ${code}`;
};
