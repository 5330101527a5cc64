import { Program, run } from "./program.ts";

/** How media travel. */
export type RtspLower = "tcp" | "udp";

/** A packet as FFmpeg took it from RTP: NAL units with start codes, without those that a description may hold instead. */
export interface RtspPacket {
  /** 0 for video, 1 for audio. */
  readonly flow: number;
  readonly ptsMs: number;
  /** Size and checksum: equal for equal bytes. */
  readonly body: string;
}

const quiet = ["ffmpeg", "-nostdin", "-v", "error"];

/** Parameter sets and delimiters travel in the description, in front of each key frame, or not at all. */
const withoutSets = "filter_units=remove_types=7-9";

const list = (filter: string): string[] => [
  ...["-map", "0:v", "-map", "0:a", "-c", "copy", "-bsf:v", filter],
  ...["-f", "framecrc", "-"],
];

const parse = (text: string): RtspPacket[] => {
  const units = new Map<string, number>();
  const packets: RtspPacket[] = [];
  for (const line of text.split("\n")) {
    const [, unit = "", one, many] = /^#tb (\d): (\d+)\/(\d+)/.exec(line) ?? [];
    if (many !== undefined) units.set(unit, (Number(one) * 1_000) / Number(many));
    if (!/^\d/.test(line)) continue;
    const [flow = "", , pts = "", , size = "", crc = ""] = line.split(",").map((part) => part.trim());
    packets.push({ flow: Number(flow), ptsMs: Number(pts) * (units.get(flow) ?? 1), body: `${size} ${crc}` });
  }
  return packets;
};

/** The packets of a file, as they come out of RTP. */
export const rtspPacketsOf = async (file: string): Promise<RtspPacket[]> =>
  parse(await run([...quiet, "-i", file, ...list(`h264_mp4toannexb,${withoutSets}`)]));

/** FFmpeg reading a stream by RTSP into a list of its packets. */
export class RtspReaderProgram implements AsyncDisposable {
  readonly #program: Program;

  constructor(url: string, lower: RtspLower) {
    this.#program = new Program([...quiet, "-rtsp_transport", lower, "-i", url, ...list(withoutSets)]);
  }

  /** Waits for the end and gives what was received. @throws Error where FFmpeg ends with an error, or not in time */
  async packets(withinMs = 30_000): Promise<RtspPacket[]> {
    return parse(await this.#program.success(withinMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

/** FFmpeg publishing a file by RTSP at the speed of life. */
export const publishRtsp = (file: string, url: string, lower: RtspLower): Program =>
  new Program([...quiet, "-re", "-i", file, "-c", "copy", "-f", "rtsp", "-rtsp_transport", lower, url]);

/** No stream here has such times. */
const openMs = 1e12;

/**
 * What is wrong with a reception, one sentence each: from its first key frame on every packet has to be there, with the same bytes; the
 * times of pictures and sound may be shifted, but by the same to within `apartMs`. So many packets of a flow as `mayMissAtEnd` says may
 * be missing where it ends.
 */
export const receptionFaults = (
  received: readonly RtspPacket[],
  source: readonly RtspPacket[],
  { apartMs, mayMissAtEnd = 0 }: { apartMs: number; mayMissAtEnd?: number },
): string[] => {
  const faults: string[] = [];
  const shifts: number[] = [];
  for (const [flow, name] of ["video", "audio"].entries()) {
    const all = source.filter((packet) => packet.flow === flow);
    const got = received.filter((packet) => packet.flow === flow);
    // Three packets in a row say where it begins: one alone may have a twin.
    const first = all.findIndex((_, at) =>
      [0, 1, 2].every((step) => all[at + step]?.body === got[step]?.body),
    );
    if (first < 0) {
      faults.push(`${name}: none of ${got.length} packets begins a part of the source`);
      continue;
    }
    const missing = all.length - first - got.length;
    if (missing < 0 || missing > mayMissAtEnd)
      faults.push(`${name}: ${got.length} packets, expected ${all.length - first}`);
    const expected = all.slice(first, first + got.length);
    const wrong = expected.findIndex((packet, index) => packet.body !== got[index]?.body);
    if (wrong >= 0) faults.push(`${name}: packet ${first + wrong} of the source is missing or changed`);
    for (const [index, packet] of expected.entries()) {
      const there = got[index];
      // FFmpeg leaves the time of some pictures open: RTP tells it no decoding times.
      if (there && Math.abs(there.ptsMs) < openMs) shifts.push(there.ptsMs - packet.ptsMs);
    }
  }
  const spread = Math.max(...shifts) - Math.min(...shifts);
  if (spread > apartMs)
    faults.push(`times are shifted by ${Math.min(...shifts)} to ${Math.max(...shifts)} ms`);
  return faults;
};
