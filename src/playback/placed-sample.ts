import type { SourceSample } from "./source.ts";

/** A frame with the place of its data in the file. */
export interface PlacedSample extends SourceSample {
  readonly position: number;
}

/** Reads the data of frames that lie near each other, with what lies between them left out. */
export const readPlaced = async (
  read: (from: number, to: number) => Promise<Uint8Array>,
  samples: readonly PlacedSample[],
): Promise<Uint8Array> => {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return new Uint8Array(0);
  const bytes = await read(first.position, last.position + last.size);
  const data = Buffer.allocUnsafe(samples.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const { position, size } of samples) {
    const from = position - first.position;
    data.set(bytes.subarray(from, from + size), at);
    at += size;
  }
  return data;
};
