import { describe, expect, test } from "bun:test";
import { type CgroupLimits, readCgroupLimits } from "../../src/monitor/cgroup.ts";

const gibi = 2 ** 30;
const unlimited = "9223372036854771712\n";

const rows: { name: string; files: Record<string, string>; limits: CgroupLimits }[] = [
  { name: "no control groups", files: {}, limits: { memoryBytes: undefined, cores: undefined } },
  {
    name: "version 2 in a container that sees its own group as the top",
    files: {
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw,nsdelegate\n",
      "/sys/fs/cgroup/memory.max": `${gibi}\n`,
      "/sys/fs/cgroup/cpu.max": "150000 100000\n",
    },
    limits: { memoryBytes: gibi, cores: 1.5 },
  },
  {
    name: "version 2 in a service, where a group around it is tighter",
    files: {
      "/proc/self/cgroup": "0::/system.slice/rtmp.service\n",
      "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/system.slice/memory.max": `${gibi}\n`,
      "/sys/fs/cgroup/system.slice/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/system.slice/rtmp.service/memory.max": `${2 * gibi}\n`,
      "/sys/fs/cgroup/system.slice/rtmp.service/cpu.max": "50000 100000\n",
    },
    limits: { memoryBytes: gibi, cores: 0.5 },
  },
  {
    name: "version 2 without limits",
    files: {
      "/proc/self/cgroup": "0::/user.slice\n",
      "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/user.slice/memory.max": "max\n",
      "/sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
    },
    limits: { memoryBytes: undefined, cores: undefined },
  },
  {
    name: "version 1 in a container that sees the names of the machine",
    files: {
      "/proc/self/cgroup": "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
      "/proc/self/mountinfo": [
        "35 31 0:31 /docker/abc /sys/fs/cgroup/memory ro shared:5 - cgroup cgroup rw,memory",
        "32 31 0:32 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct",
      ].join("\n"),
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${gibi / 2}\n`,
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    },
    limits: { memoryBytes: gibi / 2, cores: 2 },
  },
  {
    name: "version 1 without limits",
    files: {
      "/proc/self/cgroup": "4:memory:/a\n1:cpu:/\n",
      "/proc/self/mountinfo": [
        "35 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
        "32 31 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
      ].join("\n"),
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": unlimited,
      "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": unlimited,
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    },
    limits: { memoryBytes: undefined, cores: undefined },
  },
  {
    name: "files that make no sense",
    files: {
      "/proc/self/cgroup": "0::/../../etc\nrubbish",
      "/proc/self/mountinfo": "rubbish\n30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/memory.max": "many",
      "/sys/fs/cgroup/cpu.max": "",
      "/sys/fs/cgroup/etc/memory.max": "",
    },
    limits: { memoryBytes: undefined, cores: undefined },
  },
];

describe("the limits of control groups", () => {
  for (const { name, files, limits } of rows)
    test(`are known with ${name}`, () => {
      expect(readCgroupLimits((path) => files[path])).toEqual(limits);
    });

  test("of this machine are none, or positive", () => {
    const { memoryBytes = 1, cores = 1 } = readCgroupLimits();
    expect([memoryBytes > 0, cores > 0]).toEqual([true, true]);
  });
});
