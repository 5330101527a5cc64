import { WireError } from "../base/errors.ts";
import { decodeAc3Frame, decodeEac3Header } from "../media/ac3.ts";
import type { Codec } from "../media/codec.ts";
import { decodeFlacConfig } from "../media/flac.ts";
import { decodeOpusConfig } from "../media/opus.ts";
import type { SampleTrack } from "../media/sample.ts";
import { tolerate } from "../media/tolerate.ts";
import { BoxWriter } from "./box-writer.ts";

/** Codecs that players of MP4 know. */
const common: ReadonlySet<Codec> = new Set([
  ...(["H264", "H265", "AV1", "VP9"] as const),
  ...(["AAC", "MP3", "Opus", "AC3", "EAC3", "FLAC"] as const),
]);

/** Sound that is not coded. FFmpeg and QuickTime read it; browsers give up on what they stream with it. */
const raw: ReadonlySet<Codec> = new Set(["G711A", "G711U", "PCM"]);

/** Whether MP4 can hold a track for any player: there is a place for its codec, and its configuration can be read. */
export const mp4Holds = (track: SampleTrack): boolean =>
  common.has(track.description.codec) && isWritable(track);

/** Whether a file that is kept can hold a track: as {@link mp4Holds}, and sound that is not coded. */
export const mp4Keeps = (track: SampleTrack): boolean =>
  mp4Holds(track) || (raw.has(track.description.codec) && isWritable(track));

const isWritable = (track: SampleTrack): boolean => {
  try {
    writeSampleEntry(new BoxWriter(), track);
    return true;
  } catch {
    // Whatever cannot be read of it, the answer is the same.
    return false;
  }
};

/** Object types of MPEG-4 systems. ISO/IEC 14496-1 table 5. */
const objectType = { aac: 0x40, mp3: 0x6b } as const;

const resolution72Dpi = 0x0048_0000;

/** Writes the sample description of a track: the child of its `stsd`. {@link mp4Keeps} it. */
export const writeSampleEntry = (writer: BoxWriter, track: SampleTrack): void => {
  const { description, config } = track;
  switch (description.codec) {
    case "H264":
      writeVisual(writer, "avc1", track, () => writer.box("avcC", () => writer.bytes(config)));
      break;
    case "H265":
      writeVisual(writer, "hvc1", track, () => writer.box("hvcC", () => writer.bytes(config)));
      break;
    case "AV1":
      writeVisual(writer, "av01", track, () => writer.box("av1C", () => writer.bytes(config)));
      break;
    case "VP9":
      writeVisual(writer, "vp09", track, () => writeVpConfig(writer, config));
      break;
    case "AAC":
      writeSound(writer, "mp4a", track, () => writeElementaryStream(writer, objectType.aac, config));
      break;
    case "MP3":
      writeSound(writer, "mp4a", track, () => writeElementaryStream(writer, objectType.mp3, undefined));
      break;
    case "Opus":
      writeSound(writer, "Opus", track, () => writeOpusConfig(writer, track));
      break;
    case "AC3":
      writeSound(writer, "ac-3", track, () => writeAc3Config(writer, config));
      break;
    case "EAC3":
      writeSound(writer, "ec-3", track, () => writeEac3Config(writer, config));
      break;
    case "G711A":
      writeSound(writer, "alaw", track, () => undefined);
      break;
    case "G711U":
      writeSound(writer, "ulaw", track, () => undefined);
      break;
    case "PCM":
      writeSound(writer, "ipcm", track, () => writePcmConfig(writer));
      break;
    case "FLAC":
      writeSound(writer, "fLaC", track, () => writeFlacConfig(writer, config));
      break;
    default:
      throw new TypeError(`no sample entry for ${description.codec}`);
  }
};

/** ISO/IEC 14496-12 12.1.3. */
const writeVisual = (
  writer: BoxWriter,
  type: string,
  { description }: SampleTrack,
  fill: () => void,
): void => {
  const { width = 0, height = 0 } = description.kind === "video" ? description : {};
  writer.box(type, () => {
    writer.zeros(6).u16(1).zeros(16);
    writer.u16(width).u16(height).u32(resolution72Dpi).u32(resolution72Dpi);
    writer.u32(0).u16(1).zeros(32).u16(0x0018).u16(0xffff);
    fill();
  });
};

/** ISO/IEC 14496-12 12.2.3. Rates beyond 65,535 do not fit in here: the codec's own box tells them. */
const writeSound = (writer: BoxWriter, type: string, track: SampleTrack, fill: () => void): void => {
  const { channels = 2 } = track.description.kind === "audio" ? track.description : {};
  const rate = track.timescale < 0x1_0000 ? track.timescale : 0;
  writer.box(type, () => {
    writer.zeros(6).u16(1).zeros(8);
    writer.u16(channels).u16(16).u32(0).u16(rate).u16(0);
    fill();
  });
};

