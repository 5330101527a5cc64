import { sparklinePoints } from "../model/sparkline.ts";

const size = { width: 88, height: 20, values: 60 };

/** The last minute of a rate as a small line. What it is the column says; its number stands beside it. */
export const Sparkline = ({ values }: { readonly values: readonly number[] }) => (
  <svg class="sparkline" width={size.width} height={size.height} aria-hidden="true">
    <polyline points={sparklinePoints(values, size)} />
  </svg>
);
