import type { StreamUrls } from "../model/address.ts";

/** Something that plays a stream in a video element. */
export interface Engine {
  /** How far the picture is behind what has arrived, in seconds; undefined where that cannot be told. */
  readonly delaySeconds: number | undefined;
  /** What arrives, in kbit/s; undefined while that is not known. */
  readonly kbps: number | undefined;
  /** Stops, and leaves the element empty. */
  close(): void;
}

/** What an engine is made for. */
export interface EngineOrder {
  readonly video: HTMLVideoElement;
  readonly urls: StreamUrls;
  /** What requests have to carry; undefined for nothing. */
  readonly authorization: string | undefined;
  /** The stream is over, or cannot be played this way: called once. */
  readonly over: () => void;
}

/** How far the element's picture is behind the end of what it holds, in seconds. */
export const bufferedAhead = ({ buffered, currentTime }: HTMLVideoElement): number | undefined =>
  buffered.length === 0 ? undefined : buffered.end(buffered.length - 1) - currentTime;

/** Empties an element, so that it asks for nothing any more. */
export const clear = (video: HTMLVideoElement): void => {
  video.removeAttribute("src");
  video.load();
};
