/** What is known of a stream while it plays. */
export interface Facts {
  readonly width: number;
  readonly height: number;
  /** How far the picture is behind what has arrived, in seconds; undefined where that cannot be told. */
  readonly delaySeconds: number | undefined;
  /** What arrives, in kbit/s; undefined where that is not known. */
  readonly kbps: number | undefined;
}

/** One line of them. */
export const factsText = ({ width, height, delaySeconds, kbps }: Facts): string =>
  [
    width > 0 && height > 0 ? `${width}×${height}` : "sound only",
    delaySeconds === undefined ? "" : `${Math.max(0, delaySeconds).toFixed(1)} s behind`,
    kbps === undefined ? "" : rateText(kbps),
  ]
    .filter((part) => part !== "")
    .join(" · ");

const rateText = (kbps: number): string =>
  kbps >= 1_000 ? `${(kbps / 1_000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`;
