import { join } from "node:path";

const program = join(import.meta.dir, "../../../src/main.ts");

/** Starts `rtmp-server hooks …` from source. */
export const start = (args: readonly string[]) =>
  Bun.spawn([process.execPath, program, "hooks", ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });

/** Runs it, and waits for its end without stopping this thread, which may be the server that it asks. */
export const run = async (...args: readonly string[]) => {
  const child = start(args);
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
};
