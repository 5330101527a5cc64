import { joinBytes } from "../base/bytes.ts";
import { decodeAvcConfig } from "../media/avc.ts";
import { BitReader } from "../media/bit-reader.ts";
import { decodeHevcConfig } from "../media/hevc.ts";
import type { Sample, SampleTrack } from "../media/sample.ts";

/** Turns a sample into what a transport stream carries: the pieces of its bytes, some of them views of the sample. */
export type Repack = (sample: Sample) => readonly Uint8Array[];

const startCode = Uint8Array.of(0, 0, 0, 1);

/** NAL units behind lengths of `size` bytes; those that do not fit are left out. */
function* unitsOf(data: Uint8Array, size: number): Generator<Uint8Array> {
  let at = 0;
  while (at + size <= data.length) {
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + (data[at + i] ?? 0);
    at += size;
    if (length === 0) continue;
    if (at + length > data.length) return;
    yield data.subarray(at, at + length);
    at += length;
  }
}

interface NalRules {
  readonly lengthSize: number;
  /** The access unit delimiter that each picture begins with. */
  readonly delimiter: Uint8Array;
  /** Parameter sets with their start codes, for key frames that come without. */
  readonly parameterSets: Uint8Array;
  readonly typeOf: (unit: Uint8Array) => number;
  readonly delimiterType: number;
  /** The type of the parameter set that tells whether a key frame has its own. */
  readonly setType: number;
}

const withStartCodes = (units: readonly Uint8Array[]): Uint8Array =>
  joinBytes(units.length === 0 ? [new Uint8Array(0)] : units.flatMap((unit) => [startCode, unit]));

/** H.264 and HEVC with start codes. ISO/IEC 13818-1 2.14 and 2.17. */
const annexB =
  ({ lengthSize, delimiter, parameterSets, typeOf, delimiterType, setType }: NalRules): Repack =>
  ({ data, isKey }) => {
    const pieces: Uint8Array[] = [delimiter];
    const units = [...unitsOf(data, lengthSize)];
    if (isKey && !units.some((unit) => typeOf(unit) === setType)) pieces.push(parameterSets);
    for (const unit of units) if (typeOf(unit) !== delimiterType) pieces.push(startCode, unit);
    return pieces;
  };

const avcRules = (config: Uint8Array): NalRules => {
  const { nalLengthSize, sps, pps } = decodeAvcConfig(config);
  return {
    lengthSize: nalLengthSize,
    delimiter: Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0),
    parameterSets: withStartCodes([...sps, ...pps]),
    typeOf: ([first = 0]) => first & 0x1f,
    delimiterType: 9,
    setType: 7,
  };
};

const hevcRules = (config: Uint8Array): NalRules => {
  const { nalLengthSize, units } = decodeHevcConfig(config);
  return {
    lengthSize: nalLengthSize,
    delimiter: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50),
    parameterSets: withStartCodes(units.map(({ nal }) => nal)),
    typeOf: ([first = 0]) => (first >> 1) & 0x3f,
    delimiterType: 35,
    setType: 33,
  };
};

const adtsBytes = 7;
const maxAdtsFrame = 0x1fff;

/** AAC with an ADTS header. ISO/IEC 14496-3 1.A.2.2. @throws TypeError where that has no room for what the config says */
const adts = (config: Uint8Array): Repack => {
  const { profile, rateIndex, channels } = adtsFieldsOf(config);
  return ({ data }) => {
    const length = adtsBytes + data.length;
    if (length > maxAdtsFrame) return [];
    return [
      Uint8Array.of(
        0xff,
        0xf1,
        (profile << 6) | (rateIndex << 2) | (channels >> 2),
        ((channels & 3) << 6) | (length >> 11),
        (length >> 3) & 0xff,
        ((length & 7) << 5) | 0x1f,
        0xfc,
      ),
      data,
    ];
  };
};

/** What the core coder has; SBR is found by decoders themselves. */
const adtsFieldsOf = (config: Uint8Array): { profile: number; rateIndex: number; channels: number } => {
  const bits = new BitReader(config);
  const objectType = bits.bits(5);
  const rateIndex = bits.bits(4);
  if (rateIndex === 15) throw new TypeError("an AAC rate that is no usual one has no place in ADTS");
  const channels = bits.bits(4);
  let core = objectType;
  if (objectType === 5 || objectType === 29) {
    if (bits.bits(4) === 15) bits.skip(24);
    core = bits.bits(5);
  }
  if (core < 1 || core > 4 || channels === 0 || channels > 7)
    throw new TypeError(`AAC of type ${core} with channels ${channels} has no place in ADTS`);
  return { profile: core - 1, rateIndex, channels };
};

/** Opus with its control header. Opus in MPEG-TS, 4. */
const opus: Repack = ({ data }) => {
  const head = [0x7f, 0xe0];
  let left = data.length;
  for (; left >= 255; left -= 255) head.push(255);
  head.push(left);
  return [Uint8Array.from(head), data];
};

/** How samples of a track are written. @throws TypeError, WireError for one that cannot be */
export const repackOf = ({ description, config }: SampleTrack): Repack => {
  switch (description.codec) {
    case "H264":
      return annexB(avcRules(config));
    case "H265":
      return annexB(hevcRules(config));
    case "AAC":
      return adts(config);
    case "Opus":
      return opus;
    case "MP3":
    case "AC3":
      return ({ data }) => [data];
    default:
      throw new TypeError(`no place for ${description.codec} in a transport stream`);
  }
};
