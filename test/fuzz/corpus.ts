import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyBytes } from "../../src/base/bytes.ts";
import type { Target } from "./target.ts";

const root = join(import.meta.dir, "corpus");

/** An input and the file it came from. */
export interface CorpusFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** The inputs kept for a target. */
export const corpusOf = (target: Target): CorpusFile[] => {
  const folder = join(root, target.name);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).sort();
  return files.map((file) => ({ file, bytes: copyBytes(readFileSync(join(folder, file))) }));
};

/** Writes an input to a target's corpus and gives the file's path. */
export const keep = (target: Target, kind: "crash" | "slow" | "reach", bytes: Uint8Array): string => {
  const folder = join(root, target.name);
  mkdirSync(folder, { recursive: true });
  const hash = createHash("sha256").update(bytes).digest("hex").substring(0, 16);
  const path = join(folder, `${kind}-${hash}.bin`);
  writeFileSync(path, bytes);
  return path;
};
