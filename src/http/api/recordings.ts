import { errorResponse } from "../error-response.ts";
import { json } from "../resource.ts";
import { type RecordingObject, recordingSchema } from "./objects.ts";
import { pageOf, pageParameters, pageSchema } from "./page.ts";
import { nameOf } from "./paths.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";
import { moment, text } from "./schema.ts";

/** What was recorded. */
export interface RecordingsPort {
  /** Paths of which there is at least one segment, in order. */
  names(): Promise<readonly string[]>;
  /** None where nothing was recorded. @throws ConfigError for a name that no path may have; RefusedError */
  get(name: string): Promise<RecordingObject>;
  /** Deletes the segment that begins at this moment, in RFC 3339. @throws ConfigError where there is none */
  deleteSegment(name: string, start: string): Promise<void>;
}

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
      const { items, ...page } = pageOf(query, await recordings.names());
      return json({ ...page, items: await Promise.all(items.map((name) => recordings.get(name))) });
    },
  },
  {
    method: "GET",
    path: "/v3/recordings/get/{name...}",
    summary: "shows what was recorded of a path",
    answer: recordingSchema,
    refusals: [400, 404],
    handle: async (_, call) => json(await recordings.get(nameOf(call))),
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
