import { closeSync } from "node:fs";
import type { Clock } from "../../base/time.ts";
import { type Leader, ProcessGroup } from "../../process/process-group.ts";
import type { OutputFile } from "./output-file.ts";
import type { ProcessId, ProcessTable } from "./process-table.ts";

/** How a process ended: with a code, by a signal, or unseen, as it was nobody's child of ours. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** An exit in words. */
export const exitText = ({ code, signal }: Exit): string =>
  code !== null ? `code ${code}` : signal !== null ? `signal ${signal}` : "ended unseen";

/** A process that runs, with all it has started. */
export interface LivingProcess {
  readonly id: ProcessId;
  /** It was started by an orchestrator before this one. */
  readonly isAdopted: boolean;
  /** Resolves when it has ended, and what it has left in its group too. Never rejects. */
  readonly ended: Promise<Exit>;
  /** Asks its group to end, and kills what is left of it after its time. Later calls do nothing. */
  stop(): void;
}

/** What is to be started. */
export interface LaunchOrder {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where what it writes goes. */
  readonly output: OutputFile;
  /** How long it has to end itself once it is asked to, in milliseconds. */
  readonly graceMs: number;
}

/** A process that an orchestrator before this one has started. */
export interface Orphan {
  readonly id: ProcessId;
  /** The value of {@link launchVariable} in its environment. */
  readonly launch: string;
  /** As of a {@link LaunchOrder}. */
  readonly graceMs: number;
}

/** Starts processes and takes over those that run. */
export interface ProcessStarter {
  /** Starts one that outlives this process. Throws what the system says where it cannot be started. */
  start(order: LaunchOrder): LivingProcess;
  /** Takes over one. */
  adopt(orphan: Orphan): LivingProcess;
}

/** The variable by whose value all processes of one start are found. */
export const launchVariable = "ORCHESTRATOR_LAUNCH";

/** How often it is looked whether a process lives that is no child of this one, in milliseconds. */
const pollMs = 1_000;

/** Starts real processes. */
export class SystemStarter implements ProcessStarter {
  readonly #clock: Clock;
  readonly #table: ProcessTable;

  constructor({ clock, table }: { clock: Clock; table: ProcessTable }) {
    this.#clock = clock;
    this.#table = table;
  }

  start({ command, env, output, graceMs }: LaunchOrder): LivingProcess {
    const file = output.open();
    try {
      const child = Bun.spawn([...command], {
        env: { ...env },
        stdin: "ignore",
        stdout: file,
        stderr: file,
        // A session and a group of its own: what ends this process, or its terminal, does not end that one.
        detached: true,
      });
      // Who has ended already lives as a zombie until its end is heard of.
      const id = this.#table.identify(child.pid) ?? { pid: child.pid, startTime: -1, boot: "" };
      const exited = child.exited.then(
        (): Exit => ({
          code: child.exitCode,
          signal: child.signalCode === null ? null : String(child.signalCode),
        }),
      );
      return new LivingGroup(
        { id, isAdopted: false, exited, hasLeft: () => true },
        this.#group(child, graceMs),
      );
    } finally {
      closeSync(file);
    }
  }

  adopt({ id, launch, graceMs }: Orphan): LivingProcess {
    const gone = Promise.withResolvers<number>();
    const cancel = this.#clock.every(pollMs, () => {
      if (this.#table.isAlive(id)) return;
      cancel();
      gone.resolve(0);
    });
    const exited = gone.promise.then((): Exit => ({ code: null, signal: null }));
    // Its number may be another's by now.
    const hasLeft = (): boolean =>
      this.#table.withVariable(launchVariable, launch).some(({ group }) => group === id.pid);
    const leader = { pid: id.pid, exited: gone.promise, kill: () => undefined };
    return new LivingGroup({ id, isAdopted: true, exited, hasLeft }, this.#group(leader, graceMs));
  }

  #group(leader: Leader, graceMs: number): ProcessGroup {
    return new ProcessGroup(leader, { clock: this.#clock, graceMs });
  }
}

interface GroupFacts {
  readonly id: ProcessId;
  readonly isAdopted: boolean;
  readonly exited: Promise<Exit>;
  /** Whether the group may have others than its leader in it, once that has ended. */
  readonly hasLeft: () => boolean;
}

class LivingGroup implements LivingProcess {
  readonly id: ProcessId;
  readonly isAdopted: boolean;
  readonly ended: Promise<Exit>;
  readonly #group: ProcessGroup;
  #stopped: Promise<boolean> | undefined;

  constructor({ id, isAdopted, exited, hasLeft }: GroupFacts, group: ProcessGroup) {
    this.id = id;
    this.isAdopted = isAdopted;
    this.#group = group;
    this.ended = exited.then(async (exit) => {
      if (this.#stopped || hasLeft()) await (this.#stopped ?? group.stopAll());
      return exit;
    });
  }

  stop(): void {
    this.#stopped ??= this.#group.stopAll();
  }
}
