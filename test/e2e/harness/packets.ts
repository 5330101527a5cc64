import { run } from "./program.ts";

/** One line of FFmpeg's framecrc: a packet as a demuxer gave it. Times are milliseconds. */
export interface PacketLine {
  /** 0 for video, 1 for audio. */
  readonly flow: number;
  readonly dts: number;
  readonly pts: number;
  /** Size and checksum: equal for equal bytes. */
  readonly body: string;
  readonly isKey: boolean;
}

/** What makes FFmpeg write framecrc to standard output, video first. */
export const framecrc = ["-map", "0:v", "-map", "0:a", "-c", "copy", "-f", "framecrc", "-"] as const;

/** Reads framecrc. */
export const parsePackets = (text: string): PacketLine[] =>
  text
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => {
      const [flow = "", dts = "", pts = "", , size = "", crc = "", ...more] = line
        .split(",")
        .map((part) => part.trim());
      const isKey = !more.includes("F=0x0");
      return { flow: Number(flow), dts: Number(dts), pts: Number(pts), body: `${size} ${crc}`, isKey };
    });

/** The packets of a file. `options` stand in front of its name. */
export const packetsOf = async (path: string, options: readonly string[] = []): Promise<PacketLine[]> =>
  parsePackets(await run(["ffmpeg", "-nostdin", "-v", "error", ...options, "-i", path, ...framecrc]));

/** How a reception differs from its source. */
export interface Comparison {
  /** Which packet of the source came first, by flow; -1 where none did. */
  readonly firstVideo: number;
  readonly firstAudio: number;
  /** One sentence per difference; empty where the reception is an unbroken part of the source. */
  readonly faults: readonly string[];
}

/**
 * Compares what a player received with the source: from its first key frame on every packet has to be there, with the same bytes
 * and the same times but for one shift, up to the end of the source.
 * `mayEndEarly` allows a player that left before the end.
 */
export const compare = (
  received: readonly PacketLine[],
  source: readonly PacketLine[],
  { mayEndEarly = false }: { mayEndEarly?: boolean } = {},
): Comparison => {
  const faults: string[] = [];
  const shifts = new Set<number>();
  const firsts = ["video", "audio"].map((name, flow) => {
    const all = source.filter((packet) => packet.flow === flow);
    const got = received.filter((packet) => packet.flow === flow);
    const first = all.findIndex((packet, index) => isStart({ got, all, index, packet }));
    if (first < 0) {
      faults.push(`${name}: none of ${got.length} packets begins a part of the source`);
      return first;
    }
    const expected = mayEndEarly ? all.slice(first, first + got.length) : all.slice(first);
    if (got.length !== expected.length)
      faults.push(`${name}: ${got.length} packets, expected ${expected.length}`);
    const wrong = expected.findIndex((packet, index) => packet.body !== got[index]?.body);
    if (wrong >= 0) faults.push(`${name}: packet ${first + wrong} of the source is missing or changed`);
    else for (const [index, packet] of expected.entries()) addShifts(shifts, { packet, got: got[index] });
    return first;
  });
  if (shifts.size > 1) faults.push(`times are shifted by ${[...shifts].join(", ")} ms, expected one shift`);
  if (received.find((packet) => packet.flow === 0)?.isKey === false)
    faults.push("video begins with no key frame");
  return { firstVideo: firsts[0] ?? -1, firstAudio: firsts[1] ?? -1, faults };
};

/** Three packets in a row say where in the source a reception begins; one alone may have a twin. */
const isStart = (at: {
  got: readonly PacketLine[];
  all: readonly PacketLine[];
  index: number;
  packet: PacketLine;
}): boolean => {
  const { got, all, index } = at;
  const run = Math.min(3, got.length);
  return run > 0 && [...Array(run).keys()].every((step) => got[step]?.body === all[index + step]?.body);
};

const addShifts = (
  shifts: Set<number>,
  { packet, got }: { packet: PacketLine; got: PacketLine | undefined },
): void => {
  if (!got) return;
  shifts.add(got.dts - packet.dts).add(got.pts - packet.pts);
};

/** One sentence per packet whose decoding time is before that of the packet in front of it. */
export const backwardSteps = (packets: readonly PacketLine[]): string[] =>
  [0, 1].flatMap((flow) =>
    packets
      .filter((packet) => packet.flow === flow)
      .flatMap((packet, index, all) => {
        const before = all[index - 1];
        return before && packet.dts < before.dts ? [`flow ${flow}: ${packet.dts} after ${before.dts}`] : [];
      }),
  );
