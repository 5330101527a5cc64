import { codeOf } from "../../base/errors.ts";

const startFaults = ["ENOEXEC", "EACCES", "ENOENT", "ENOTDIR", "EPERM", "E2BIG", "EAGAIN", "ENOMEM"] as const;
/** Why a script could not be started, as the system says it. */
export type StartFault = (typeof startFaults)[number];

/**
 * What to run for `script` (an absolute path), as an argument list that no shell parses. A PowerShell script cannot be run
 * by itself on Windows.
 */
export const commandOf = (script: string, platform: NodeJS.Platform): readonly string[] =>
  platform === "win32" && script.toLowerCase().endsWith(".ps1")
    ? ["powershell.exe", "-ExecutionPolicy", "Bypass", "-File", script]
    : [script];

/** The shells that are tried, in order, for a script without a first line that names its program or without leave to run. */
export const shellCommandsOf = (script: string): readonly (readonly string[])[] =>
  ["/bin/bash", "/bin/sh"].map((shell) => [shell, script]);

/** The fault that `error`, thrown when a program was started, stands for; undefined when it is another one. */
export const startFaultOf = (error: unknown): StartFault | undefined => {
  const code = codeOf(error);
  return startFaults.find((fault) => fault === code);
};
