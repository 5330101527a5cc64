import { readFileSync } from "node:fs";

/** Which cores the server and the load run on, so that neither takes time from the other. */
export interface Pinning {
  /** Put before the command line of the server. */
  readonly server: readonly string[];
  /** Put before the command line of a load generator. */
  readonly load: readonly string[];
  /** The core of the server; undefined when nothing is pinned. */
  readonly serverCore: number | undefined;
  /** What was done, for the reader of the figures. */
  readonly note: string;
}

/** Cores this process may use: `0-3,8` becomes 0, 1, 2, 3, 8. */
const allowedCores = (): readonly number[] => {
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
};

const unpinned = (why: string): Pinning => ({
  server: [],
  load: [],
  serverCore: undefined,
  note: `not pinned (${why}): server and load share the cores, compare with care`,
});

/** Pins the server to the first core and the load to the second, where taskset and two cores are there. */
export const choosePinning = (): Pinning => {
  const taskset = Bun.which("taskset");
  if (!taskset) return unpinned("no taskset");
  const [serverCore, loadCore] = allowedCores();
  if (serverCore === undefined || loadCore === undefined) return unpinned("one core");
  Bun.spawnSync([taskset, "-apc", String(loadCore), String(process.pid)]);
  return {
    server: [taskset, "-c", String(serverCore)],
    load: [taskset, "-c", String(loadCore)],
    serverCore,
    note: `server pinned to core ${serverCore}; load and this harness to core ${loadCore}`,
  };
};
