import { ConfigError } from "../../base/errors.ts";
import { errorResponse } from "../error-response.ts";
import { type Call, json } from "../resource.ts";
import { type PathObject, pathSchema } from "./objects.ts";
import { pageAnswer, pageOf, pageParameters, pageSchema } from "./page.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";

/** Paths at this moment. */
export interface PathsPort {
  /** Names of all there are, in order. */
  names(): readonly string[];
  /** Undefined where there is none of that name. */
  find(name: string): PathObject | undefined;
  /** Takes the path away from its publisher. False where it has none. */
  kick(name: string): boolean;
}

/** Begins and ends the recording of a path whatever its configuration says, and whether it is configured by name or not. */
export interface RecordingSwitchPort {
  /** @throws RefusedError PATH_NOT_CONFIGURED; ConfigError */
  setRecording(name: string, isOn: boolean): void | Promise<void>;
}

/** The name that the rest of the URL's path is. @throws ConfigError where it is empty */
export const nameOf = ({ name }: Call): string => {
  if (name === "") throw new ConfigError("invalid name");
  return name;
};

/** `/v3/paths/…`: what is published, read or configured by name. */
export const pathRoutes = (paths: PathsPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/paths/list",
    summary: "lists paths by name",
    query: pageParameters,
    answer: pageSchema(pathSchema),
    refusals: [400],
    handle: (_, { query }) => pageAnswer(pageOf(query, paths.names()), (name) => paths.find(name)),
  },
  {
    method: "GET",
    path: "/v3/paths/get/{name...}",
    summary: "shows a path",
    answer: pathSchema,
    refusals: [400, 404],
    handle: (_, call) => {
      const path = paths.find(nameOf(call));
      return path ? json(path) : errorResponse(404, "path not found");
    },
  },
  {
    method: "POST",
    path: "/v3/paths/kick/{name...}",
    summary: "disconnects the publisher of a path",
    answer: okSchema,
    refusals: [400, 404],
    handle: (_, call) =>
      paths.kick(nameOf(call)) ? ok() : errorResponse(404, "path not found, or nobody publishes it"),
  },
];

/** `/v3/paths/record/…`: recording begins and ends on demand. */
export const recordingSwitchRoutes = (recordings: RecordingSwitchPort): readonly ApiRoute[] =>
  (["start", "stop"] as const).map((verb) => ({
    method: "POST",
    path: `/v3/paths/record/${verb}/{name...}`,
    summary: `${verb}s recording a path`,
    answer: okSchema,
    refusals: [400, 404],
    handle: async (_, call) => {
      await recordings.setRecording(nameOf(call), verb === "start");
      return ok();
    },
  }));
