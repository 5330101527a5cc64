import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diskError } from "../../sqlite/database-file.ts";

/**
 * What the processes of a directory's orchestrators are marked with, the same for ever. It lies beside the database, so that processes are
 * found, too, that belong to a database that was damaged and set aside.
 * @throws TransportError DISK
 */
export const instanceOf = (directory: string): string => {
  const file = join(directory, "orchestrator.id");
  try {
    const known = readExisting(file);
    if (/^[\w-]{16,}$/.test(known)) return known;
    const made = Bun.randomUUIDv7();
    writeFileSync(file, `${made}\n`, { mode: 0o600 });
    return made;
  } catch (error) {
    throw diskError(error);
  }
};

const readExisting = (file: string): string => {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
};
