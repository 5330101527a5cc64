import { readFileSync } from "node:fs";

/** What the control groups of this process allow it; undefined where they set no limit. */
export interface CgroupLimits {
  readonly memoryBytes: number | undefined;
  /** Cores' worth of time, such as 1.5. */
  readonly cores: number | undefined;
}

/** Gives the text of a file; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** Reads files of this machine. */
export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** Version 1 has no word for "no limit", but a number close to 2^63. */
const unlimitedBytes = 2 ** 60;

/** Groups are not nested deeper than this. */
const maxDepth = 32;

/** Where a hierarchy is mounted, and which of its groups the mount shows as its top. */
interface Mount {
  readonly root: string;
  readonly point: string;
  /** `cgroup2`, or the controllers of version 1. */
  readonly controllers: readonly string[];
}

/** Lines are `36 25 0:31 /root /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`. */
const mountsOf = (mountinfo: string): Mount[] =>
  mountinfo.split("\n").flatMap((text) => {
    const [front = "", back = ""] = text.split(" - ");
    const [, , , root, point] = front.split(" ");
    const [type, , options = ""] = back.split(" ");
    if (root === undefined || point === undefined) return [];
    if (type === "cgroup2") return [{ root, point, controllers: ["cgroup2"] }];
    return type === "cgroup" ? [{ root, point, controllers: options.split(",") }] : [];
  });

/** The group of this process in each hierarchy. Lines are `4:memory:/path`, or `0::/path` for version 2. */
const groupsOf = (text: string): Map<string, string> => {
  const groups = new Map<string, string>();
  for (const entry of text.split("\n")) {
    const [, id, controllers = "", path] = /^(\d+):([^:]*):(.*)$/.exec(entry) ?? [];
    if (path === undefined) continue;
    for (const controller of id === "0" ? ["cgroup2"] : controllers.split(",")) groups.set(controller, path);
  }
  return groups;
};

/** The directories of a group and of all groups around it that this process can see. */
const directoriesOf = ({ root, point }: Mount, group: string): string[] => {
  const isBelow = root === "/" || group === root || group.startsWith(`${root}/`);
  const below = (isBelow ? group.substring(root === "/" ? 0 : root.length) : "")
    .split("/")
    .filter((part) => part !== "" && part !== "..")
    .slice(0, maxDepth);
  return [point, ...below.map((_, index) => [point, ...below.slice(0, index + 1)].join("/"))];
};

const least = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined && Number.isFinite(value) && value > 0);
  return known.length === 0 ? undefined : Math.min(...(known as number[]));
};

/** The tightest limits that hold for this process, of version 1 or 2. Elsewhere than on Linux there are none. */
export const readCgroupLimits = (read: ReadText = readText): CgroupLimits => {
  const groups = groupsOf(read("/proc/self/cgroup") ?? "");
  const mounts = mountsOf(read("/proc/self/mountinfo") ?? "");
  const directories = (controller: string): string[] =>
    mounts
      .filter(({ controllers }) => controllers.includes(controller))
      .flatMap((mount) => directoriesOf(mount, groups.get(controller) ?? "/"));
  const number = (path: string): number | undefined => {
    const text = read(path)?.trim();
    return text === undefined || text === "" || text === "max" ? undefined : Number(text);
  };
  const memory = [
    ...directories("cgroup2").map((directory) => number(`${directory}/memory.max`)),
    ...directories("memory").map((directory) => number(`${directory}/memory.limit_in_bytes`)),
  ].filter((bytes) => bytes === undefined || bytes < unlimitedBytes);
  const cores = [
    ...directories("cgroup2").map((directory) => {
      const [quota, period] = (read(`${directory}/cpu.max`) ?? "").trim().split(" ");
      return Number(quota) / Number(period);
    }),
    ...directories("cpu").map(
      (directory) =>
        (number(`${directory}/cpu.cfs_quota_us`) ?? -1) / (number(`${directory}/cpu.cfs_period_us`) ?? 1),
    ),
  ];
  return { memoryBytes: least(memory), cores: least(cores) };
};
