/** How a line is drawn. */
export interface SparklineSize {
  readonly width: number;
  readonly height: number;
  /** Values that fit into the width; with fewer of them the line begins further right. */
  readonly values: number;
}

/** Values as the points of an SVG polyline, the newest at the right; 0 is at the bottom, the greatest at the top. */
export const sparklinePoints = (
  values: readonly number[],
  { width, height, values: fits }: SparklineSize,
): string => {
  const shown = values.slice(-fits);
  const most = Math.max(...shown, 0);
  const step = width / (fits - 1);
  const left = width - (shown.length - 1) * step;
  return shown
    .map((value, index) => {
      // Half a pixel from the edges, so that the line is not cut.
      const y = most > 0 ? 0.5 + (1 - value / most) * (height - 1) : height - 0.5;
      return `${(left + index * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
};
