import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { clockText } from "../model/units.ts";

/** A line of a plot. */
export interface Series {
  readonly label: string;
  /** The newest last, a second apart. */
  readonly values: readonly number[];
  /** A colour of the theme, by its name. */
  readonly color: "accent" | "good";
}

/** What a {@link Plot} shows. */
export interface PlotProps {
  readonly title: string;
  readonly series: readonly Series[];
  /** How a value is written. */
  readonly textOf: (value: number) => string;
  /** When the newest value was taken, in Unix milliseconds. */
  readonly until: number;
}

const height = 170;
const axisWidth = 76;

/** Rates over time. */
export const Plot = (props: PlotProps) => {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const root = frame.current;
    if (!root) return;
    let isOver = false;
    const draw = async (): Promise<void> => {
      const { default: UPlot } = await import("uplot");
      if (isOver) return;
      plot.current?.destroy();
      plot.current = new UPlot(optionsOf(root, latest.current), dataOf(latest.current), root);
    };
    void draw();
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: root.clientWidth, height }));
    sizes.observe(root);
    // What is drawn does not follow the theme by itself.
    const theme = matchMedia("(prefers-color-scheme: dark)");
    theme.addEventListener("change", draw);
    return () => {
      isOver = true;
      sizes.disconnect();
      theme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.setData(dataOf(props)));
  return (
    <figure class="plot">
      <figcaption>
        {props.title}
        {props.series.map(({ label, values, color }) => (
          <span key={label} class={`legend ${color}`}>
            {label} {props.textOf(values.at(-1) ?? 0)}
          </span>
        ))}
      </figcaption>
      <div ref={frame} />
    </figure>
  );
};

const dataOf = ({ series, until }: PlotProps): uPlot.AlignedData => {
  const length = Math.max(0, ...series.map(({ values }) => values.length));
  const times = Array.from({ length }, (_, index) => until / 1_000 - (length - 1 - index));
  return [times, ...series.map(({ values }) => [...values])];
};

const optionsOf = (root: HTMLElement, { series, textOf }: PlotProps): uPlot.Options => {
  const [line, faint] = ["line", "faint"].map((name) => colorOf(root, name)) as [string, string];
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: faint, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  return {
    width: root.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [
      { ...axis, values: (_, splits) => splits.map((seconds) => clockText(seconds * 1_000)) },
      { ...axis, size: axisWidth, values: (_, splits) => splits.map((value) => textOf(value)) },
    ],
    series: [
      {},
      ...series.map(({ label, color }) => ({
        label,
        stroke: colorOf(root, color),
        width: 1.5,
        points: { show: false },
      })),
    ],
  };
};

/** A colour of the theme as it is now: a canvas knows nothing of variables. */
const colorOf = (root: HTMLElement, name: string): string => {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  root.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};
