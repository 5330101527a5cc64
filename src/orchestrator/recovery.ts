import type { Logger } from "../base/log.ts";
import { instanceVariable } from "./child-environment.ts";
import type { House } from "./house.ts";
import { launchVariable } from "./process/living-process.ts";
import type { FoundProcess, ProcessId, ProcessTable } from "./process/process-table.ts";
import type { Launch } from "./store/state-store.ts";

/** A process that an orchestrator before this one has started, and that runs. */
export interface Survivor {
  readonly launch: Launch;
  readonly process: ProcessId;
}

/**
 * Finds the processes that an orchestrator before this one has left, by what it has kept and by a mark in their environment: that one
 * may have ended between the start of a process and its note. Whoever belongs to no start that is known, or has lost its leader, is
 * killed. Starts without a process are forgotten.
 */
export const survivorsOf = (house: House, table: ProcessTable): Survivor[] => {
  const { store, log } = house;
  const marked = table.withVariable(instanceVariable, store.instance);
  const survivors: Survivor[] = [];
  for (const launch of store.launches()) {
    const process = processOf(launch, { marked, table });
    if (!process) {
      store.endLaunch(launch.launch);
      continue;
    }
    if (!launch.process) store.noteProcess(launch.launch, process);
    survivors.push({ launch, process });
  }
  killStrays({ marked, known: new Set(survivors.map(({ launch }) => launch.launch)), table, log });
  return survivors;
};

/** Kills marked processes that belong to no start that is known: such as have left the group of a worker that is no more. */
export const killStrays = ({
  marked,
  known,
  table,
  log,
}: {
  readonly marked: readonly FoundProcess[];
  /** Names of starts. */
  readonly known: ReadonlySet<string>;
  readonly table: ProcessTable;
  readonly log: Logger;
}): void => {
  for (const { id, environment } of marked) {
    if (known.has(environment[launchVariable] ?? "")) continue;
    const { ORCHESTRATOR_STREAM: streamId } = environment;
    log.warn("a process that belongs to nothing is killed", { pid: id.pid, streamId });
    table.kill(id);
  }
};

const processOf = (
  { launch, process }: Launch,
  { marked, table }: { marked: readonly FoundProcess[]; table: ProcessTable },
): ProcessId | undefined => {
  if (process) return table.isAlive(process) ? process : undefined;
  // Whoever was started by the process itself has the mark too, but leads no group.
  return marked.find(
    ({ id, group, environment }) => id.pid === group && environment[launchVariable] === launch,
  )?.id;
};
