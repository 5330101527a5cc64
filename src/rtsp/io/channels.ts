import { interleavedPrefixSize } from "../message.ts";

/** For each track the channel that its packets are wanted on, undefined where they are not; reports about it go on the next one. */
export type Channels = readonly (number | undefined)[];

/** Where packets go that nobody asked to go elsewhere: track n on channel 2n. */
export const usualChannel = (track: number): number => 2 * track;

/** Whether these channels are the usual ones of all tracks. */
export const areUsual = (channels: Channels): boolean =>
  channels.every((channel, track) => channel === usualChannel(track));

/** One text for each choice. */
export const keyOfChannels = (channels: Channels): string =>
  channels.map((channel) => channel ?? "-").join(" ");

/** Interleaved packets on the usual channels as they are wanted: on others, or left out. The same bytes where nothing is to be changed. */
export const rechannelled = (bytes: Uint8Array, channels: Channels): Uint8Array => {
  if (areUsual(channels)) return bytes;
  const target = Buffer.allocUnsafeSlow(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const usual = bytes[at + 1] ?? 0;
    const end = at + interleavedPrefixSize + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
    const channel = channels[usual >> 1];
    if (channel !== undefined) {
      target.set(bytes.subarray(at, end), length);
      target[length + 1] = channel + (usual & 1);
      length += end - at;
    }
    at = end;
  }
  return target.subarray(0, length);
};
