import { statfs } from "node:fs/promises";
import type { MetricFamily } from "../../base/exposition.ts";
import { type Entry, gauge } from "../../base/metric-family.ts";

/** Room on the disks that are written to. A directory that cannot be read is left out. */
export const diskMetrics = async (directories: Iterable<string>): Promise<MetricFamily[]> => {
  const read = [...new Set(directories)].map(async (directory) => {
    const stats = await statfs(directory).catch(() => undefined);
    return stats && { directory, free: stats.bavail * stats.bsize, size: stats.blocks * stats.bsize };
  });
  const disks = (await Promise.all(read)).filter((disk) => disk !== undefined);
  return [
    gauge(
      "rtmp_disk_free_bytes",
      "Room that this process may still use on the disk of a directory",
      disks.map(({ directory, free }): Entry => [{ directory }, free]),
    ),
    gauge(
      "rtmp_disk_size_bytes",
      "Size of the disk of a directory",
      disks.map(({ directory, size }): Entry => [{ directory }, size]),
    ),
  ];
};
