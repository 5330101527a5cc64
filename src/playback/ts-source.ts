import type { Medium } from "../archive/medium.ts";
import { copyBytes } from "../base/bytes.ts";
import { TransportError } from "../base/errors.ts";
import type { Codec } from "../media/codec.ts";
import { type SampleTrack, videoTimescale } from "../media/sample.ts";
import { describeTrack } from "../media/track.ts";
import { mp4TrackOf } from "../mp4/header.ts";
import { mp4Holds } from "../mp4/sample-entry.ts";
import { type FoundStream, type FoundUnit, TsReader } from "../mpegts/reader.ts";
import { codecOfStream, unpack } from "../mpegts/unpack.ts";
import { SampleLine } from "../samples/sample-line.ts";
import type { Source, SourceRun, SourceSample } from "./source.ts";

/** Read from the disk at once: whole packets. */
const blockBytes = 188 * 4_096;

/** Tracks are looked for in so much of a file. */
const probeBytes = 16 * blockBytes;

/** Units are handed out together that last so long, in units of 90 kHz. */
const partTicks = 90_000;

const wrap = 2 ** 33;

/** A frame with the packets that it came in. */
interface PackedSample extends SourceSample {
  readonly unit: Pick<FoundUnit, "start" | "end">;
}

interface Lane {
  readonly stream: FoundStream;
  readonly codec: Codec;
  readonly line: SampleLine;
  /** Units of the frames whose end has not come. */
  readonly units: Pick<FoundUnit, "start" | "end">[];
  samples: PackedSample[];
}

/** Opens a recording in MPEG-TS. @throws TransportError DISK where it has no track that can be played; an error of the operating system */
export const openTsSource = async (medium: Medium): Promise<Source> => {
  const { lanes, zero } = await probe(medium);
  if (lanes.length === 0) throw new TransportError("DISK", "the file has no track that can be played");
  const tracks = lanes.map(({ line }) => mp4TrackOf(line.track));
  return { tracks, parts: () => partsOf(medium, { lanes: lanes.map(fresh), zero }) };
};

const fresh = ({ stream, codec, line }: Lane): Lane => ({
  stream,
  codec,
  line: new SampleLine(line.track),
  units: [],
  samples: [],
});

/** Finds the tracks and the earliest time. */
const probe = async (medium: Medium): Promise<{ lanes: Lane[]; zero: number }> => {
  const lanes = new Map<number, Lane>();
  let zero: number | undefined;
  for await (const { unit, reader, seen } of unitsOf(medium)) {
    zero = Math.min(zero ?? unit.decoding, unit.decoding);
    const stream = reader.streams.find(({ pid }) => pid === unit.pid);
    const track = stream && !lanes.has(unit.pid) ? trackOf(stream, unit) : undefined;
    if (stream && track) lanes.set(unit.pid, laneOf(stream, track));
    if (lanes.size === reader.streams.length || seen > probeBytes) break;
  }
  return { lanes: [...lanes.values()], zero: zero ?? 0 };
};

const laneOf = (stream: FoundStream, track: SampleTrack): Lane => ({
  stream,
  codec: track.description.codec,
  line: new SampleLine(track),
  units: [],
  samples: [],
});

const trackOf = (stream: FoundStream, { data }: FoundUnit): SampleTrack | undefined => {
  const codec = codecOfStream(stream);
  const config = codec && unpack(codec, data, stream).config;
  if (!config) return undefined;
  const kept = copyBytes(config);
  const description = describeTrack(codec, kept);
  const timescale = description.kind === "video" ? videoTimescale : (description.sampleRate ?? 0);
  const track = { description, config: kept, timescale };
  return timescale > 0 && mp4Holds(track) ? track : undefined;
};

async function* partsOf(
  medium: Medium,
  { lanes, zero }: { lanes: readonly Lane[]; zero: number },
): AsyncGenerator<readonly SourceRun[]> {
  const streams = lanes.map(({ stream }) => stream);
  let start: number | undefined;
  for await (const { unit } of unitsOf(medium, streams)) {
    const lane = lanes.find(({ stream }) => stream.pid === unit.pid);
    if (!lane) continue;
    const time = (unit.decoding - zero + wrap) % wrap;
    start ??= time;
    if (time - start >= partTicks) {
      yield runsOf(medium, lanes);
      start = time;
    }
    take(lane, unit, time);
  }
  for (const lane of lanes) keep(lane, lane.line.end());
  yield runsOf(medium, lanes);
}

/** Sound of several frames in a unit: those behind the first follow from it. */
const take = (lane: Lane, unit: FoundUnit, time: number): void => {
  const { frames, isKey } = unpack(lane.codec, unit.data, lane.stream);
  const compositionTime = ((unit.presentation - unit.decoding + wrap) % wrap) / 90;
  for (const [index, data] of frames.entries()) {
    const timestamp = index === 0 ? time / 90 : undefined;
    keep(lane, lane.line.push({ timestamp, compositionTime, data, isKey }));
    lane.units.push({ start: unit.start, end: unit.end });
  }
};

const keep = (lane: Lane, sample: ReturnType<SampleLine["end"]>): void => {
  const unit = sample && lane.units.shift();
  if (!sample || !unit) return;
  const { data, ...rest } = sample;
  lane.samples.push({ ...rest, size: data.length, unit });
};

const runsOf = (medium: Medium, lanes: readonly Lane[]): SourceRun[] =>
  lanes.flatMap((lane, track) => {
    const { samples } = lane;
    lane.samples = [];
    if (samples.length === 0) return [];
    return [{ track, samples, read: (from, to) => readAgain(medium, lane, { samples, from, to }) }];
  });

/** Unpacks the units of some frames once more. */
const readAgain = async (
  medium: Medium,
  { stream, codec }: Lane,
  { samples, from, to }: { samples: readonly PackedSample[]; from: number; to: number },
): Promise<Uint8Array> => {
  const chosen = samples.slice(from, to);
  const first = chosen[0];
  const last = chosen.at(-1);
  if (!first || !last) return new Uint8Array(0);
  const start = first.unit.start;
  const reader = new TsReader([stream]);
  reader.receive(await medium.readRange(start, last.unit.end), start);
  reader.end();
  const frames: Uint8Array[] = [];
  for (let unit = reader.next(); unit; unit = reader.next())
    frames.push(...unpack(codec, unit.data, stream).frames);
  // The first unit may have frames in front of those that are wanted.
  const before = samples.slice(0, from).filter(({ unit }) => unit.start === start).length;
  return Buffer.concat(frames.slice(before, before + chosen.length));
};

/** The units of a file, with what is known by then. */
async function* unitsOf(
  medium: Medium,
  streams?: readonly FoundStream[],
): AsyncGenerator<{ readonly unit: FoundUnit; readonly reader: TsReader; readonly seen: number }> {
  const file = await medium.open();
  try {
    const reader = new TsReader(streams);
    for (let at = 0; at < file.size; at += blockBytes) {
      reader.receive(await file.read(at, blockBytes), at);
      if (at + blockBytes >= file.size) reader.end();
      for (let unit = reader.next(); unit; unit = reader.next()) yield { unit, reader, seen: at };
    }
  } finally {
    await file.close();
  }
}