/** A descriptor with its length in four bytes, as most files have it. ISO/IEC 14496-1 8.3.3. */
const writeDescriptor = (writer: BoxWriter, tag: number, length: number): void => {
  writer.u8(tag).u8(0x80).u8(0x80).u8(0x80).u8(length);
};

/** An `esds`. ISO/IEC 14496-14 5.6. */
const writeElementaryStream = (writer: BoxWriter, type: number, config: Uint8Array | undefined): void => {
  const specific = config ? 5 + config.length : 0;
  writer.fullBox("esds", {}, () => {
    writeDescriptor(writer, 3, 3 + 5 + 13 + specific + 5 + 1);
    writer.u16(0).u8(0);
    writeDescriptor(writer, 4, 13 + specific);
    // Audio stream; sizes and rates are not known.
    writer.u8(type).u8(0x15).zeros(3).u32(0).u32(0);
    if (config) {
      writeDescriptor(writer, 5, config.length);
      writer.bytes(config);
    }
    writeDescriptor(writer, 6, 1);
    writer.u8(2);
  });
};

/** Some encoders send the record with version and flags in front. */
const writeVpConfig = (writer: BoxWriter, config: Uint8Array): void => {
  const isWhole =
    config.length >= 12 && config[0] === 1 && config[1] === 0 && config[2] === 0 && config[3] === 0;
  writer.fullBox("vpcC", { version: 1 }, () => writer.bytes(isWhole ? config.subarray(4) : config));
};

const opusHeadBytes = 19;

/** Opus in ISOBMFF 4.3.2: an OpusHead without its magic, in big endian. */
const writeOpusConfig = (writer: BoxWriter, { config, description }: SampleTrack): void => {
  const head = tolerate(() => decodeOpusConfig(config));
  const { channels = 2 } = description.kind === "audio" ? description : {};
  const family = head ? (config[opusHeadBytes - 1] ?? 0) : 0;
  const view = new DataView(config.buffer, config.byteOffset, config.byteLength);
  writer.box("dOps", () => {
    writer.u8(0).u8(head?.channels ?? channels);
    writer.u16(head?.preSkip ?? 0).u32(head?.inputSampleRate ?? 0);
    writer.u16(head ? view.getUint16(16, true) : 0).u8(family);
    if (family > 0) writer.bytes(config.subarray(opusHeadBytes));
  });
};

/** ETSI TS 102 366 F.4: what the first frame's header says, in other order. */
const writeAc3Config = (writer: BoxWriter, frame: Uint8Array): void => {
  decodeAc3Frame(frame);
  const [, , , , sizes = 0, version = 0, modes = 0, next = 0] = frame;
  const mode = modes >> 5;
  const skipped = (mode & 1 && mode !== 1 ? 2 : 0) + (mode & 4 ? 2 : 0) + (mode === 2 ? 2 : 0);
  const lowFrequency = (((modes << 8) | next) >> (12 - skipped)) & 1;
  const bits =
    ((sizes >> 6) << 22) |
    ((version >> 3) << 17) |
    ((version & 7) << 14) |
    (mode << 11) |
    (lowFrequency << 10);
  // The rate code stands without its lowest bit.
  const rate = ((sizes & 0x3f) >> 1) << 5;
  const all = bits | rate;
  writer.box("dac3", () => writer.u8(all >> 16).u16(all & 0xffff));
};

/** ETSI TS 102 366 F.6, for one substream: of several the headers of the others would be needed, too. @throws WireError */
const writeEac3Config = (writer: BoxWriter, frame: Uint8Array): void => {
  const { samples, sampleRate } = decodeAc3Frame(frame);
  const { streamType, frameBytes, rateCode, version, mode, lowFrequency } = decodeEac3Header(frame);
  if (streamType === 1 || frameBytes < frame.length)
    throw new WireError("CODEC_CONFIG", "E-AC-3 of several substreams, expected one");
  const kilobits = Math.round((frameBytes * 8 * sampleRate) / samples / 1_000);
  writer.box("dec3", () => {
    writer.u16(kilobits << 3);
    // The service is the main one, bsmod 0: frames rarely say another.
    writer
      .u8((rateCode << 6) | (version << 1))
      .u8((mode << 1) | lowFrequency)
      .u8(0);
  });
};

/** ISO/IEC 23003-5 5.2: samples of 16 bits, the low byte first. */
const writePcmConfig = (writer: BoxWriter): void => {
  writer.fullBox("pcmC", {}, () => writer.u8(1).u8(16));
};

const flacInfoBytes = 34;

/** FLAC in ISOBMFF 3.3.2. */
const writeFlacConfig = (writer: BoxWriter, config: Uint8Array): void => {
  decodeFlacConfig(config);
  const info =
    config.length > flacInfoBytes + 4 ? config.subarray(8) : config.subarray(config.length - flacInfoBytes);
  writer.fullBox("dfLa", {}, () => {
    writer.u8(0x80).u8(0).u16(flacInfoBytes).bytes(info.subarray(0, flacInfoBytes));
  });
};
