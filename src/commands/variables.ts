import { groupVariables } from "../base/stream-path.ts";
import type { FoundPath } from "../config/server/path-lookup.ts";
import { kindOfPath } from "../config/server/path-name.ts";
import type { Peer } from "../stream/event.ts";

/** Variables of a command, by name. */
export type Variables = Readonly<Record<string, string>>;

/** The variables of every command: the port of RTSP, whether it is on or not; empty where the address has none. */
export const commonVariables = ({ rtspAddress }: { rtspAddress: string }): Variables => ({
  RTSP_PORT: /:(\d+)$/.exec(rtspAddress)?.[1] ?? "",
});

/**
 * The variables of every command of a path: its name, and what the groups of the regular expression took by which it was found.
 * `RTSP_PATH` is what old scripts read.
 */
export const pathVariables = (path: string, { conf, groups }: FoundPath): Variables => {
  const taken = kindOfPath(conf.name) === "regex" ? groups : [];
  return { MTX_PATH: path, RTSP_PATH: path, ...groupVariables(taken) };
};

/**
 * A query, percent-encoded once more as a whole, so that nothing in it means anything to a shell: `a=b&c=d` is `a%3Db%26c%3Dd`,
 * a blank is `+`.
 */
export const queryVariable = (query: string): Variables => ({ MTX_QUERY: encodeQuery(query) });

/** See {@link queryVariable}. */
export const encodeQuery = (query: string): string =>
  encodeURIComponent(query.toWellFormed())
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");

/** Who feeds a stream. */
export const sourceVariables = ({ kind, id }: Peer): Variables => ({
  MTX_SOURCE_TYPE: kind,
  MTX_SOURCE_ID: id,
});

/** Who reads a stream. */
export const readerVariables = ({ kind, id }: Peer): Variables => ({
  MTX_READER_TYPE: kind,
  MTX_READER_ID: id,
});

/** A segment of a recording. Its length is in seconds, with as few decimals as will do: `3`, `12.345`. */
export const segmentVariables = (file: string, durationMs?: number): Variables => ({
  MTX_SEGMENT_PATH: file,
  ...(durationMs === undefined ? {} : { MTX_SEGMENT_DURATION: String(Math.round(durationMs) / 1000) }),
});
