/** What the first byte of a legacy audio tag says of its sound. FLV spec E.4.2.1. */
export interface SoundFormat {
  readonly sampleRate: number;
  /** Of a sample. */
  readonly bits: 8 | 16;
  readonly channels: 1 | 2;
}

const sampleRates = [5_512, 11_025, 22_050, 44_100] as const;

/** Reads the byte `format4 rate2 size1 stereo1`. It is to be believed for LPCM alone: other codecs say it better, or have no choice. */
export const readSoundFormat = (first: number): SoundFormat => ({
  sampleRate: sampleRates[(first >> 2) & 3] ?? sampleRates[0],
  bits: first & 2 ? 16 : 8,
  channels: first & 1 ? 2 : 1,
});
