import { statfs } from "node:fs/promises";

/** How full the file system of `directory` is, in per cent of what this process may use; undefined where it cannot be read. */
export const diskPercent = async (directory: string): Promise<number | undefined> => {
  try {
    const { blocks, bfree, bavail } = await statfs(directory);
    const used = blocks - bfree;
    return used + bavail > 0 ? (used / (used + bavail)) * 100 : undefined;
  } catch {
    return undefined;
  }
};
