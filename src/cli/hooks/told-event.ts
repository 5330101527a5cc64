import * as v from "valibot";
import { compileStreamPatterns, splitPatterns } from "../../hooks/filter/stream-pattern.ts";
import { plainText } from "./table.ts";

/** A line of `/hooks/events`: an event as far as it is shown, or how many were lost. */
const lineSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.object({ dropped: v.number() }),
    v.object({
      type: v.string(),
      timestamp: v.number(),
      conn_id: v.string(),
      stream_key: v.string(),
      data: v.record(v.string(), v.unknown()),
      time: v.optional(v.string()),
      severity: v.optional(v.string()),
    }),
  ]),
);

/** What a line of a server says. */
export type ToldEvent = Exclude<v.InferOutput<typeof lineSchema>, { dropped: number }>;

/** Reads a line; undefined for one that is neither an event nor a loss. */
export const readTold = (line: string): ToldEvent | { readonly dropped: number } | undefined => {
  const result = v.safeParse(lineSchema, line);
  return result.success ? result.output : undefined;
};

/**
 * Makes what tells which events are asked for. An event without a stream is none of a stream that is asked for.
 * @throws ConfigError for a pattern that cannot be used
 */
export const toldFilter = ({
  types,
  streams,
}: {
  types: readonly string[];
  streams: readonly string[];
}): ((event: ToldEvent) => boolean) => {
  const patterns = streams.flatMap(splitPatterns);
  const judge = patterns.length === 0 ? undefined : compileStreamPatterns(patterns);
  return ({ type, stream_key: key }) =>
    (types.length === 0 || types.includes(type)) && (!judge || (key !== "" && judge(key) === undefined));
};

/** Wide enough for most types, so that what follows stands in a column. */
const typeWidth = 18;

const valueText = (value: unknown): string => {
  const text = plainText(typeof value === "string" ? value : JSON.stringify(value));
  return text === "" || /[\s"=]/.test(text) ? JSON.stringify(text) : text;
};

const clockText = (time: Date): string => {
  const two = (number: number): string => String(number).padStart(2, "0");
  const ms = String(time.getMilliseconds()).padStart(3, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`;
};

/** An event in one line: local time, type, how bad it is where it is, stream, connection, and what it says. */
export const toldText = ({
  type,
  time,
  timestamp,
  severity,
  stream_key,
  conn_id,
  data,
}: ToldEvent): string => {
  const at = new Date(time ?? timestamp * 1_000);
  const isBad = severity !== undefined && severity !== "info" && severity !== "debug";
  const fields = Object.entries(data).map(([name, value]) => `${plainText(name)}=${valueText(value)}`);
  const words = [isBad ? severity.toUpperCase() : "", stream_key, conn_id].filter((word) => word !== "");
  const rest = [...words.map(plainText), ...fields].join(" ");
  return `${Number.isNaN(at.getTime()) ? "--:--:--.---" : clockText(at)}  ${plainText(type).padEnd(typeWidth)}  ${rest}`.trimEnd();
};
