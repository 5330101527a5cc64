import { readdirSync } from "node:fs";
import { type ReadText, readText } from "./cgroup.ts";

/** How many files and sockets this process has open, in per cent of what it may; undefined where that cannot be known. */
export const openFilesPercent = (read: ReadText = readText): number | undefined => {
  const limit = /^Max open files\s+(\d+)/m.exec(read("/proc/self/limits") ?? "")?.[1];
  if (limit === undefined) return undefined;
  try {
    return (readdirSync("/proc/self/fd").length / Number(limit)) * 100;
  } catch {
    return undefined;
  }
};
