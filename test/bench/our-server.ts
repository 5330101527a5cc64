import { resolve } from "node:path";
import type { Target } from "./target.ts";

/**
 * A build of this server as a target: `path` is an executable or a TypeScript entry, which runs on the Bun that
 * runs the benchmark. `flags` are added to its command line.
 */
export const ourServer = (name: string, path: string, flags: readonly string[] = []): Target => {
  const entry = resolve(path);
  const program = entry.endsWith(".ts") ? [process.execPath, entry] : [entry];
  return {
    name,
    command: ({ port }) => [...program, "--listen", `127.0.0.1:${port}`, "--log-level", "error", ...flags],
  };
};
