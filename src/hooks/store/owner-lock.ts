import { DirectoryLock } from "../../sqlite/directory-lock.ts";

/**
 * Takes the right to deliver what lies in a directory. Command lines that only look, or send dead letters again, do not need it.
 * @throws ConfigError where the directory cannot be made or written, or another process has it
 */
export const takeOwnership = (directory: string): DirectoryLock =>
  DirectoryLock.take(directory, { file: "hooks.lock", owner: "server", contents: "events" });
