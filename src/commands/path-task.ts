import type { FoundPath } from "../config/server/path-lookup.ts";
import type { PathConfig } from "../config/server/path-section.ts";
import type { Task } from "./task.ts";
import { commonVariables, encodeQuery, pathVariables, queryVariable, type Variables } from "./variables.ts";

/** The keys of a path that hold commands. */
export type PathCommandName = Extract<
  {
    [Key in keyof PathConfig]: Key extends `runOn${string}`
      ? PathConfig[Key] extends string
        ? Key
        : never
      : never;
  }[keyof PathConfig],
  string
>;

/** What the commands of paths need to know: where RTSP is, and what holds for a path. */
export interface PathLookup {
  readonly config: () => { readonly rtspAddress: string; readonly republishGrace: number };
  readonly find: (path: string) => FoundPath | undefined;
}

/** What a command is about beside its path. */
export interface PathTaskDetails {
  /** The query of whoever is the reason; undefined for commands that are told none. */
  readonly query?: string;
  readonly variables?: Variables;
}

/** The task of one command of `path`; its line is empty where none is configured. */
export const pathTask = (
  name: PathCommandName,
  {
    path,
    found,
    rtspAddress,
    query,
    variables = {},
  }: { path: string; found: FoundPath; rtspAddress: string } & PathTaskDetails,
): Task => ({
  name,
  line: found.conf[name],
  restarts: restartOf(found.conf, name),
  variables: {
    ...commonVariables({ rtspAddress }),
    ...pathVariables(path, found),
    ...(query === undefined ? {} : queryVariable(query)),
    ...variables,
  },
  fields: { stream_key: path },
  secrets: query ? [query, encodeQuery(query)] : [],
});

const restartOf = (conf: PathConfig, name: PathCommandName): boolean => {
  switch (name) {
    case "runOnInit":
      return conf.runOnInitRestart;
    case "runOnDemand":
      return conf.runOnDemandRestart;
    case "runOnAvailable":
      return conf.runOnAvailableRestart;
    case "runOnOnline":
      return conf.runOnOnlineRestart;
    case "runOnRead":
      return conf.runOnReadRestart;
    default:
      return false;
  }
};
