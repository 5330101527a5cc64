import { rmdir } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";

/** Removes a folder and those above it while they are empty, but for the root and what is above. */
export const removeEmptyFolders = async (folder: string, root: string): Promise<void> => {
  const top = resolve(root);
  for (let place = resolve(folder); place.startsWith(`${top}${sep}`); place = dirname(place)) {
    try {
      await rmdir(place);
    } catch {
      // It is not empty, or not ours to remove: then nor are those above.
      return;
    }
  }
};
