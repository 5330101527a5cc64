import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pinning } from "./pinning.ts";
import { openFileLimit, processTree } from "./process-usage.ts";

/** A server that can be measured. */
export interface Target {
  /** The heading of its column. */
  readonly name: string;
  /** Its command line, listening on 127.0.0.1:`port`; it may write files into `directory`, which is its alone. */
  readonly command: (place: { readonly port: number; readonly directory: string }) => readonly string[];
}

/** What all runs of one benchmark share. */
export interface Bench {
  readonly loadProgram: string;
  readonly pinning: Pinning;
  /** Most bytes of a TCP segment between server and load. */
  readonly segmentBytes: number;
  /** Ends every child at once. */
  readonly signal: AbortSignal;
}

const startDeadlineMs = 10_000;
const stopDeadlineMs = 5_000;
/** No server outlives this, whatever happens to the harness. */
const longestRunMs = 600_000;

/** A running server. Dispose of it to stop it and to remove its directory. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** Where it may write files. */
  readonly directory: string;
}

/** A port that nobody listens on at this moment. */
export const freePort = (): number => {
  using listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  return listener.port;
};

const accepts = async (port: number): Promise<boolean> => {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
    socket.end();
    return true;
  } catch {
    return false;
  }
};

const stop = async (child: Bun.Subprocess): Promise<void> => {
  const family = processTree(child.pid);
  child.kill("SIGTERM");
  const ended = await Promise.race([
    child.exited.then(() => true),
    Bun.sleep(stopDeadlineMs).then(() => false),
  ]);
  if (ended) return;
  for (const pid of family) process.kill(pid, "SIGKILL");
  await child.exited;
};

/**
 * Starts `target` on a free port and waits until it accepts.
 * @throws Error when it ends or does not listen in time, or may not open `connections` files
 */
export const startServer = async (
  bench: Bench,
  target: Target,
  connections: number,
): Promise<RunningServer> => {
  const directory = mkdtempSync(join(tmpdir(), "relay-bench-"));
  const log = join(directory, "output.log");
  const port = freePort();
  const child = Bun.spawn([...bench.pinning.server, ...target.command({ port, directory })], {
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(join(directory, "errors.log")),
    cwd: directory,
    signal: bench.signal,
    timeout: longestRunMs,
  });
  const server = {
    pid: child.pid,
    port,
    directory,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await stop(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  const fail = async (what: string): Promise<never> => {
    const said = await Bun.file(join(directory, "errors.log")).text();
    await server[Symbol.asyncDispose]();
    throw new Error(`${target.name}: ${what}\n${said.trim()}`);
  };
  const deadline = performance.now() + startDeadlineMs;
  while (!(await accepts(port))) {
    if (child.exitCode !== null) return fail(`exit code ${child.exitCode} instead of listening`);
    if (performance.now() > deadline)
      return fail(`not listening on port ${port} after ${startDeadlineMs} ms`);
    await Bun.sleep(20);
  }
  const files = openFileLimit(child.pid);
  if (files < connections + 64) {
    return fail(
      `may open ${files} files, ${connections} connections need more: raise the hard limit (ulimit -Hn)`,
    );
  }
  return server;
};
