import { setTimeout as sleep } from "node:timers/promises";
import type { FoundProcess, ProcessTable } from "../orchestrator/process/process-table.ts";

/** The variable that all processes of a set-up have, workers and what they start too: its value is the directory of the set-up. */
export const setUpVariable = "RTMP_SERVER_DEV";

/** Who asked to end has this long, in milliseconds. */
const graceMs = 3_000;

const pollMs = 50;

/** All processes of the set-up in a directory, this one aside. */
export const processesOf = (directory: string, table: ProcessTable): readonly FoundProcess[] =>
  table.withVariable(setUpVariable, directory).filter(({ id }) => id.pid !== process.pid);

const signal = (found: readonly FoundProcess[], name: NodeJS.Signals): void => {
  for (const { id } of found) {
    try {
      process.kill(id.pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
};

/** Ends whoever is left of the set-up in a directory, and gives how many they were. With `isHasty` nobody is asked first. */
export const endLeftovers = async (
  directory: string,
  table: ProcessTable,
  { isHasty = false }: { isHasty?: boolean } = {},
): Promise<number> => {
  const found = processesOf(directory, table);
  if (found.length === 0) return 0;
  if (!isHasty) {
    signal(found, "SIGTERM");
    for (let waited = 0; waited < graceMs && processesOf(directory, table).length > 0; waited += pollMs)
      await sleep(pollMs);
  }
  signal(processesOf(directory, table), "SIGKILL");
  return found.length;
};
