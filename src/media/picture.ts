import { WireError } from "../base/errors.ts";

/** Width and height in pixels, as shown. */
export type PictureSize = { readonly width: number; readonly height: number };

/** Twice the side of an 8K picture. Nothing a live encoder makes is larger, and a lie must not size buffers. */
const maxSide = 16384;

/** The size, if a picture can have it. @throws WireError CODEC_CONFIG outside of 1 to 16384 */
export const pictureSize = (width: number, height: number): PictureSize => {
  if (!(width >= 1 && width <= maxSide && height >= 1 && height <= maxSide)) {
    throw new WireError("CODEC_CONFIG", `picture of ${width}x${height}, expected sides of 1 to ${maxSide}`);
  }
  return { width, height };
};

/**
 * Frames per second as a quotient, to 3 decimals. Undefined outside of 1 to 240: encoders leave nonsense there
 * (a clock rate, zero), and then the metadata or a measurement knows better.
 */
export const frameRateOf = (frames: number, seconds: number): number | undefined => {
  const rate = Math.round((frames / seconds) * 1000) / 1000;
  return rate >= 1 && rate <= 240 ? rate : undefined;
};

/** Ratios of luma to chroma samples and the spec's name by `chroma_format_idc`. H.264 spec table 6-1. */
const chromaFormats = [
  { name: "4:0:0", subWidth: 1, subHeight: 1 },
  { name: "4:2:0", subWidth: 2, subHeight: 2 },
  { name: "4:2:2", subWidth: 2, subHeight: 1 },
  { name: "4:4:4", subWidth: 1, subHeight: 1 },
] as const;

/** How the colour of a picture is sampled. */
export type ChromaFormat = (typeof chromaFormats)[number];

/** The format of a `chroma_format_idc`. @throws WireError CODEC_CONFIG outside of 0 to 3 */
export const chromaFormatOf = (idc: number): ChromaFormat => {
  const format = chromaFormats[idc];
  if (!format) throw new WireError("CODEC_CONFIG", `chroma format ${idc}, expected 0 to 3`);
  return format;
};
