/** How a script is run: once per event, or once for all events, which it reads from standard input line by line. */
export const scriptModes = ["oneshot", "stream"] as const;
/** One of them. */
export type ScriptMode = (typeof scriptModes)[number];

/** What a script sees of the server's environment. */
export const environmentModes = ["inherit", "clean"] as const;
/** One of them. */
export type EnvironmentMode = (typeof environmentModes)[number];

/** A script as it was asked for. */
export interface ScriptSettings {
  /** Absolute path. */
  readonly path: string;
  readonly args: readonly string[];
  readonly mode: ScriptMode;
  /** Added to what it inherits. */
  readonly env: Readonly<Record<string, string>>;
  readonly envMode: EnvironmentMode;
  /** Names of variables that hold our own secrets: never inherited. */
  readonly withheld: readonly string[];
  readonly cwd: string | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}
