import { readdirSync, readFileSync } from "node:fs";

/** What a process and its descendants have used so far. */
export interface Usage {
  /** User and system time since they started. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** Linux reports CPU times in units of USER_HZ, which is 100 on every architecture Bun runs on. */
export const ticksPerSecond = 100;

interface ProcessStat {
  readonly parent: number;
  readonly cpuSeconds: number;
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined; // the process ended meanwhile
  }
};

/** The fields of /proc/PID/stat behind the name, which may itself hold blanks and brackets. proc(5). */
const readStat = (pid: number): ProcessStat | undefined => {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text
    .substring(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0] = [fields[11], fields[12]];
  return { parent, cpuSeconds: (user + system) / ticksPerSecond };
};

const residentBytes = (pid: number): number => {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kilobytes ?? 0) * 1024;
};

/** The ids of `pid` and of all its living descendants. */
export const processTree = (pid: number): readonly number[] => {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = readStat(Number(entry))?.parent;
    if (parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
};

/** What `pid` and its living descendants have used so far. */
export const usageOf = (pid: number): Usage => {
  let cpuSeconds = 0;
  let resident = 0;
  for (const member of processTree(pid)) {
    cpuSeconds += readStat(member)?.cpuSeconds ?? 0;
    resident += residentBytes(member);
  }
  return { cpuSeconds, residentBytes: resident };
};

/** How many files the most limited process of the tree may open (soft limit). */
export const openFileLimit = (pid: number): number => {
  const limits = processTree(pid).map((member) => {
    const soft = /^Max open files\s+(\S+)/m.exec(readText(`/proc/${member}/limits`) ?? "")?.[1];
    return soft === undefined || soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
  });
  return Math.min(...limits);
};

/** Time a core has spent since boot, in ticks. */
export interface CoreTimes {
  readonly busy: number;
  /** Taken by other guests of the host, which makes every figure worse. */
  readonly stolen: number;
  readonly total: number;
}

/** The times of core number `core`, from /proc/stat. */
export const coreTimes = (core: number): CoreTimes => {
  const line =
    readText("/proc/stat")
      ?.split("\n")
      .find((text) => text.startsWith(`cpu${core} `)) ?? "";
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, stolen = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + softIrq;
  return { busy, stolen, total: busy + idle + wait + stolen };
};
