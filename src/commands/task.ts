import type { LogFields } from "../base/log.ts";
import type { Variables } from "./variables.ts";

/** A command that is to be run. */
export interface Task {
  /** The key of the configuration it stands behind: `runOnAvailable`. */
  readonly name: string;
  /** What stands there. */
  readonly line: string;
  /** Start it again when it ends by itself. */
  readonly restarts: boolean;
  readonly variables: Variables;
  /** What it is about, for the log. */
  readonly fields: LogFields;
  /** What may not be in the log if it writes it; queries hold credentials. */
  readonly secrets: readonly string[];
}

/** A command that goes on until it is stopped. */
export interface Running {
  /** Ends it, without waiting. `reason` goes to the log. Later calls do nothing. */
  stop(reason?: string): void;
}

/** Runs commands. Nothing throws: what cannot be started is a line in the log. */
export interface Starter {
  /** Starts one that goes on until it is stopped. */
  start(task: Task): Running;
  /** Starts one that ends by itself, and forgets it. */
  launch(task: Task): void;
}

/** Ends what was begun; later calls do nothing. */
export type End = () => void;

/**
 * Starts the command of something that begins, and gives what stops it and launches the command of its end. A task without a line
 * is none; undefined where both are none.
 */
export const begin = (starter: Starter, opening: Task, closing?: Task): End | undefined => {
  const hasClosing = closing !== undefined && closing.line !== "";
  if (opening.line === "" && !hasClosing) return undefined;
  const running = opening.line === "" ? undefined : starter.start(opening);
  return () => {
    running?.stop();
    if (hasClosing) starter.launch(closing);
  };
};
