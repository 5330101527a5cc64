import { parseStreamPath } from "../../base/stream-path.ts";
import { errorResponse } from "../error-response.ts";
import { json, jsonAnswer, jsonText } from "../resource.ts";
import { type RecordingObject, recordingSchema } from "./objects.ts";
import {
  type PlayableObject,
  playableSchema,
  type RecordingOverviewObject,
  recordingOverviewSchema,
} from "./own-objects.ts";
import { listText, pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import { nameOf } from "./paths.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";
import { moment, text } from "./schema.ts";

/** A time during which something was recorded without a gap, in Unix milliseconds. */
export interface RecordedSpan {
  readonly startMs: number;
  readonly durationMs: number;
}

/** What was recorded. */
export interface RecordingsPort {
  /** Paths of which there is at least one segment, in order. */
  names(): Promise<readonly string[]>;
  /** None where nothing was recorded. @throws ConfigError for a name that no path may have; RefusedError */
  get(name: string): Promise<RecordingObject>;
  /** The same in a few words. @throws as {@link get} */
  overview(name: string): Promise<RecordingOverviewObject>;
  /** What can be played of a path, the oldest first. @throws ConfigError for a name that no path may have; RefusedError */
  timespans(name: string): Promise<readonly RecordedSpan[]>;
  /** One of them, with an address that plays it. */
  playableOf(name: string, span: RecordedSpan): PlayableObject;
  /** Deletes the segment that begins at this moment, in RFC 3339. @throws ConfigError where there is none */
  deleteSegment(name: string, start: string): Promise<void>;
}

/** There may be many thousand segments. */
const textOf = async ({ name, segments }: RecordingObject): Promise<string> =>
  `{"name":${jsonText(name)},"segments":${await listText(segments, (segment) => segment)}}`;

/** `/v3/recordings/…` */
export const recordingRoutes = (recordings: RecordingsPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/recordings/list",
    summary: "lists what was recorded by path",
    query: pageParameters,
    answer: pageSchema(recordingSchema),
    refusals: [400],
    handle: async (_, { query }) => {
      const { items, itemCount, pageCount } = pageOf(query, await recordings.names());
      const texts: string[] = [];
      for (const name of items) texts.push(await textOf(await recordings.get(name)));
      return jsonAnswer(`{"itemCount":${itemCount},"pageCount":${pageCount},"items":[${texts.join(",")}]}`);
    },
  },
  {
    method: "GET",
    path: "/v3/recordings/get/{name...}",
    summary: "shows what was recorded of a path",
    answer: recordingSchema,
    refusals: [400, 404],
    handle: async (_, call) => jsonAnswer(await textOf(await recordings.get(nameOf(call)))),
  },
  {
    method: "GET",
    path: "/v3/recordings/overview",
    summary: "tells how much was recorded by path, without each segment",
    query: pageParameters,
    answer: pageSchema(recordingOverviewSchema),
    refusals: [400],
    handle: async (_, { query }) => {
      const { items, ...page } = pageOf(query, await recordings.names());
      return json({ ...page, items: await Promise.all(items.map((name) => recordings.overview(name))) });
    },
  },
  {
    method: "GET",
    path: "/v3/recordings/playable/{name...}",
    summary:
      "lists what can be played of a path, with addresses at the playback server for whoever may play it",
    query: pageParameters,
    answer: pageSchema(playableSchema),
    refusals: [400, 403, 404],
    handle: async (_, call) => {
      const name = nameOf(call);
      // Whoever gets an address needs to prove nothing more: so they have to be somebody who may.
      const refusal = await call.refusal({ action: "playback", path: parseStreamPath(name) });
      // They are known, and would prove once more who they are for nothing.
      if (refusal) return errorResponse(403, "this takes the permission playback for the path");
      const spans = (await recordings.timespans(name)).toReversed();
      return await pageAnswer(pageOf(call.query, spans), (span) => recordings.playableOf(name, span));
    },
  },
  {
    method: "DELETE",
    path: "/v3/recordings/deletesegment",
    summary: "deletes a segment of a recording",
    query: [
      { name: "path", description: "name of the path", schema: text, isRequired: true },
      { name: "start", description: "when it begins, as it is listed", schema: moment, isRequired: true },
    ],
    answer: okSchema,
    refusals: [400, 404],
    handle: async (_, { query }) => {
      const path = query.get("path") ?? "";
      if (path === "") return errorResponse(400, "invalid name");
      // Clients forget to escape the plus of an offset.
      await recordings.deleteSegment(path, (query.get("start") ?? "").replace(" ", "+"));
      return ok();
    },
  },
];
