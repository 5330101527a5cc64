import type { ObjectStore } from "../archive/object-store.ts";
import { Pace } from "../archive/pace.ts";
import type { Recordings } from "../archive/recordings.ts";
import type { Timespan } from "../archive/timespans.ts";
import { RefusedError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { parseStreamPath, printable, type StreamPath } from "../base/stream-path.ts";
import { errorResponse } from "../http/error-response.ts";
import { type Call, type Handler, jsonAnswer, jsonText, type Resource } from "../http/resource.ts";
import { formatStart, parseStart } from "../record/segment-time.ts";
import { videoResponse } from "./body.ts";
import { layOut, type Wanted } from "./excerpt.ts";
import { parsePlayDuration } from "./go-duration.ts";
import type { PlaybackTickets } from "./tickets.ts";

/** What the playback server shows. */
export interface PlaybackParts {
  readonly recordings: Recordings;
  /** Who need not prove anything else. */
  readonly tickets: PlaybackTickets;
  /** Has what is not on this machine. */
  readonly store: ObjectStore;
  readonly log: Logger;
}

/** A part of what was recorded, and where the playback server gives it to whoever asks: a path with a query. */
export interface Playable {
  readonly start: string;
  /** In seconds. */
  readonly duration: number;
  readonly location: string;
}

/** A part of what was recorded of a path, with a ticket for it. */
export const playableOf = (about: {
  readonly path: StreamPath;
  readonly span: Timespan;
  readonly tickets: PlaybackTickets;
}): Playable => {
  const { path, span, tickets } = about;
  const { start, duration } = partOf(span);
  const part = { duration: String(duration), path, start };
  const query = new URLSearchParams({ ...part, ticket: tickets.issue(part) });
  return { start, duration, location: `/get?${query}` };
};

/** A request about a path. */
interface Asked {
  readonly request: Request;
  readonly call: Call;
  readonly path: StreamPath;
}

/** While a body is sent, its answer may take so many seconds longer. */
const patienceSeconds = 60;

/**
 * `/list` and `/get`: what was recorded, and a part of it as MP4. Who may is asked with the path that it is about, so the resources stand
 * unguarded otherwise.
 */
export const playbackResources = (parts: PlaybackParts): readonly Resource[] => [
  {
    path: "/list",
    isUnguarded: true,
    methods: {
      GET: forPath({
        refusal: askAccess,
        handle: (request, call, path) => list(parts, { request, call, path }),
      }),
    },
  },
  {
    path: "/get",
    isUnguarded: true,
    methods: {
      GET: forPath({
        refusal: async (call, path) =>
          parts.tickets.admits(call.query) ? undefined : await askAccess(call, path),
        handle: (request, call, path) => get(parts, { request, call, path }),
      }),
    },
  },
];

/** What is done for a path, and who asks whether it may be. */
interface PathHandler {
  readonly refusal: (call: Call, path: StreamPath) => Promise<Response | undefined>;
  readonly handle: (request: Request, call: Call, path: StreamPath) => Promise<Response>;
}

const askAccess: PathHandler["refusal"] = (call, path) => call.refusal({ action: "playback", path });

/** The path of a query is checked, then whether the client may; a path that is not configured is a bad request here. */
const forPath =
  ({ refusal: refusalOf, handle }: PathHandler): Handler =>
  async (request, call) => {
    const name = call.query.get("path") ?? "";
    const path = nameOf(name);
    if (!path) return errorResponse(400, `invalid path: ${printable(name)}`);
    const refusal = await refusalOf(call, path);
    if (refusal) return refusal;
    try {
      return await handle(request, call, path);
    } catch (error) {
      if (error instanceof RefusedError && error.code === "PATH_NOT_CONFIGURED")
        return errorResponse(400, error.message);
      throw error;
    }
  };

const nameOf = (name: string): StreamPath | undefined => {
  try {
    const path = parseStreamPath(name);
    return path === name ? path : undefined;
  } catch (error) {
    if (error instanceof RefusedError) return undefined;
    throw error;
  }
};

const nothingFound = (): Response => errorResponse(404, "no recording segments found");

const list = async ({ recordings }: PlaybackParts, asked: Asked): Promise<Response> => {
  const { call, path } = asked;
  const [fromMs, toMs] = ["start", "end"].map((key) => momentOf(call.query, key));
  const spans = await recordings.timespans(path, { fromMs, toMs });
  if (spans.length === 0) return nothingFound();
  // A recording that was cut a hundred thousand times has as many spans, and media do not wait for them.
  const pace = new Pace();
  const texts: string[] = [];
  for (const span of spans) {
    texts.push(jsonText(entryOf(span, asked)));
    await pace.step();
  }
  return jsonAnswer(`[${texts.join(",")}]`);
};

/** Milliseconds with a fraction; undefined where the query does not say. @throws RefusedError BAD_TIME */
const momentOf = (query: URLSearchParams, key: string): number | undefined => {
  const text = query.get(key);
  return text === null || text === "" ? undefined : parseStart(text) / 1_000;
};

const partOf = ({ startMs, durationMs }: Timespan): Pick<Playable, "start" | "duration"> => ({
  start: formatStart(Math.round(startMs * 1_000)),
  duration: Math.round(durationMs * 1_000) / 1e6,
});

const entryOf = (span: Timespan, { request, call, path }: Asked): unknown => {
  const { start, duration } = partOf(span);
  const query = new URLSearchParams({ duration: String(duration), path, start });
  const host = request.headers.get("Host") ?? "";
  return { start, duration, url: `${call.scheme}://${host}/get?${query}` };
};

const get = async (
  { recordings, store, log }: PlaybackParts,
  { request, call, path }: Asked,
): Promise<Response> => {
  const wanted = wantedOf(call.query);
  if (wanted instanceof Response) return wanted;
  const { startMs, durationMs } = wanted;
  const segments = await recordings.playable(path, startMs, startMs + durationMs);
  const excerpt = await layOut(segments, wanted, { recordings, store });
  call.extend(patienceSeconds);
  return videoResponse(excerpt, request.headers.get("Range"), {
    log,
    // For links of web pages: of what comes from another origin, a page cannot say that it is to be kept.
    fileName: call.query.get("download") ? fileNameOf(path, call.query.get("start") ?? "") : undefined,
    signal: request.signal,
    extend: () => call.extend(patienceSeconds),
  });
};

/** `live_test_2026-01-31T12-00-00.mp4` */
const fileNameOf = (path: StreamPath, start: string): string =>
  `${path}_${start.replace(/\.\d+/, "").replace(/[-+]\d\d:\d\d$|Z$/, "")}.mp4`.replace(/[/:]/g, (letter) =>
    letter === "/" ? "_" : "-",
  );

/** What a query asks for, or what is wrong with it. @throws RefusedError BAD_TIME */
const wantedOf = (query: URLSearchParams): Wanted | Response => {
  const startMs = parseStart(query.get("start") ?? "") / 1_000;
  const durationMs = parsePlayDuration(query.get("duration") ?? "");
  const format = query.get("format") || "fmp4";
  const gaps = query.get("gaps") || "stop";
  if (format !== "fmp4" && format !== "mp4")
    return errorResponse(400, `invalid format: ${printable(format)}, expected fmp4 or mp4`);
  if (gaps !== "stop" && gaps !== "skip")
    return errorResponse(400, `invalid gaps: ${printable(gaps)}, expected stop or skip`);
  return { startMs, durationMs, format, gaps };
};
