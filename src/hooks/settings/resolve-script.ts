import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { printable } from "../../base/stream-path.ts";
import type { ScriptSettings } from "../script/script-settings.ts";
import type { Findings } from "./findings.ts";
import type { ScriptFile } from "./hook-file.ts";

/** How a script is run. `withheld` names variables it must not inherit. A script or directory that is not there is a fault. */
export const scriptSettingsOf = (
  file: ScriptFile,
  withheld: readonly string[],
  findings: Findings,
): ScriptSettings => {
  const path = resolve(file.script);
  checkScript(file.script, path, findings.within("script"));
  const cwd = file.cwd === undefined ? undefined : resolve(file.cwd);
  if (cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
    findings.within("cwd").fault(`${printable(file.cwd ?? "")} is no directory`);
  return {
    path,
    args: file.args ?? [],
    mode: file.mode ?? "oneshot",
    env: file.env ?? {},
    envMode: file.env_mode ?? "inherit",
    withheld,
    cwd,
    uid: file.uid,
    gid: file.gid,
  };
};

const checkScript = (given: string, path: string, findings: Findings): void => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    findings.fault(`${printable(given)} is no file, expected a script`);
    return;
  }
  try {
    accessSync(path, constants.R_OK);
  } catch {
    findings.fault(`${printable(given)} cannot be read, expected a script`);
  }
  if (process.platform !== "win32" && (stat.mode & 0o002) !== 0)
    findings.warn("hook script can be changed by anybody");
};
