import { readdirSync, readFileSync } from "node:fs";

/** What tells a process from all others, those before and after it with the same number too. */
export interface ProcessId {
  readonly pid: number;
  /** When it began, in ticks since the machine was started. */
  readonly startTime: number;
  /** Which start of the machine that was. */
  readonly boot: string;
}

/** A process that was found by its variables. */
export interface FoundProcess {
  readonly id: ProcessId;
  /** The number of its group: that of its leader. */
  readonly group: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the system knows of processes. */
export interface ProcessTable {
  /** Who has this number now; undefined where nobody lives under it. */
  identify(pid: number): ProcessId | undefined;
  /** Whether this very process lives. */
  isAlive(id: ProcessId): boolean;
  /** All living processes in whose environment a variable has this value. Takes a millisecond for some hundred processes. */
  withVariable(name: string, value: string): readonly FoundProcess[];
  /** Kills this very process, where it lives. */
  kill(id: ProcessId): void;
}

interface Stat {
  readonly state: string;
  readonly group: number;
  readonly startTime: number;
}

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Nobody, or nobody of ours.
    return undefined;
  }
};

/** The name stands in parentheses, and may hold anything. */
const statOf = (pid: number): Stat | undefined => {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.substring(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", group: Number(fields[2]), startTime: Number(fields[19]) };
};

/** Who has ended and is not fetched by its parent does not live. */
const isLiving = ({ state }: Stat): boolean => state !== "Z" && state !== "X";

const environmentOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split("\0").flatMap((pair): [string, string][] => {
      const at = pair.indexOf("=");
      return at > 0 ? [[pair.substring(0, at), pair.substring(at + 1)]] : [];
    }),
  );

/** The table of Linux, `/proc`. */
export class LinuxProcessTable implements ProcessTable {
  readonly #boot = (textOf("/proc/sys/kernel/random/boot_id") ?? "").trim();

  identify(pid: number): ProcessId | undefined {
    const stat = statOf(pid);
    return stat && isLiving(stat) ? { pid, startTime: stat.startTime, boot: this.#boot } : undefined;
  }

  isAlive({ pid, startTime, boot }: ProcessId): boolean {
    return boot === this.#boot && this.identify(pid)?.startTime === startTime;
  }

  withVariable(name: string, value: string): readonly FoundProcess[] {
    return readdirSync("/proc").flatMap((entry): FoundProcess[] => {
      if (!/^\d+$/.test(entry)) return [];
      const text = textOf(`/proc/${entry}/environ`);
      if (!text?.includes(`${name}=${value}`)) return [];
      const environment = environmentOf(text);
      const stat = statOf(Number(entry));
      if (environment[name] !== value || !stat || !isLiving(stat)) return [];
      const id = { pid: Number(entry), startTime: stat.startTime, boot: this.#boot };
      return [{ id, group: stat.group, environment }];
    });
  }

  kill(id: ProcessId): void {
    if (!this.isAlive(id)) return;
    try {
      process.kill(id.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
